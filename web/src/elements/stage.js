/** All tiles of a call: one for everybody, in stable places, as large as fits. */

import { layout } from './layout.js';
import { Order } from './order.js';
import { Pager } from './pager.js';
import { SelfView } from './selfview.js';
import { Tile } from './tile.js';
import { tileStates } from './tilestates.js';
import { View } from './view.js';

/** @typedef {import('../sdk/call.js').Call} Call */
/** @typedef {import('./tilestates.js').Self} Self */

/** What the server serves first, should it not be enough for all; speakers it knows by itself. */
const PRIORITY = { pinned: 100, large: 50, other: 0 };

/** In pixels: about the size of such a window. */
const OUTSIDE_HEIGHT = 360;

/**
 * Emits `blocked` when the browser does not play sound before a click, and `view` when another
 * view is shown; `shown` after every change, and `self` when our picture floats now or no more.
 */
export class Stage extends EventTarget {
  /** @type {Map<string, Tile>} by key, in the order of their coming */
  #tiles = new Map();
  /** @type {Call | null} */
  #call = null;
  #view = new View();
  #order = new Order();
  /** Looks again whether somebody has been speaking unseen. @type {ReturnType<typeof setTimeout> | undefined} */
  #later;
  /** Whether the principal's picture is seen outside of the page. */
  #outside = false;
  /** @type {import('./speaker.js').Speaker | null} */
  #speaker = null;
  #pager;
  /** Whether one tile is large. */
  large = false;

