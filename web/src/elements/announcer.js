/** What screen readers are told: in few sentences, however many people come at once. */

import { peopleSentences } from './sentences.js';

/** A class enters within seconds: one sentence about all is heard, thirty are not. */
const PEOPLE_SECONDS = 1.5;
/** Sentences that follow each other at once would replace each other unread. */
const GATHER_SECONDS = 0.15;
/** More nobody listens to; the latest count. */
const MAX_SENTENCES = 5;

/** @typedef {import('../sdk/messages.d.ts').Participant} Participant */
/** @typedef {{people: Map<string, string>, sharing: Map<string, string>}} Known names by participant */

export class Announcer {
  /** @type {string[]} */
  #sentences = [];
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #gathering;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #waiting;
  /** What was told last; null: nothing yet. @type {Known | null} */
  #told = null;
  /** @type {Known} */
  #now = { people: new Map(), sharing: new Map() };

  /** @param {(text: string) => void} speak replaces what was said before */
  constructor(speak) {
    this.speak = speak;
  }

  /** @param {string} sentence */
  say(sentence) {
    this.#sentences = [...this.#sentences, sentence].slice(-MAX_SENTENCES);
    this.#gathering ??= setTimeout(() => {
      this.#gathering = undefined;
      this.speak(this.#sentences.join(' '));
      this.#sentences = [];
    }, GATHER_SECONDS * 1000);
  }

  /**
   * Who is here now and who shares a screen: changes are told, together.
   * @param {Iterable<Participant>} participants
   */
  people(participants) {
    const all = [...participants];
    const sharing = all.filter(({ tracks }) =>
      tracks.some((each) => each.source === 'screen' && !each.muted),
    );
    const names = (/** @type {Participant[]} */ some) =>
      new Map(some.map((each) => [each.id, each.name]));
    this.#now = { people: names(all), sharing: names(sharing) };
    this.#waiting ??= setTimeout(() => {
      this.#waiting = undefined;
      for (const sentence of peopleSentences(this.#told, this.#now)) this.say(sentence);
      this.#told = this.#now;
    }, PEOPLE_SECONDS * 1000);
  }

  /** Another call begins, or none. */
  reset() {
    clearTimeout(this.#waiting);
    this.#waiting = undefined;
    this.#told = null;
  }
}
