/** What others have written and we have not seen: counted, announced, and shown in passing. */

import { newsSentences } from './chatsentences.js';
import { t } from './text.js';

/** @typedef {import('../sdk/chat.js').ChatMessage} ChatMessage */

/** Messages that come together are told together. */
const GATHER_SECONDS = 1;

export class News {
  unread = 0;
  /** The number of the last message that was taken. */
  #last = 0;
  /** @type {ChatMessage[]} to be announced */
  #gathered = [];
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #gathering;

  /** @param {(sentence: string) => void} announce */
  constructor(announce) {
    this.announce = announce;
  }

  /**
   * @param {readonly ChatMessage[]} messages all there are, by number
   * @param {boolean} seen whether they are in view
   * @returns {ChatMessage | null} the latest of others that is new
   */
  take(messages, seen) {
    const fresh = this.#fresh(messages);
    if (!fresh.length) return null;
    if (!seen) this.unread += fresh.length;
    this.#gathered.push(...fresh);
    this.#gathering ??= setTimeout(() => {
      this.#gathering = undefined;
      for (const sentence of newsSentences(this.#gathered)) this.announce(sentence);
      this.#gathered = [];
    }, GATHER_SECONDS * 1000);
    return fresh.at(-1) ?? null;
  }

  /**
   * What was there before we came: it is not read out.
   * @param {readonly ChatMessage[]} messages
   * @param {boolean} seen
   */
  recall(messages, seen) {
    const { length } = this.#fresh(messages);
    if (!length) return;
    if (!seen) this.unread += length;
    this.announce(t('chat.earlier', { count: length }));
  }

  /** Everything is in view. */
  read() {
    this.unread = 0;
  }

  reset() {
    clearTimeout(this.#gathering);
    this.#gathering = undefined;
    this.#gathered = [];
    this.unread = 0;
    this.#last = 0;
  }

  /** @param {readonly ChatMessage[]} messages */
  #fresh(messages) {
    const fresh = messages.filter(({ number, self }) => number > this.#last && !self);
    this.#last = messages.at(-1)?.number ?? this.#last;
    return fresh;
  }
}
