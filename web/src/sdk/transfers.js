/** The transfers of a call, running and finished, as a page lists them. */

import { Transfer } from './transfer.js';

/** More at once are chosen by mistake. */
const MAX_UNFINISHED = 20;
/** Finished downloads hold their content in memory. */
const MAX_FINISHED = 20;
/** Faster than that nobody sees a bar move. */
const PROGRESS_SECONDS = 0.1;

export class Transfers {
  /** @type {Map<string, Transfer>} by key, in the order of their beginning */
  all = new Map();
  /** Bytes of the largest file that is taken. */
  limit = 10 * 1024 * 1024;
  #count = 0;
  #told = 0;

  /** @param {() => void} changed called for every change, of progress now and then */
  constructor(changed) {
    this.changed = changed;
  }

  /**
   * A further one; it has failed already when it is too large, or one too many.
   * @param {'up' | 'down'} direction
   * @param {string} name
   * @param {number} size
   * @param {(transfer: Transfer) => void} cancel
   */
  begin(direction, name, size, cancel) {
    const unfinished = [...this.all.values()].filter((each) => !each.finished).length;
    this.#count += 1;
    const transfer = new Transfer(`${direction}-${this.#count}`, direction, name, size, cancel);
    this.all.set(transfer.key, transfer);
    if (size > this.limit) this.finish(transfer, 'failed', 'too-large');
    else if (unfinished >= MAX_UNFINISHED) this.finish(transfer, 'failed', 'too-many-waiting');
    else this.changed();
    return transfer;
  }

  /** @param {Transfer} transfer to which the server listens now */
  run(transfer) {
    transfer.state = 'running';
    this.changed();
  }

  /** @param {Transfer} transfer that begins anew with the next connection */
  wait(transfer) {
    transfer.state = 'waiting';
    transfer.done = 0;
    this.changed();
  }

  /**
   * @param {Transfer} transfer
   * @param {number} done bytes
   */
  progress(transfer, done) {
    transfer.done = done;
    const now = Date.now();
    if (now - this.#told < PROGRESS_SECONDS * 1000) return;
    this.#told = now;
    this.changed();
  }

  /**
   * @param {Transfer} transfer
   * @param {'done' | 'cancelled' | 'failed'} state
   * @param {string} [code]
   */
  finish(transfer, state, code = '') {
    transfer.state = state;
    transfer.code = code;
    const finished = [...this.all.values()].filter((each) => each.finished);
    for (const { key } of finished.slice(0, -MAX_FINISHED)) this.all.delete(key);
    this.changed();
  }

  /** @param {Transfer} transfer that is finished */
  forget(transfer) {
    if (transfer.finished && this.all.delete(transfer.key)) this.changed();
  }
}
