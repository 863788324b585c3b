/** One tile: a person's picture (or initials), sound, name, and marks. */

import { icon } from './icons.js';
import { displayName, initials, tileLabel } from './sentences.js';
import { USUAL_ASPECT, shownHeight } from './shown.js';
import { Sound } from './sound.js';
import { number, t } from './text.js';

/** @typedef {import('./layout.js').Rectangle} Rectangle */
/** @typedef {import('./quality.js').Mark} Mark */
/** @typedef {import('./tilestates.js').TileState} TileState */

/** As long as tile.css moves it. */
const REACTION_SECONDS = 4;
/** More at once hide the picture. */
const MOST_REACTIONS = 5;

export class Tile {
  #dark = true;
  /** Counts what was waited for, so that only the latest counts. */
  #waits = 0;
  #waiting = false;
  #avatar = document.createElement('span');
  #text = document.createElement('span');
  #mark = document.createElement('div');
  #hand = document.createElement('div');
  #reactions = document.createElement('div');
  #note = document.createElement('p');
  #shownMark = '';
  #lane = 0;
  #pin = document.createElement('button');
  /** @type {TileState | null} what it shows now */
  state = null;
  /** @type {Rectangle | null} where it is, or is on its way to */
  place = null;
  large = false;
  pinned = false;

