/** What the page shows of the others' pictures, and when the server is told. */

/** @typedef {import('./messages.d.ts').Source} Source */
/** @typedef {import('./messages.d.ts').Track} Track */
/** @typedef {import('./messages.d.ts').Wish} TrackWish */

/**
 * @typedef {object} Wish how the page shows one picture
 * @property {string} participant
 * @property {Source} source `camera` or `screen`
 * @property {number} height of the picture in device pixels, 0 when nobody sees it
 * @property {number} [priority] 0 to 100, larger first
 * @property {boolean} [pinned]
 */

/** A window that is being resized wishes with every frame; that often is soon enough. */
const PAUSE_SECONDS = 0.2;
/** The most the protocol takes, as many as there can be cameras in the largest room. */
const MAX_WISHES = 1000;
/** No screen is higher than 8K held upright; the protocol takes no more. */
const MAX_HEIGHT = 8640;

/** Says only what has changed: the first change at once, then the latest at most every 200 ms. */
export class Wishes {
  /** @type {readonly Wish[]} */
  #wishes = [];
  #running = false;
  /** What the server was told last, as text to compare. */
  #told = '';
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #pause;

  /**
   * @param {(participant: string, source: Source) => Track | undefined} find what is sent now
   * @param {(tracks: TrackWish[]) => void} tell
   */
  constructor(find, tell) {
    this.find = find;
    this.tell = tell;
  }

  /** @param {readonly Wish[]} wishes all of them, in place of those before */
  show(wishes) {
    this.#wishes = wishes.slice(0, MAX_WISHES);
    this.refresh();
  }

  /**
   * From now on the server is told.
   * @param {boolean} [known] whether it has heard of wishes before; who is new has none
   */
  start(known = false) {
    this.stop();
    this.#running = true;
    this.#told = known ? '' : '[]';
    this.refresh();
  }

  /** Nobody is there to be told. */
  stop() {
    this.#running = false;
    clearTimeout(this.#pause);
    this.#pause = undefined;
  }

  /** Others may have begun or ended to send something. */
  refresh() {
    if (!this.#running || this.#pause !== undefined) return;
    const tracks = this.#tracks();
    const text = JSON.stringify(tracks);
    if (text === this.#told) return;
    this.#told = text;
    this.#pause = setTimeout(() => {
      this.#pause = undefined;
      this.refresh();
    }, PAUSE_SECONDS * 1000);
    this.tell(tracks);
  }

  /** @returns {TrackWish[]} one for each track; pictures that nobody sends are left out */
  #tracks() {
    /** @type {Map<string, TrackWish>} */
    const tracks = new Map();
    for (const { participant, source, height, priority = 0, pinned = false } of this.#wishes) {
      const track = this.find(participant, source);
      if (track?.kind !== 'video') continue;
      const whole = Math.min(Math.round(height), MAX_HEIGHT);
      tracks.set(track.id, { id: track.id, height: whole, priority, pinned });
    }
    return [...tracks.values()];
  }
}
