/**
 * The page in a frame: the call of `/embed/<room>`, told what to do by the page around it.
 *
 * With `?origin=https://…` it waits for that page's `start` and talks with it, and with nobody else
 * (who may have it in a frame at all is said by the server's headers). Without, it takes what it
 * needs from its address, as `/r/<room>` does: `?name=Ann&lang=de&theme=dark`.
 */

import { ALL } from '../elements/devices.js';
import { remembered } from '../elements/memory.js';
import { SfuCall } from '../elements/sfu-call.js';
import { direction, language, onLanguage } from '../elements/text.js';
import { OPTIONS, isOrigin, readRequest, written } from './messages.js';
import { Reporter } from './reporter.js';

/** @typedef {import('./messages.js').News} News */
/** @typedef {import('./messages.js').Options} Options */
/** @typedef {import('./messages.js').Request} Request */

/** What stays with those whom the page around tells: it makes nobody a host. */
const ADDRESSED = OPTIONS.filter((name) => name !== 'token' && name !== 'link');

const parameters = new URLSearchParams(location.search);
const room = /^\/embed\/([A-Za-z0-9_-]+)\/?$/.exec(location.pathname)?.[1] ?? '';
const origin = parameters.get('origin') ?? '';
const element = new SfuCall();

/** @param {Options} options */
function set(options) {
  for (const name of OPTIONS) {
    const value = options[name];
    if (value === '') element.removeAttribute(name);
    else if (value !== undefined) element.setAttribute(name, value);
  }
}

/** Put the call into the page, unless it is there. */
function start() {
  if (element.isConnected) return;
  if (!element.lang && remembered('language')) element.lang = remembered('language');
  element.setAttribute('room', room);
  document.body.append(element);
}

/** @param {Request} request */
function act(request) {
  const { call } = element;
  switch (request.type) {
    case 'start':
      set(request.options);
      start();
      break;
    case 'set':
      set(request.options);
      break;
    case 'join':
      element.join();
      break;
    case 'leave':
      void element.leave();
      break;
    case 'mute':
      if (ALL.includes(request.source)) void element.mute(request.source, request.muted);
      break;
    case 'hand':
      call?.raiseHand(request.raised);
      break;
    case 'react':
      call?.react(request.reaction);
      break;
    case 'chat':
      call?.chat.send(request.text);
      break;
    case 'lock':
      call?.lock(request.locked);
      break;
    case 'mute-other':
      call?.muteOther(request.participant, request.source);
      break;
    case 'remove':
      call?.remove(request.participant);
      break;
    case 'end':
      call?.endForAll();
      break;
  }
}

/** @param {News} news */
function tell(news) {
  parent.postMessage(written(news), origin);
}

onLanguage(() => {
  document.documentElement.lang = language();
  document.documentElement.dir = direction();
});
if (parent !== window && isOrigin(origin)) {
  new Reporter(element, tell);
  addEventListener('message', (event) => {
    if (event.source !== parent || event.origin !== origin) return;
    const request = readRequest(event.data);
    if (request) act(request);
  });
  tell({ type: 'ready' });
} else {
  set(Object.fromEntries(ADDRESSED.map((name) => [name, parameters.get(name) ?? undefined])));
  start();
}