  /**
   * @param {ShadowRoot} root
   * @param {HTMLElement} element
   * @param {AbortSignal} signal ends it
   */
  constructor(root, element, signal) {
    super();
    this.root = root;
    this.element = element;
    this.selfView = new SelfView(element);
    this.selfView.addEventListener('changed', () => {
      this.#arrange();
      this.dispatchEvent(new Event('self'));
    });
    this.#pager = new Pager(element, () => this.#arrange());
    const size = new ResizeObserver(() => this.#arrange());
    size.observe(element);
    signal.addEventListener('abort', () => size.disconnect());
    const wish = () => this.#wish();
    for (const event of ['visibilitychange', 'fullscreenchange']) {
      document.addEventListener(event, wish, { signal });
    }
    for (const event of ['enterpictureinpicture', 'leavepictureinpicture']) {
      element.addEventListener(event, wish, true);
    }
    // A picture has got another shape.
    element.addEventListener('resize', () => this.#arrange(), true);
    element.addEventListener('dblclick', ({ target }) => {
      const inside = target instanceof Element && !target.closest('button') ? target : null;
      const tile = [...this.#tiles.values()].find((each) => each.element.contains(inside));
      void tile?.toggleFullscreen().catch(() => {});
    });
    this.#watchPixels(signal);
  }

  /**
   * A window that goes to a finer screen shows more pixels in the same size.
   * @param {AbortSignal} signal
   */
  #watchPixels(signal) {
    matchMedia(`(resolution: ${devicePixelRatio}dppx)`).addEventListener(
      'change',
      () => {
        this.#wish();
        this.#watchPixels(signal);
      },
      { once: true, signal },
    );
  }

  /**
   * @param {Call} call
   * @param {Self} self
   */
  show(call, self) {
    this.#call = call;
    const states = new Map(tileStates(call, self).map((state) => [state.key, state]));
    for (const [key, tile] of this.#tiles) {
      if (!states.has(key)) {
        tile.remove();
        this.#tiles.delete(key);
      }
    }
    for (const [key, state] of states) {
      let tile = this.#tiles.get(key);
      if (!tile) {
        tile = new Tile(() => this.pin(key));
        this.#tiles.set(key, tile);
        this.element.append(tile.element);
        void this.#speaker?.give(tile.audio);
        if (state.self) this.selfView.adopt(tile.element);
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
    clearTimeout(this.#later);
    for (const tile of this.#tiles.values()) tile.remove();
    this.#tiles.clear();
    this.#call = null;
  }

  /** Whether our own picture floats over the others. */
  get floating() {
    return this.selfView.floating;
  }

  /** Whether it could. */
  get canFloat() {
    return this.#tiles.size > 1;
  }

  /** Whoever is to be seen first: large, else the last to speak, else anybody; with a picture. */
  get principal() {
    const seen = [...this.#tiles.values()].filter(
      ({ state }) => state && !state.self && !state.dark && state.stream,
    );
    const speaks = (/** @type {Tile} */ { state }) => state?.participant === this.#view.speaker;
    return seen.find(({ large }) => large) ?? seen.find(speaks) ?? seen[0] ?? null;
  }

  /** @param {boolean} outside whether the principal's picture is seen outside of the page */
  showOutside(outside) {
    this.#outside = outside;
    this.#wish();
  }

  /** @param {import('./speaker.js').Speaker} speaker that everybody is heard from */
  listenTo(speaker) {
    this.#speaker = speaker;
    for (const { audio } of this.#tiles.values()) void speaker.give(audio);
  }

  /** From the grid to one large tile, or back. */
  toggleView() {
    this.#view.toggle();
    this.#arrange();
  }

  /** @returns {Tile[]} all of them, in their order */
  get tiles() {
    return [...this.#tiles.values()];
  }

  /** Hold the tile large that the focus is in, else the one under the pointer; or no more. */
  pinChosen() {
    const key = this.#chosen();
    if (key) this.pin(key);
  }

  /** All of the display for the tile in focus or under the pointer, or the large one; or back. */
  toggleFullscreen() {
    const tiles = [...this.#tiles.values()];
    const chosen = this.#tiles.get(this.#chosen() ?? '');
    const tile = chosen ?? tiles.find((each) => each.large) ?? tiles.at(-1);
    void tile?.toggleFullscreen().catch(() => {});
  }

  #chosen() {
    const tiles = [...this.#tiles];
    const found =
      tiles.find(([, { element }]) => element.contains(this.root.activeElement)) ??
      tiles.find(([, { element }]) => element.matches(':hover'));
    return found?.[0];
  }

  /** @param {string} key of the tile that is held large from now on, or no more */
  pin(key) {
    this.#view.pin(key);
    this.#arrange();
    this.dispatchEvent(new Event('view'));
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
    const moved = this.#place();
    clearTimeout(this.#later);
    const { swapped, wait } = this.#bringSpeakers();
    const again = swapped && this.#place();
    if (wait) this.#later = setTimeout(() => this.#arrange(), wait);
    this.#wish();
    this.dispatchEvent(new Event('shown'));
    if (moved || again) this.dispatchEvent(new Event('view'));
  }

  /** @returns {boolean} whether there is a large tile now and was none, or the other way round */
  #place() {
    const all = this.#order.sort([...this.#tiles]);
    const { mode, large } = this.#view.decide(this.#states, this.#speaking);
    const before = this.floating;
    this.selfView.decide(all.length > 1 && large !== 'self');
    const tiles = all.filter(([key]) => !(this.floating && key === 'self'));
    const shapes = tiles.map(([key, { aspect }]) => {
      const role = /** @type {'large' | 'small'} */ (key === large ? 'large' : 'small');
      return { aspect, role };
    });
    const { clientWidth, clientHeight } = this.element;
    const shown = layout(shapes, clientWidth, clientHeight, mode, this.#pager.page);
    const { places, page, pages } = shown;
    for (const [index, [key, tile]] of tiles.entries()) {
      const role = { large: key === large, pinned: key === this.#view.pinned };
      tile.move(places[index] ?? null, role);
    }
    if (this.floating) {
      this.#tiles.get('self')?.move(this.selfView.place, { large: false, pinned: false });
    }
    const beside = places[tiles.findIndex(([key]) => key === large)];
    this.#pager.show(page, pages, beside ? clientWidth - beside.left - beside.width : 0);
    if (before !== this.floating) this.dispatchEvent(new Event('self'));
    const other = this.large !== (mode !== 'grid');
    this.large = mode !== 'grid';
    return other;
  }

  /** Who speaks for some time comes to the first page; whoever looks at another wanted to. */
  #bringSpeakers() {
    const keys = (/** @type {boolean} */ seen) =>
      new Set([...this.#tiles].filter(([, each]) => Boolean(each.place) === seen).map(([key]) => key));
    const hidden = this.#pager.page === 0 ? keys(false) : new Set();
    const free = keys(true);
    for (const [key, { large }] of this.#tiles) if (large) free.delete(key);
    return this.#order.bring(this.#states, this.#speaking, free, hidden, performance.now());
  }

  get #states() {
    return [...this.#tiles.values()].flatMap(({ state }) => (state ? [state] : []));
  }

  get #speaking() {
    return this.#call?.speakers.map((each) => each.participant) ?? [];
  }

  /**
   * Tell the call how large each picture is. Nothing is seen of a page in the background, nor
   * behind a tile that has all of the display, but for a picture that was taken out of the page.
   */
  #wish() {
    const full = this.root.fullscreenElement;
    const covered = [...this.#tiles.values()].some(({ element }) => element === full);
    const wishes = [];
    const outside = this.#outside ? this.principal : null;
    for (const tile of this.#tiles.values()) {
      const { element, state, shownHeight, large, pinned } = tile;
      if (!state || state.self) continue;
      const { participant, source } = state;
      const inPage = !document.hidden && (!covered || element === full);
      const taken = this.root.pictureInPictureElement === tile.video; // by the browser's own menu
      const apart = tile === outside ? OUTSIDE_HEIGHT : 0;
      const height = Math.max(inPage || taken ? shownHeight : 0, apart);
      const priority = PRIORITY[pinned ? 'pinned' : large ? 'large' : 'other'];
      wishes.push({ participant, source, height, priority, pinned });
    }
    this.#call?.show(wishes);
  }
}
