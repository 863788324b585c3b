/**
 * The page: start at `/`, a call at `/r/<room>`.
 *
 * For tests and for those who link to a call, `/r/<room>` takes `?name=Ann&join=auto` (skip the
 * page before the call), `camera=off`, `microphone=off`, `width`, `height`, `fps` of the camera
 * picture, and `theme=light` or `dark`. Every page takes `?lang=de`. A token is taken from `#token=…`,
 * which browsers send to no server.
 */

import { SfuCall } from '../elements/sfu-call.js';
import { keepToken, tokenOf } from './hosting.js';
import { speak } from './language.js';
import { visited } from './recent.js';
import { newRoom, openRoom, startPage } from './start.js';

/** What the address says of the call, as it is. */
const TAKEN = ['name', 'join', 'camera', 'microphone', 'theme'];

const parameters = new URLSearchParams(location.search);

/**
 * @param {string} name
 * @param {number} usual
 */
function ideal(name, usual) {
  const value = Number(parameters.get(name));
  return { ideal: Number.isFinite(value) && value > 0 ? value : usual };
}

/** @param {string} room */
function roomPage(room) {
  const element = new SfuCall();
  element.cameraConstraints = {
    width: ideal('width', 1280),
    height: ideal('height', 720),
    frameRate: ideal('fps', 30),
  };
  for (const name of TAKEN) {
    const value = parameters.get(name);
    if (value !== null) element.setAttribute(name, value);
  }
  const given = new URLSearchParams(location.hash.slice(1)).get('token');
  if (given) {
    keepToken(room, given);
    // Not to be read over a shoulder, nor copied with the address.
    history.replaceState(history.state, '', location.pathname + location.search);
  }
  const token = tokenOf(room);
  if (token) element.setAttribute('token', token);
  element.setAttribute('room', room);
  element.setAttribute('home', '/');
  element.setAttribute('link', location.pathname);
  element.addEventListener('sfu-state', () => {
    mirror(element);
    if (element.state === 'call') visited(room, []);
    if (!['bad-token', 'token-expired'].includes(element.reason)) return;
    // It is worth nothing (any more), or the server is not the one that gave it.
    keepToken(room, '');
    element.removeAttribute('token');
  });
  element.addEventListener('sfu-participants', (event) => {
    const { participants } = /** @type {CustomEvent} */ (event).detail;
    visited(room, participants.map((/** @type {{name: string}} */ { name }) => name));
  });
  element.addEventListener('sfu-new-call', (event) => {
    /** @type {CustomEvent} */ (event).detail.until(newRoom().then(openRoom));
  });
  document.querySelector('#place')?.append(element);
  // For whoever looks into a call from the console.
  Object.assign(window, {
    parley: {
      get call() {
        return element.call;
      },
    },
  });
}

/**
 * The page says what its one call shows: for its own styles, and for tests.
 * @param {SfuCall} element
 */
function mirror({ state, reason }) {
  const { dataset } = document.body;
  dataset.state = state;
  if (reason) dataset.errorCode = reason;
  else delete dataset.errorCode;
}

speak(parameters.get('lang') ?? '');
const room = /^\/r\/([A-Za-z0-9_-]+)\/?$/.exec(location.pathname)?.[1];
if (room) roomPage(room);
else startPage();
