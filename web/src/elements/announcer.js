/** What screen readers are told: in few sentences, however many people come at once. */

import { peopleSentences, reactionSentences } from './sentences.js';

/** A class enters within seconds: one sentence about all is heard, thirty are not. */
const PEOPLE_SECONDS = 1.5;
/** So does a room that claps. */
const REACTIONS_SECONDS = 1.5;
/** Sentences that follow each other at once would replace each other unread. */
const GATHER_SECONDS = 0.15;
/** More nobody listens to; the latest count. */
const MAX_SENTENCES = 5;

/** @typedef {import('../sdk/messages.d.ts').Participant} Participant */
/** @typedef {import('../sdk/messages.d.ts').Reaction} Reaction */
/** @typedef {'people' | 'sharing' | 'hands'} Kind */
/** @typedef {Record<Kind, Map<string, string>>} Known names by participant: all, and who does what */

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
  #now = { people: new Map(), sharing: new Map(), hands: new Map() };
  /** Who showed what of late. @type {Map<Reaction, Set<string>>} */
  #reactions = new Map();
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #reacting;

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
   * Who is here now, who shares a screen and whose hand is raised: changes are told, together.
   * @param {Iterable<Participant>} participants
   */
  people(participants) {
    const all = [...participants];
    const sharing = all.filter(({ tracks }) =>
      tracks.some((each) => each.source === 'screen' && !each.muted),
    );
    const names = (/** @type {Participant[]} */ some) =>
      new Map(some.map((each) => [each.id, each.name]));
    const hands = all.filter(({ hand }) => hand > 0).sort((a, b) => a.hand - b.hand);
    this.#now = { people: names(all), sharing: names(sharing), hands: names(hands) };
    this.#waiting ??= setTimeout(() => {
      this.#waiting = undefined;
      for (const sentence of peopleSentences(this.#told, this.#now)) this.say(sentence);
      this.#told = this.#now;
    }, PEOPLE_SECONDS * 1000);
  }

  /**
   * Somebody shows something for a moment: told with what others show at the time.
   * @param {string} name
   * @param {Reaction} reaction
   */
  reacted(name, reaction) {
    const names = this.#reactions.get(reaction) ?? new Set();
    this.#reactions.set(reaction, names.add(name));
    this.#reacting ??= setTimeout(() => {
      this.#reacting = undefined;
      for (const sentence of reactionSentences(this.#reactions)) this.say(sentence);
      this.#reactions.clear();
    }, REACTIONS_SECONDS * 1000);
  }

  /** Another call begins, or none. */
  reset() {
    clearTimeout(this.#reacting);
    this.#reacting = undefined;
    this.#reactions.clear();
    clearTimeout(this.#waiting);
    this.#waiting = undefined;
    this.#told = null;
  }
}