  /** @param {() => void} onpin the person wants it large, or no more */
  constructor(onpin) {
    this.element = document.createElement('article');
    this.element.className = 'tile dark';
    this.element.setAttribute('part', 'tile');
    this.video = document.createElement('video');
    this.video.autoplay = true;
    this.video.playsInline = true;
    this.video.muted = true;
    // Sound has an element of its own: Chromium plays none of a video element before its first
    // picture, and somebody whose camera is off never sends one.
    this.audio = document.createElement('audio');
    this.sound = new Sound(this.audio);
    const avatar = document.createElement('div');
    avatar.className = 'avatar';
    avatar.setAttribute('aria-hidden', 'true');
    avatar.append(this.#avatar);
    const label = document.createElement('div');
    label.className = 'label';
    this.#text.className = 'text';
    this.#text.dir = 'auto';
    label.append(icon('microphone-off'), this.#text);
    this.#mark.className = 'mark';
    this.#note.className = 'note';
    this.#note.setAttribute('aria-hidden', 'true'); // the tile's label says it
    this.#pin.type = 'button';
    this.#pin.className = 'pin';
    this.#pin.append(icon('pin'));
    this.#pin.addEventListener('click', onpin);
    // The tile's label says what is in the corner; what floats by is announced.
    this.#hand.className = 'hand';
    this.#hand.setAttribute('aria-hidden', 'true');
    this.#reactions.className = 'floating';
    this.#reactions.setAttribute('aria-hidden', 'true');
    const corner = document.createElement('div');
    corner.className = 'corner';
    corner.append(this.#hand, this.#mark);
    this.element.append(this.video, this.audio, avatar, this.#note, label);
    this.element.append(corner, this.#reactions, this.#pin);
    this.video.addEventListener('resize', () => {
      const { videoWidth, videoHeight } = this.video;
      this.element.classList.toggle('upright', videoHeight > videoWidth);
    });
  }

  /** @param {TileState} state */
  show(state) {
    const { element, video } = this;
    this.state = state;
    const name = displayName(state.name);
    const label = tileLabel(state);
    element.dataset.participant = state.participant;
    element.dataset.name = state.name;
    element.dataset.source = state.source;
    if (state.self) element.dataset.self = '';
    else this.sound.play(state.stream);
    element.classList.toggle('silent', state.silent);
    element.classList.toggle('speaking', state.speaking);
    const remarks = [
      label,
      state.silent ? t('tile.microphone-off') : '',
      state.hand ? t('hands.place', { place: state.hand }) : '',
      state.mark?.sentence ?? '',
    ];
    element.setAttribute('aria-label', remarks.filter(Boolean).join(', '));
    this.#paintMark(state.mark);
    this.#paintHand(state.hand);
    this.#text.textContent = label;
    this.#pin.setAttribute('aria-label', t('tile.pin', { label }));
    this.#pin.title = t('tile.pin', { label });
    this.#avatar.textContent = initials(name);
    this.#avatar.style.setProperty('--hue', String(hue(state.participant)));
    const dark = state.dark || !state.stream;
    const other = video.srcObject !== state.stream;
    if (other) video.srcObject = state.stream;
    if (!dark && (other || this.#dark)) this.#awaitPicture();
    this.#dark = dark;
    this.#cover();
  }

  /** @param {Mark | null} mark */
  #paintMark(mark) {
    const key = mark ? `${mark.bars} ${mark.sentence}` : '';
    if (key === this.#shownMark) return;
    this.#shownMark = key;
    this.element.classList.toggle('paused', mark?.paused ?? false);
    this.#mark.replaceChildren(...(mark ? [icon(`bars-${mark.bars}`)] : []));
    this.#mark.title = mark?.sentence ?? '';
    this.#note.textContent = mark?.paused ? mark.sentence : '';
  }

  /** @param {number} place */
  #paintHand(place) {
    const text = place ? number(place) : '';
    if (this.#hand.textContent === text) return;
    this.#hand.replaceChildren(...(place ? [icon('hand'), text] : []));
  }

  /** @param {string} glyph shown over the picture for a moment */
  react(glyph) {
    const shown = document.createElement('span');
    shown.textContent = glyph;
    // Beside each other, not one on the other.
    shown.style.setProperty('--lane', String(this.#lane));
    this.#lane = (this.#lane + 1) % MOST_REACTIONS;
    this.#reactions.append(shown);
    if (this.#reactions.children.length > MOST_REACTIONS) this.#reactions.firstChild?.remove();
    setTimeout(() => shown.remove(), REACTION_SECONDS * 1000);
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

  /** How high the picture is in device pixels; 0 when there is none to see. */
  get shownHeight() {
    const { state, place, video } = this;
    if (!place || !state || state.dark) return 0;
    const full = this.#isFull;
    const tile = full ? { width: innerWidth, height: innerHeight } : place;
    const picture = { width: video.videoWidth, height: video.videoHeight };
    const whole = full || state.source === 'screen' || picture.height > picture.width;
    return shownHeight(tile, picture, whole ? 'contain' : 'cover', devicePixelRatio);
  }

  /** Within a shadow root the document knows only its host. */
  get #isFull() {
    const root = this.element.getRootNode();
    return root instanceof ShadowRoot && root.fullscreenElement === this.element;
  }

  /** Width by height, where that is to be kept: of a screen everything is shown. */
  get aspect() {
    if (this.state?.source !== 'screen') return null;
    const { videoWidth, videoHeight } = this.video;
    return videoWidth && videoHeight ? videoWidth / videoHeight : USUAL_ASPECT;
  }

  /**
   * @param {Rectangle | null} place null: it is on another page
   * @param {{large: boolean, pinned: boolean}} role
   */
  move(place, { large, pinned }) {
    this.place = place;
    this.large = large;
    this.pinned = pinned;
    this.element.hidden = !place;
    this.element.classList.toggle('large', large);
    this.#pin.setAttribute('aria-pressed', String(pinned));
    if (!place) return;
    const { style } = this.element;
    style.left = `${place.left}px`;
    style.top = `${place.top}px`;
    style.width = `${place.width}px`;
    style.height = `${place.height}px`;
  }

  /** All of the display for this tile, or back. A phone may know it only of its picture. */
  async toggleFullscreen() {
    const { element, video } = this;
    if (this.#isFull) await document.exitFullscreen();
    else if (element.requestFullscreen) await element.requestFullscreen();
    else /** @type {any} */ (video).webkitEnterFullscreen?.();
  }

  remove() {
    this.video.srcObject = null;
    this.sound.play(null);
    this.element.remove();
  }
}

/**
 * A colour that stays with a participant.
 * @param {string} text
 */
export function hue(text) {
  let sum = 0;
  for (const letter of text) sum = (sum * 31 + letter.charCodeAt(0)) % 360;
  return sum;
}
