/** Whether and when to try again: soon at first, then at a steady pace. */

import { meaning } from './codes.js';

/**
 * Seconds before each attempt; the last one repeats. Most outages are over within ten seconds: for
 * so long the next attempt is never far, and later less and less likely to succeed.
 */
const SECONDS = [0, 0.3, ...Array(20).fill(0.5), 1.5, 3, 5];
/**
 * Seconds that an attempt may take: a connection begun while the network was gone hangs, but a slow
 * network needs its time; the last one repeats.
 */
const PATIENCE = [3, 3, 3, 3, 5, 5, 10];
/** For so long after an outage the server may still hold our own seat, and find the room full. */
const GHOST_SECONDS = 20;
const FULL = new Set([
  'room-full',
  'server-full',
  'server-busy',
  'draining',
  'too-many-joins',
  'too-many-from-address',
]);

/**
 * Whether to try again after the server has sent us away.
 * @param {string} code why it did
 * @param {number} lostAt when the connection was lost (as of `Date.now()`), 0 if it was not
 */
export function comesBack(code, lostAt = 0) {
  const ghost = lostAt > 0 && Date.now() - lostAt < GHOST_SECONDS * 1000;
  return meaning(code).retry === 'itself' || (ghost && FULL.has(code));
}

export class Retry {
  #attempt = 0;

  /** Seconds that the attempt after the next delay may take. */
  get patience() {
    return PATIENCE[Math.min(this.#attempt, PATIENCE.length) - 1] ?? 10;
  }

  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;

  /** @param {() => void} action done after the next delay, unless cancelled */
  schedule(action) {
    const seconds = SECONDS[Math.min(this.#attempt, SECONDS.length - 1)] ?? 5;
    this.#attempt += 1;
    // Spread out, so that a restarted server does not get everybody at once.
    this.#timer = setTimeout(action, seconds * (0.8 + 0.4 * Math.random()) * 1000);
  }

  cancel() {
    clearTimeout(this.#timer);
  }

  /** It worked: the next delay is the first one again. */
  reset() {
    this.#attempt = 0;
  }
}

/** @param {number} seconds */
export function sleep(seconds) {
  return new Promise((resolve) => setTimeout(resolve, seconds * 1000));
}
