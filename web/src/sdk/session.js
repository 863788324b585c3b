/** One connection to the server: from opening the WebSocket until it, or the media, are lost. */

import { Media, Refused } from './media.js';
import { sleep } from './retry.js';
import { BROKEN, Received, Signaling } from './signaling.js';

/** @typedef {import('./messages.d.ts').ClientMessage} ClientMessage */
/** @typedef {import('./messages.d.ts').Joined} Joined */

/** How long leaving waits for the server's word. */
const LEAVE_SECONDS = 0.5;

/** The connection, or what it was for, is gone. */
export class Lost extends Event {
  /**
   * @param {'unreachable' | 'no-media' | 'bad-sdp'} code what failed: the way to the server, that
   *   of sound and pictures, or the agreement on them
   * @param {string} message
   */
  constructor(code, message = '') {
    super('lost');
    this.code = code;
    this.message = message;
  }
}

/**
 * Emits `message` (a Received) from the joining on, `connected` each time media gets through, and
 * `lost` (a Lost), perhaps more than once. After `close` or `drop` it emits nothing.
 */
export class Session extends EventTarget {
  #signaling;
  #over = new AbortController();
  /** @type {Media | null} */
  media = null;

  /** @param {string} url of the server's `/ws` */
  constructor(url) {
    super();
    this.#signaling = new Signaling(url);
    this.#signaling.addEventListener('close', () => this.#emit(new Lost('unreachable')));
  }

  /**
   * Enter a room. Rejects, after `lost`, when the connection ends before the server has answered.
   * @param {import('./signaling.js').Door} door
   * @param {number} patience seconds that this may take, unless somebody has to let us in
   * @param {(hosted: boolean) => void} waits we have to be let in, and whether anybody can do so
   */
  async join(door, patience, waits) {
    const deadline = setTimeout(() => this.#signaling.close(BROKEN), patience * 1000);
    try {
      let reply = await this.#signaling.join(door);
      while (reply.type === 'waiting') {
        clearTimeout(deadline);
        waits(reply.hosted);
        reply = await this.#signaling.reply();
      }
      return reply;
    } finally {
      clearTimeout(deadline);
    }
  }

  /**
   * The server let us in: get ready to send and to receive; `negotiate` of the media begins it.
   * @param {Joined} joined
   * @param {import('./local.js').Local} local is published
   */
  start(joined, local) {
    const media = new Media(this.#signaling, joined, local);
    this.#begin(media);
    return media.peer;
  }

  /**
   * @param {Media} media that the server still has: go on with it
   * @param {Joined} joined
   */
  adopt(media, joined) {
    this.#begin(media);
    media.attach(this.#signaling, joined.iceServers);
  }

  /** @param {ClientMessage} message */
  send(message) {
    this.#signaling.send(message);
  }

  /** Leave; resolves when the server knows, or soon anyway. */
  async leave() {
    const closed = this.#signaling.next('closed').catch(() => {});
    this.send({ type: 'leave' });
    await Promise.race([closed, sleep(LEAVE_SECONDS)]);
  }

  close() {
    this.#over.abort();
    // Frees our seat at once if the server still hears us.
    if (this.media) this.send({ type: 'leave' });
    this.media?.close();
    this.#signaling.close();
  }

  /**
   * Let go of a connection that broke, without leaving.
   * @returns {Media | null} which may go on
   */
  drop() {
    this.#over.abort();
    this.#signaling.close(BROKEN);
    this.media?.detach();
    return this.media;
  }

  /** @param {Media} media */
  #begin(media) {
    const { signal } = this.#over;
    this.media = media;
    this.#signaling.addEventListener('message', (event) => {
      this.#emit(new Received(/** @type {Received} */ (event).message));
    });
    media.addEventListener('connected', () => this.#emit(new Event('connected')), { signal });
    media.addEventListener('lost', () => this.#emit(new Lost('no-media')), { signal });
    media.addEventListener(
      'refused',
      (event) => this.#emit(new Lost('bad-sdp', /** @type {Refused} */ (event).message)),
      { signal },
    );
  }

  /** @param {Event} event */
  #emit(event) {
    if (!this.#over.signal.aborted) this.dispatchEvent(event);
  }
}
