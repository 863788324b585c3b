/** One connection to the server: from opening the WebSocket until it, or the media, are lost. */

import { Media } from './media.js';
import { sleep } from './retry.js';
import { Received, Signaling } from './signaling.js';

/** @typedef {import('./messages.d.ts').ClientMessage} ClientMessage */
/** @typedef {import('./messages.d.ts').Joined} Joined */

/** How long leaving waits for the server's word. */
const LEAVE_SECONDS = 0.5;
/** How long the way to the server may take before we call it lost. */
const JOIN_SECONDS = 10;

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
 * `lost` (a Lost), perhaps more than once. After `close` it emits nothing.
 */
export class Session extends EventTarget {
  #signaling;
  #closed = false;
  /** @type {Media | null} */
  media = null;

  /** @param {string} url of the server's `/ws` */
  constructor(url) {
    super();
    this.#signaling = new Signaling(url);
    this.#signaling.addEventListener('close', () => this.#emit(new Lost('unreachable')));
  }

  get peer() {
    return this.media?.peer ?? null;
  }

  /**
   * Enter a room. Rejects, after `lost`, when the connection ends before the server has answered.
   * @param {{room: string, name: string, token: string}} door the token may be empty
   */
  async join({ room, name, token }) {
    const deadline = setTimeout(() => this.#signaling.close(), JOIN_SECONDS * 1000);
    try {
      return await this.#signaling.join(room, name, token);
    } finally {
      clearTimeout(deadline);
    }
  }

  /**
   * The server let us in: get ready to send and to receive; the first `negotiate` begins it.
   * @param {Joined} joined
   * @param {import('./local.js').Local} local is published
   */
  start(joined, local) {
    this.#signaling.addEventListener('message', (event) => {
      this.#emit(new Received(/** @type {Received} */ (event).message));
    });
    const media = new Media(this.#signaling, joined, local);
    this.media = media;
    media.addEventListener('connected', () => this.#emit(new Event('connected')));
    media.addEventListener('lost', () => this.#emit(new Lost('no-media')));
    return media.peer;
  }

  /** Offer what has changed. */
  async negotiate() {
    try {
      await this.peer?.negotiate();
    } catch (error) {
      this.#emit(new Lost('bad-sdp', error instanceof Error ? error.message : ''));
    }
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
    this.#closed = true;
    // Frees our seat at once if the server still hears us.
    if (this.media) this.send({ type: 'leave' });
    this.media?.close();
    this.#signaling.close();
  }

  /** @param {Event} event */
  #emit(event) {
    if (!this.#closed) this.dispatchEvent(event);
  }
}
