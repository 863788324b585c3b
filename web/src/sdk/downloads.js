/** The files we fetch, one at a time. */

import { readPiece } from './pieces.js';

/** @typedef {import('./chat.js').ChatFile} ChatFile */
/** @typedef {import('./messages.d.ts').DataClientMessage} DataClientMessage */
/** @typedef {import('./transfer.js').Transfer} Transfer */

/** @typedef {{transfer: Transfer, file: ChatFile, pieces: ArrayBuffer[]}} Download */

/** Where the server does not answer to a cancelled fetch: by then its last piece has come. */
const DRAIN_SECONDS = 3;
/**
 * What a browser shows without running it. Anything else, above all HTML and SVG, could act as our
 * page if somebody opened it from here: its content gets no type.
 */
const HARMLESS = /^(image\/(png|jpeg|gif|webp|avif)|(audio|video)\/[\w.+-]+|text\/plain)$/;

export class Downloads {
  /** @type {Download[]} the first may be under way */
  #waiting = [];
  /** @type {RTCDataChannel | null} */
  #channel = null;
  #underWay = false;
  /**
   * The files whose pieces may still come although we cancelled: they must not get into a second
   * fetch of the same file.
   * @type {Map<number, ReturnType<typeof setTimeout>>}
   */
  #draining = new Map();

  /** @param {import('./transfers.js').Transfers} transfers */
  constructor(transfers) {
    this.transfers = transfers;
  }

  /** @param {ChatFile} file */
  fetch(file) {
    const before = [...this.transfers.all.values()].find(
      (each) =>
        each.direction === 'down' &&
        each.number === file.number &&
        each.state !== 'failed' &&
        each.state !== 'cancelled',
    );
    if (before && !file.gone) return before;
    const { name, size, number } = file;
    const transfer = this.transfers.begin('down', name, size, (each) => this.#cancel(each));
    if (transfer.finished) return transfer;
    if (file.gone) {
      this.transfers.finish(transfer, 'failed', 'no-such-file');
      return transfer;
    }
    transfer.number = number;
    this.#waiting.push({ transfer, file, pieces: [] });
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
    for (const timer of this.#draining.values()) clearTimeout(timer);
    this.#draining.clear();
    const first = this.#waiting[0];
    if (!this.#underWay || !first) return;
    this.#underWay = false;
    first.pieces = [];
    this.transfers.wait(first.transfer);
  }

  /** The room is another one: its numbers mean other files. */
  beginAnew() {
    const waiting = this.#waiting;
    this.#waiting = [];
    this.#underWay = false;
    for (const { transfer } of waiting) this.transfers.finish(transfer, 'failed', 'no-such-file');
    for (const transfer of this.transfers.all.values()) {
      if (transfer.direction === 'down') transfer.number = null;
    }
  }

  /**
   * The server has no more of it.
   * @param {number} number
   * @param {string} code
   * @returns {boolean} whether we wanted it
   */
  gone(number, code) {
    if (this.#draining.has(number)) {
      this.#drained(number);
      return false;
    }
    const first = this.#waiting[0];
    if (!first || !this.#underWay || first.file.number !== number) return false;
    this.#finish(first, 'failed', code);
    return true;
  }

  /** @param {ArrayBuffer} message */
  received(message) {
    const piece = readPiece(message);
    const first = this.#waiting[0];
    if (!piece || !first || !this.#underWay || first.file.number !== piece.number) return;
    const done = first.transfer.done + piece.content.byteLength;
    if (done > first.file.size) {
      this.#stopServer(piece.number);
      this.#finish(first, 'failed', 'wrong-size');
      return;
    }
    first.pieces.push(piece.content);
    this.transfers.progress(first.transfer, done);
    if (done === first.file.size) this.#complete(first);
  }

  /** @param {Download} own */
  #complete(own) {
    const { mime } = own.file;
    own.transfer.blob = new Blob(own.pieces, { type: HARMLESS.test(mime) ? mime : '' });
    this.#finish(own, 'done');
  }

  /** @param {Transfer} transfer */
  #cancel(transfer) {
    const own = this.#waiting.find((each) => each.transfer === transfer);
    if (!own) return;
    if (this.#underWay && own === this.#waiting[0]) this.#stopServer(own.file.number);
    this.#finish(own, 'cancelled');
  }

  /** @param {number} number of the file of which we want no more */
  #stopServer(number) {
    this.#tell({ type: 'cancel-file', number });
    this.#draining.set(
      number,
      setTimeout(() => this.#drained(number), DRAIN_SECONDS * 1000),
    );
  }

  /** @param {number} number */
  #drained(number) {
    clearTimeout(this.#draining.get(number));
    this.#draining.delete(number);
    this.#next();
  }

  /**
   * @param {Download} own
   * @param {'done' | 'cancelled' | 'failed'} state
   * @param {string} [code]
   */
  #finish(own, state, code) {
    if (own === this.#waiting[0]) this.#underWay = false;
    this.#waiting = this.#waiting.filter((each) => each !== own);
    this.transfers.finish(own.transfer, state, code);
    this.#next();
  }

  #next() {
    const first = this.#waiting[0];
    if (!first || !this.#channel || this.#underWay) return;
    if (this.#draining.has(first.file.number)) return;
    this.#underWay = true;
    this.transfers.run(first.transfer);
    if (first.file.size === 0) this.#complete(first); // no piece will come
    else this.#tell({ type: 'fetch-file', number: first.file.number });
  }

  /** @param {DataClientMessage} message */
  #tell(message) {
    if (this.#channel?.readyState === 'open') this.#channel.send(JSON.stringify(message));
  }
}
