/** One file on its way from here or to here, as a page shows it. */

/**
 * @typedef {'waiting' | 'running' | 'done' | 'cancelled' | 'failed'} TransferState
 */

/** What a page sees of a transfer; the chat emits `transfers` whenever anything of it changes. */
export class Transfer {
  /** @type {TransferState} */
  state = 'waiting';
  /** Bytes that are through. */
  done = 0;
  /** Why it failed: one of `CODES`. */
  code = '';
  /** @type {Blob | null} the content, when a download is done */
  blob = null;
  /** @type {number | null} the server's number of the file; of an upload as soon as it has one */
  number = null;
  #cancel;

  /**
   * @param {string} key tells it from the others
   * @param {'up' | 'down'} direction
   * @param {string} name
   * @param {number} size in bytes
   * @param {(transfer: Transfer) => void} cancel
   */
  constructor(key, direction, name, size, cancel) {
    this.key = key;
    this.direction = direction;
    this.name = name;
    this.size = size;
    this.#cancel = cancel;
  }

  /** Whether nothing will change any more. */
  get finished() {
    return this.state !== 'waiting' && this.state !== 'running';
  }

  /** Stop it; does nothing when it is finished. */
  cancel() {
    if (!this.finished) this.#cancel(this);
  }
}
