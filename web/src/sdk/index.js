/** The client's library: everything that a program needs to be in a call, and nothing of a page. */

import { Call } from './call.js';
import { CallError } from './codes.js';

export { Call } from './call.js';
export { Chat } from './chat.js';
export { CODES, CallError, meaning } from './codes.js';
export { DataEvent, MutedEvent, REACTIONS, ReactionEvent, RefusedEvent } from './events.js';
export { Statistics } from './statistics.js';
export { Transfer } from './transfer.js';

/** @typedef {import('./call.js').CallState} CallState */
/** @typedef {import('./chat.js').ChatFile} ChatFile */
/** @typedef {import('./chat.js').ChatMessage} ChatMessage */
/** @typedef {import('./codes.js').Code} Code */
/** @typedef {import('./codes.js').Meaning} Meaning */
/** @typedef {import('./messages.d.ts').Participant} Participant */
/** @typedef {import('./messages.d.ts').Reaction} Reaction */
/** @typedef {import('./messages.d.ts').Role} Role */
/** @typedef {import('./messages.d.ts').Source} Source */
/** @typedef {import('./messages.d.ts').Track} Track */
/** @typedef {import('./messages.d.ts').TrackQuality} TrackQuality */
/** @typedef {import('./slots.js').Picture} Picture */
/** @typedef {import('./statistics.js').Measurement} Measurement */
/** @typedef {import('./wishes.js').Wish} Wish */

/** The server's version that this library came with. */
export const version = '0.1.0';

/**
 * @typedef {object} Entrance
 * @property {string} room
 * @property {string} [name] of ours, as the others see it
 * @property {string} [token] makes us a host
 * @property {Partial<Record<Source, MediaStreamTrack>>} [tracks] what to send from the beginning
 */

/**
 * Enter a room: a Call that is `joined`, or a CallError that says why not.
 *
 * @example
 * import { connect } from '/src/sdk/index.js';
 *
 * const media = await navigator.mediaDevices.getUserMedia({ audio: true, video: true });
 * const [microphone] = media.getAudioTracks();
 * const [camera] = media.getVideoTracks();
 * const call = await connect('wss://calls.example.org/ws', {
 *   room: 'kZ3v0p1Qm9b2nX4cV6aS8dF0gH1j',
 *   name: 'Ann',
 *   tracks: { microphone, camera },
 * });
 * call.addEventListener('pictures', () => {
 *   for (const { participant, stream } of call.pictures) show(participant, stream);
 * });
 * call.chat.send('Hello!');
 *
 * @param {string} url of the server's `/ws`
 * @param {Entrance} entrance
 * @returns {Promise<Call>}
 */
export async function connect(url, { room, name = '', token = '', tracks = {} }) {
  const call = new Call(url);
  for (const [source, track] of Object.entries(tracks)) {
    await call.setTrack(/** @type {import('./messages.d.ts').Source} */ (source), track);
  }
  await call.join(room, name, token);
  // The connection broke while somebody had to let us in: the Call knocks again by itself.
  while (call.state === 'waiting') {
    await new Promise((resolve) => call.addEventListener('state', resolve, { once: true }));
  }
  if (call.state !== 'joined') throw new CallError(call.reason, call.message);
  return call;
}
