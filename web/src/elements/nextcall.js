/** The call that somebody is about to join: the way to its server is made ready. */

import { Call } from '../sdk/call.js';

/** So often the way to the server is tried while somebody is about to join. */
const WARM_SECONDS = 5;

export class NextCall {
  /** On its way already. @type {{call: Call, socket: string, at: number} | null} */
  #warm = null;

  /**
   * Somebody may join at any moment; may be called again and again.
   * @param {string} socket address of the server
   */
  warmUp(socket) {
    if (this.#warm && this.#warm.socket !== socket) this.end();
    this.#warm ??= { call: new Call(socket), socket, at: 0 };
    if (Date.now() - this.#warm.at < WARM_SECONDS * 1000) return;
    this.#warm.at = Date.now();
    this.#warm.call.warmUp();
  }

  /**
   * @param {string} socket
   * @returns {Call} to be joined; the next one is another
   */
  take(socket) {
    const call = this.#warm?.socket === socket ? this.#warm.call : new Call(socket);
    this.#warm = null;
    return call;
  }

  /** Nobody joins. */
  end() {
    this.#warm?.call.leaveNow();
    this.#warm = null;
  }
}
