/** The messages of a call as a list: it stays at its end while that is what is looked at. */

import { begins } from './chatgroups.js';
import { MessageRow } from './chatmessage.js';
import { element } from './parts.js';

/** @typedef {import('../sdk/call.js').Call} Call */
/** @typedef {import('../sdk/chat.js').ChatMessage} ChatMessage */
/** @typedef {import('./files.js').Files} Files */
/** @typedef {number | string} RowKey of a message its number, of one that waits its id */

/** So many pixels from its end it is still there. */
const END = 40;

export class ChatList {
  #scroll;
  #list;
  #empty;
  #latest;
  /** @type {Map<RowKey, MessageRow>} in their order */
  #rows = new Map();
  /** Ours that wait, by their ids. @type {Map<string, ChatMessage>} */
  #waiting = new Map();
  #atEnd = true;
  /** Where it was scrolled to last. */
  #top = 0;

  /**
   * @param {ShadowRoot} root
   * @param {Files} files
   * @param {AbortSignal} signal ends it
   */
  constructor(root, files, signal) {
    this.files = files;
    this.#scroll = element(root, 'chat-scroll', HTMLElement);
    this.#list = element(root, 'chat-list', HTMLElement);
    this.#empty = element(root, 'chat-empty', HTMLElement);
    this.#latest = element(root, 'chat-latest', HTMLButtonElement);
    this.#scroll.addEventListener('scroll', () => {
      const { scrollHeight, scrollTop, clientHeight } = this.#scroll;
      const back = scrollTop < this.#top;
      this.#top = scrollTop;
      if (scrollHeight - scrollTop - clientHeight < END) {
        this.#atEnd = true;
        this.#latest.hidden = true;
      } else if (back) {
        this.#atEnd = false; // otherwise the end has moved, not we
      }
    });
    this.#latest.onclick = () => {
      this.#scroll.focus({ preventScroll: true });
      this.toEnd();
    };
    // The field below grows, a picture appears, the window is another one.
    const size = new ResizeObserver(() => this.#atEnd && this.#follow());
    for (const each of [this.#scroll, this.#list]) size.observe(each);
    signal.addEventListener('abort', () => size.disconnect());
  }

  /** @param {Call} call */
  paint(call) {
    const { chat } = call;
    this.#waiting = new Map(
      chat.waiting.map(({ id, text, to }) => [
        id,
        this.#waiting.get(id) ?? waitingMessage(call, text, to),
      ]),
    );
    /** @type {[RowKey, ChatMessage][]} */
    const all = [...chat.messages.map((each) => pair(each.number, each)), ...this.#waiting];
    const before = this.#rows;
    this.#rows = new Map();
    let place = this.#list.firstElementChild;
    let last;
    let fresh = false;
    let ours = false;
    for (const [key, message] of all) {
      const first = begins(last, message);
      last = message;
      let row = before.get(key);
      before.delete(key);
      if (!row || row.message !== message || row.first !== first) {
        fresh ||= !row && !message.self;
        ours ||= !row && typeof key === 'string';
        const made = new MessageRow(message, {
          first,
          waiting: typeof key === 'string',
          files: this.files,
        });
        if (row === undefined) this.#list.insertBefore(made.element, place);
        else row.element.replaceWith(made.element);
        row = made;
      } else if (row.element !== place) {
        this.#list.insertBefore(row.element, place);
      }
      place = row.element.nextElementSibling;
      this.#rows.set(key, row);
    }
    for (const row of before.values()) row.element.remove();
    this.#empty.hidden = all.length > 0;
    if (ours || this.#atEnd) this.toEnd();
    else if (fresh) this.#latest.hidden = false;
  }

  repaintFiles() {
    for (const row of this.#rows.values()) row.repaintFile();
  }

  toEnd() {
    this.#atEnd = true;
    this.#latest.hidden = true;
    this.#follow();
  }

  clear() {
    this.#rows.clear();
    this.#waiting.clear();
    this.#list.replaceChildren();
    this.#empty.hidden = false;
    this.toEnd();
  }

  #follow() {
    this.#scroll.scrollTop = this.#scroll.scrollHeight;
  }
}

/**
 * @param {number} number
 * @param {ChatMessage} message
 * @returns {[RowKey, ChatMessage]}
 */
function pair(number, message) {
  return [number, message];
}

/**
 * @param {Call} call
 * @param {string} text
 * @param {string | null} to
 * @returns {ChatMessage}
 */
function waitingMessage(call, text, to) {
  const toName = call.participants.get(to ?? '')?.name ?? '';
  const own = { number: 0, from: call.you, name: '', self: true, at: new Date(), file: null };
  return { ...own, to, toName, text };
}
