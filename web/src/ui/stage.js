/** All tiles of a call: one for everybody, in stable places, as large as fits. */

import { layout } from './layout.js';
import { markOf } from './quality.js';
import { Tile } from './tile.js';

/** @typedef {import('../sdk/call.js').Call} Call */
/** @typedef {import('./tile.js').TileState} TileState */
/** @typedef {{name: string, stream: MediaStream | null, cameraOff: boolean, microphoneOff: boolean}} Self */

export class Stage extends EventTarget {
  /** @type {Map<string, Tile>} by participant and source */
  #tiles = new Map();
  /** @type {Call | null} */
  #call = null;

  /**
   * Emits `blocked` when the browser does not play sound before a click.
   * @param {HTMLElement} element
   */
  constructor(element) {
    super();
    this.element = element;
    new ResizeObserver(() => this.#arrange()).observe(element);
    const wish = () => this.#wish();
    document.addEventListener('visibilitychange', wish);
    for (const event of ['enterpictureinpicture', 'leavepictureinpicture', 'resize']) {
      element.addEventListener(event, wish, true); // `resize`: a picture has got another shape
    }
    this.#watchPixels();
  }

  /** A window that goes to a finer screen shows more pixels in the same size. */
  #watchPixels() {
    matchMedia(`(resolution: ${devicePixelRatio}dppx)`).addEventListener(
      'change',
      () => {
        this.#wish();
        this.#watchPixels();
      },
      { once: true },
    );
  }

  /**
   * @param {Call} call
   * @param {Self} self
   */
  show(call, self) {
    this.#call = call;
    const states = new Map(tileStates(call, self).map((state) => [keyOf(state), state]));
    for (const [key, tile] of this.#tiles) {
      if (!states.has(key)) {
        tile.remove();
        this.#tiles.delete(key);
      }
    }
    for (const [key, state] of states) {
      let tile = this.#tiles.get(key);
      if (!tile) {
        tile = new Tile();
        this.#tiles.set(key, tile);
        this.element.append(tile.element);
      }
      tile.show(state);
      if (!state.self && state.stream) this.#play(tile);
    }
    this.#arrange();
  }

  /** Try again to play everything, from a click. */
  playAll() {
    for (const { video, audio } of this.#tiles.values()) {
      if (video.srcObject) void video.play().catch(() => {});
      if (audio.srcObject) void audio.play().catch(() => {});
    }
  }

  clear() {
    for (const tile of this.#tiles.values()) tile.remove();
    this.#tiles.clear();
    this.#call = null;
  }

  /** @param {Tile} tile */
  #play(tile) {
    if (!tile.audio.paused) return;
    tile.audio.play().catch((error) => {
      if (error instanceof DOMException && error.name === 'NotAllowedError') {
        this.dispatchEvent(new Event('blocked'));
      }
    });
  }

  #arrange() {
    const places = layout(this.#tiles.size, this.element.clientWidth, this.element.clientHeight);
    let index = 0;
    for (const tile of this.#tiles.values()) {
      tile.move(places[index] ?? null);
      index += 1;
    }
    this.#wish();
  }

  /**
   * Tell the call how large each picture is; nothing is seen of a page in the background, but for
   * a picture that was taken out of it. Tiles are always all on the stage: it does not scroll.
   */
  #wish() {
    const wishes = [];
    for (const { state, video, shownHeight } of this.#tiles.values()) {
      if (!state || state.self) continue;
      const seen = !document.hidden || document.pictureInPictureElement === video;
      const { participant, source } = state;
      wishes.push({ participant, source, height: seen ? shownHeight : 0 });
    }
    this.#call?.show(wishes);
  }
}

/** @param {TileState} state */
function keyOf(state) {
  return `${state.participant} ${state.source}`;
}

/**
 * @param {Call} call
 * @param {Self} self
 * @returns {TileState[]}
 */
function tileStates(call, self) {
  const speaking = new Set(call.speakers.map((each) => each.participant));
  const cameraMark = (
    /** @type {string} */ participant,
    /** @type {string} */ name,
    /** @type {boolean} */ dark,
    /** @type {boolean} */ silent,
  ) => {
    const picture = dark ? undefined : call.quality.get(`${participant} camera`);
    const sound = silent ? undefined : call.quality.get(`${participant} microphone`);
    return markOf([picture, sound], name, participant === call.you);
  };
  const pictures = new Map(call.pictures.map((each) => [`${each.participant} ${each.source}`, each]));
  /** @type {TileState[]} */
  const states = [
    {
      participant: call.you || 'you',
      name: self.name,
      source: 'camera',
      self: true,
      dark: self.cameraOff,
      silent: self.microphoneOff,
      speaking: speaking.has(call.you),
      mark: cameraMark(call.you, self.name, self.cameraOff, self.microphoneOff),
      stream: self.stream,
    },
  ];
  for (const other of call.participants.values()) {
    const track = (/** @type {string} */ source) =>
      other.tracks.find((each) => each.source === source && !each.muted);
    const [dark, silent] = [!track('camera'), !track('microphone')];
    states.push({
      participant: other.id,
      name: other.name,
      source: 'camera',
      self: false,
      dark,
      silent,
      speaking: speaking.has(other.id),
      mark: cameraMark(other.id, other.name, dark, silent),
      stream: pictures.get(`${other.id} camera`)?.stream ?? null,
    });
    if (track('screen')) {
      states.push({
        participant: other.id,
        name: other.name,
        source: 'screen',
        self: false,
        dark: false,
        silent: false,
        speaking: false,
        mark: markOf([call.quality.get(`${other.id} screen`)], other.name, false),
        stream: pictures.get(`${other.id} screen`)?.stream ?? null,
      });
    }
  }
  return states;
}
