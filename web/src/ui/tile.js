/** One tile: a person's picture (or initials), sound, name, and marks. */

import { icon } from './icons.js';
import { displayName, initials } from './sentences.js';

/** @typedef {import('./layout.js').Rectangle} Rectangle */

/**
 * @typedef {object} TileState
 * @property {string} participant
 * @property {string} name
 * @property {string} source
 * @property {boolean} self
 * @property {boolean} dark no picture to show
 * @property {boolean} silent microphone muted or absent
 * @property {boolean} speaking
 * @property {MediaStream | null} stream
 */

export class Tile {
  #dark = true;
  /** Counts what was waited for, so that only the latest counts. */
  #waits = 0;
  #waiting = false;
  #avatar = document.createElement('span');
  #text = document.createElement('span');

  constructor() {
    this.element = document.createElement('article');
    this.element.className = 'tile dark';
    this.video = document.createElement('video');
    this.video.autoplay = true;
    this.video.playsInline = true;
    this.video.muted = true;
    // Sound has an element of its own: Chromium plays none of a video element before its first
    // picture, and somebody whose camera is off never sends one.
    this.audio = document.createElement('audio');
    const avatar = document.createElement('div');
    avatar.className = 'avatar';
    avatar.setAttribute('aria-hidden', 'true');
    avatar.append(this.#avatar);
    const label = document.createElement('div');
    label.className = 'label';
    this.#text.className = 'text';
    this.#text.dir = 'auto';
    label.append(icon('microphone-off'), this.#text);
    this.element.append(this.video, this.audio, avatar, label);
    this.video.addEventListener('resize', () => {
      const { videoWidth, videoHeight } = this.video;
      this.element.classList.toggle('upright', videoHeight > videoWidth);
    });
  }

  /** @param {TileState} state */
  show(state) {
    const { element, video } = this;
    const name = displayName(state.name);
    const label = state.self ? `${name} (you)` : name;
    element.dataset.participant = state.participant;
    element.dataset.name = state.name;
    element.dataset.source = state.source;
    if (state.self) element.dataset.self = '';
    else if (this.audio.srcObject !== state.stream) this.audio.srcObject = state.stream;
    element.classList.toggle('silent', state.silent);
    element.classList.toggle('speaking', state.speaking);
    element.setAttribute('aria-label', state.silent ? `${label}, microphone off` : label);
    this.#text.textContent = label;
    this.#avatar.textContent = initials(name);
    this.#avatar.style.setProperty('--hue', String(hue(state.participant)));
    const dark = state.dark || !state.stream;
    const other = video.srcObject !== state.stream;
    if (other) video.srcObject = state.stream;
    if (!dark && (other || this.#dark)) this.#awaitPicture();
    this.#dark = dark;
    this.#cover();
  }

  /**
   * Keep the initials until the next picture: a slot's stream may still hold the last one of
   * whoever was in it before.
   */
  #awaitPicture() {
    const { video } = this;
    const wait = (this.#waits += 1);
    const seen = () => {
      if (wait !== this.#waits) return;
      this.#waiting = false;
      this.#cover();
    };
    this.#waiting = true;
    if (typeof video.requestVideoFrameCallback === 'function') video.requestVideoFrameCallback(seen);
    else video.addEventListener('timeupdate', seen, { once: true });
  }

  #cover() {
    this.element.classList.toggle('dark', this.#dark || this.#waiting);
  }

  /** @param {Rectangle} place */
  move(place) {
    const { style } = this.element;
    style.left = `${place.left}px`;
    style.top = `${place.top}px`;
    style.width = `${place.width}px`;
    style.height = `${place.height}px`;
  }

  remove() {
    this.video.srcObject = null;
    this.audio.srcObject = null;
    this.element.remove();
  }
}

/**
 * A colour that stays with a participant.
 * @param {string} text
 */
function hue(text) {
  let sum = 0;
  for (const letter of text) sum = (sum * 31 + letter.charCodeAt(0)) % 360;
  return sum;
}
