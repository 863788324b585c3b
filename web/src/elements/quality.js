/** Which mark a tile bears when its picture or sound does not get through well. */

import { displayName, qualitySentence } from './sentences.js';
import { t } from './text.js';

/** @typedef {import('../sdk/messages.d.ts').TrackQuality} TrackQuality */

/**
 * @typedef {object} Mark
 * @property {1 | 2} bars of three
 * @property {string} sentence
 * @property {boolean} paused no picture comes for now
 */

/** From here down people notice; above, a mark would only worry them. */
const WEAK = 3;

/**
 * The mark for the worst of what a tile shows and sounds like; null when all is well.
 * @param {(TrackQuality | undefined)[]} qualities of what is on, the picture first
 * @param {string} name whose they are
 * @param {boolean} self our own, on the way to the others
 * @returns {Mark | null}
 */
export function markOf(qualities, name, self) {
  const known = qualities.filter((each) => each !== undefined);
  const worst = known.reduce(
    (/** @type {TrackQuality | undefined} */ least, each) =>
      least && least.score <= each.score ? least : each,
    undefined,
  );
  if (!worst || worst.score > WEAK) return null;
  return {
    bars: worst.score === WEAK ? 2 : 1,
    sentence: qualitySentence(worst, name, self),
    paused: worst.paused,
  };
}

/**
 * The mark for somebody whom the server cannot reach any more; they may come back.
 * @param {string} name
 * @returns {Mark}
 */
export function awayMark(name) {
  const sentence = t('quality.away', { name: displayName(name) });
  return { bars: 1, sentence, paused: false };
}
