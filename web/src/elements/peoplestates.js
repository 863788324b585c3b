/** Everybody in a call as the list shows them: a value for each, those with a raised hand first. */

import { displayName } from './sentences.js';

/** @typedef {import('../sdk/call.js').Call} Call */
/** @typedef {import('../sdk/messages.d.ts').Source} Source */
/** @typedef {{name: string, cameraOff: boolean, microphoneOff: boolean, sharing: boolean}} Oneself */

/**
 * @typedef {object} Person
 * @property {string} id
 * @property {string} name
 * @property {boolean} self
 * @property {boolean} host
 * @property {number} hand the place of a raised hand, from 1; 0: it is down
 * @property {boolean} microphone whether it is on
 * @property {boolean} camera
 * @property {boolean} screen
 * @property {boolean} speaking
 */

/**
 * @param {Call} call
 * @param {Oneself} self
 * @returns {Person[]} by their hands; then we, and the others as they came
 */
export function people(call, self) {
  const speaking = new Set(call.speakers.map((each) => each.participant));
  const hands = call.hands;
  const place = (/** @type {string} */ id) => hands.indexOf(id) + 1;
  /** @type {Person[]} */
  const all = [
    {
      id: call.you,
      name: self.name,
      self: true,
      host: call.role === 'host',
      hand: place(call.you),
      microphone: !self.microphoneOff,
      camera: !self.cameraOff,
      screen: self.sharing,
      speaking: speaking.has(call.you),
    },
  ];
  for (const { id, name, role, tracks } of call.participants.values()) {
    const sends = (/** @type {Source} */ source) =>
      tracks.some((each) => each.source === source && !each.muted);
    all.push({
      id,
      name,
      self: false,
      host: role === 'host',
      hand: place(id),
      microphone: sends('microphone'),
      camera: sends('camera'),
      screen: sends('screen'),
      speaking: speaking.has(id),
    });
  }
  return all.sort((a, b) => (a.hand || Infinity) - (b.hand || Infinity) || 0);
}

/**
 * Who has these words in their name; case and accents do not matter.
 * @param {readonly Person[]} all
 * @param {string} words
 */
export function matching(all, words) {
  const wanted = plain(words).split(/\s+/).filter(Boolean);
  return all.filter(({ name }) => wanted.every((word) => plain(displayName(name)).includes(word)));
}

/** @param {string} text */
function plain(text) {
  return text.normalize('NFD').replace(/\p{M}/gu, '').toLocaleLowerCase();
}
