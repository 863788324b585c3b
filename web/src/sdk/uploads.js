/** The files we send, one at a time. */

import { newId } from './ownid.js';
import { upload } from './pieces.js';

/** @typedef {import('./messages.d.ts').DataClientMessage} DataClientMessage */
/** @typedef {import('./messages.d.ts').Said} Said */
/** @typedef {import('./transfer.js').Transfer} Transfer */

/**
 * @typedef {object} Upload
 * @property {Transfer} transfer
 * @property {string} id
 * @property {Blob} blob
 * @property {string | null} to
 * @property {boolean} tried it was under way, perhaps over a connection that has ended
 */

/** What the protocol takes. */
const MAX_NAME = 255;
const MAX_MIME = 100;

export class Uploads {
  /** @type {Upload[]} the first may be under way */
  #waiting = [];
  /** @type {RTCDataChannel | null} */
  #channel = null;
  /** Stops the one that is under way. @type {AbortController | null} */
  #underWay = null;

  /** @param {import('./transfers.js').Transfers} transfers */
  constructor(transfers) {
    this.transfers = transfers;
  }

  /**
   * @param {Blob} blob
   * @param {string} name
   * @param {string | null} to
   */
  send(blob, name, to) {
    const short = [...name].slice(-MAX_NAME).join('') || 'file'; // the end tells the type
    const transfer = this.transfers.begin('up', short, blob.size, (each) => this.#cancel(each));
    if (transfer.finished) return transfer;
    this.#waiting.push({ transfer, id: newId(), blob, to, tried: false });
    this.#next();
    return transfer;
  }

  /** @param {RTCDataChannel} channel that is open, to a server that knows nothing of us yet */
  start(channel) {
    this.#channel = channel;
    this.#next();
  }

  /** The way to the server has ended: what was under way begins anew with the next one. */
  stop() {
    this.#channel = null;
    this.#underWay?.abort();
    const first = this.#waiting[0];
    if (!this.#underWay || !first) return;
    this.#underWay = null;
    first.transfer.number = null;
    this.transfers.wait(first.transfer);
  }

  /**
   * The server takes the content.
   * @param {string} id
   * @param {number} number
   */
  async accepted(id, number) {
    const first = this.#waiting[0];
    const stop = this.#underWay;
    if (!this.#channel) return;
    if (!stop || !first || first.id !== id) {
      this.#tell({ type: 'cancel-file', number }); // we cancelled before we knew the number
      return;
    }
    const { transfer, blob } = first;
    transfer.number = number;
    this.transfers.run(transfer);
    const progress = (/** @type {number} */ sent) => this.transfers.progress(transfer, sent);
    try {
      await upload(this.#channel, blob, number, stop.signal, progress);
    } catch {
      if (stop.signal.aborted) return;
      this.#tell({ type: 'cancel-file', number });
      this.#finish(first, 'failed', 'unreadable');
    }
  }

  /**
   * A file is there for whom it is for: perhaps ours.
   * @param {Said} said
   */
  said({ id, file }) {
    const first = this.#waiting[0];
    if (first && file && this.#underWay && first.id === id) this.#arrived(first, file.number);
  }

  /**
   * One of our former selves sent that file: perhaps it is what was under way.
   * @param {Said} said
   */
  recognise({ file, to }) {
    const first = this.#waiting[0];
    if (!first?.tried || !file || first.to !== to) return;
    // Not by its name, of which the server removes what it does not like.
    if (file.size === first.transfer.size) this.#arrived(first, file.number);
  }

  /**
   * @param {string} id
   * @param {string} code
   * @returns {boolean} whether it was one of ours
   */
  refused(id, code) {
    const first = this.#waiting[0];
    if (!first || first.id !== id) return false;
    this.#finish(first, 'failed', code);
    return true;
  }

  /**
   * The server takes no more of it.
   * @param {number} number
   * @param {string} code
   * @returns {boolean} whether it was one of ours
   */
  gone(number, code) {
    const first = this.#waiting[0];
    if (!first || first.transfer.number !== number) return false;
    this.#finish(first, 'failed', code);
    return true;
  }

  /** @param {Transfer} transfer */
  #cancel(transfer) {
    const own = this.#waiting.find((each) => each.transfer === transfer);
    if (!own) return;
    if (transfer.number !== null) this.#tell({ type: 'cancel-file', number: transfer.number });
    this.#finish(own, 'cancelled');
  }

  /**
   * @param {Upload} own
   * @param {number} number
   */
  #arrived(own, number) {
    own.transfer.number = number;
    own.transfer.done = own.transfer.size;
    this.#finish(own, 'done');
  }

  /**
   * @param {Upload} own
   * @param {'done' | 'cancelled' | 'failed'} state
   * @param {string} [code]
   */
  #finish(own, state, code) {
    if (own === this.#waiting[0]) {
      this.#underWay?.abort();
      this.#underWay = null;
    }
    this.#waiting = this.#waiting.filter((each) => each !== own);
    this.transfers.finish(own.transfer, state, code);
    this.#next();
  }

  #next() {
    const first = this.#waiting[0];
    if (!first || !this.#channel || this.#underWay) return;
    this.#underWay = new AbortController();
    first.tried = true;
    const { id, blob, to, transfer } = first;
    const mime = blob.type.slice(0, MAX_MIME);
    this.#tell({ type: 'send-file', id, name: transfer.name, size: blob.size, mime, to });
  }

  /** @param {DataClientMessage} message */
  #tell(message) {
    if (this.#channel?.readyState === 'open') this.#channel.send(JSON.stringify(message));
  }
}
