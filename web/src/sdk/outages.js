/** Outages of the way to the server: since when, whether anybody has to know, and what they were. */

/**
 * @typedef {object} Outage
 * @property {Date} at when the connection was lost
 * @property {number} seconds until we were in the room again
 * @property {boolean} resumed whether sound and pictures went on
 */

/** Sound and pictures go on without the WebSocket: a shorter outage is nobody's business. */
const UNSEEN_SECONDS = 1;
/** The latest ones that are remembered. */
const MAX_OUTAGES = 20;

export class Outages {
  /** @type {Outage[]} oldest first */
  list = [];
  /** When the connection was lost (as of `Date.now()`); 0 when all is well. */
  since = 0;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;

  /** @param {() => void} show that there is one; may be called again and again */
  constructor(show) {
    this.show = show;
  }

  /**
   * There is no connection, perhaps still.
   * @param {boolean} mediaGoOn
   */
  begin(mediaGoOn) {
    this.since ||= Date.now();
    if (!mediaGoOn) this.show();
    else this.#timer ??= setTimeout(this.show, UNSEEN_SECONDS * 1000);
  }

  /**
   * We are in the room again.
   * @param {boolean} resumed otherwise all is well only when media get through
   */
  admitted(resumed) {
    this.#stop();
    if (!this.since) return;
    const seconds = (Date.now() - this.since) / 1000;
    this.list.push({ at: new Date(this.since), seconds, resumed });
    if (this.list.length > MAX_OUTAGES) this.list.shift();
    if (resumed) this.since = 0;
  }

  /** All is well, or over. */
  end() {
    this.#stop();
    this.since = 0;
  }

  #stop() {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}
