/** What we said and the server has not confirmed yet. */

import { newId } from './ownid.js';

/** @typedef {import('./chat.js').WaitingMessage} WaitingMessage */
/** @typedef {import('./messages.d.ts').Said} Said */
/** @typedef {import('./messages.d.ts').Say} Say */

/** An outage that lasts longer than so many messages is not bridged by a chat. */
const MAX_WAITING = 50;
/** How long to wait after the server found us too fast: it takes two messages a second for long. */
const PAUSE_SECONDS = 1;

/**
 * One message is under way at a time: so the order stays, whatever is refused or lost, and nothing
 * is said twice.
 */
export class Outbox {
  /** @type {WaitingMessage[]} */
  waiting = [];
  /** @type {((say: Say) => void) | null} */
  #send = null;
  #underWay = false;
  /** The id of what was under way last, even if the way has ended since. */
  #tried = '';
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #pause;

  /**
   * @param {string} text
   * @param {string | null} to
   * @returns {boolean} whether there was room for it
   */
  add(text, to) {
    if (this.waiting.length >= MAX_WAITING) return false;
    this.waiting.push({ id: newId(), text, to });
    this.#next();
    return true;
  }

  /** There is a way to the server. @param {(say: Say) => void} send */
  start(send) {
    this.stop();
    this.#send = send;
    this.#next();
  }

  /** There is none; what was under way may or may not have arrived. */
  stop() {
    clearTimeout(this.#pause);
    this.#pause = undefined;
    this.#send = null;
    this.#underWay = false;
  }

  /**
   * The server has that message.
   * @param {string} id
   */
  confirm(id) {
    const before = this.waiting.length;
    this.waiting = this.waiting.filter((each) => each.id !== id);
    if (this.waiting.length === before) return;
    this.#underWay = false;
    this.#next();
  }

  /**
   * The server does not want that message.
   * @param {string} id empty when it could not even read it: then it is the one that is under way
   * @param {string} code
   * @returns {WaitingMessage | null} the one of ours that is given up, if it was one
   */
  refuse(id, code) {
    const first = this.waiting[0];
    if (!first || !this.#underWay || (id && id !== first.id)) return null;
    if (code === 'too-fast') {
      this.#underWay = false;
      this.#pause = setTimeout(() => {
        this.#pause = undefined;
        this.#next();
      }, PAUSE_SECONDS * 1000);
      return null;
    }
    this.confirm(first.id);
    return first;
  }

  /**
   * Find among what others say what is ours: said before an outage, but not confirmed.
   * @param {Said} said by one of our former selves
   */
  recognise(said) {
    const first = this.waiting[0];
    if (!first || first.id !== this.#tried || said.file) return;
    if (first.text === said.text && first.to === said.to) this.confirm(first.id);
  }

  #next() {
    const first = this.waiting[0];
    if (!first || !this.#send || this.#underWay || this.#pause !== undefined) return;
    this.#underWay = true;
    this.#tried = first.id;
    this.#send({ type: 'say', ...first });
  }
}
