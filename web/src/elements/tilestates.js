/** What every tile of a call shows: a value for each, from what the call knows. */

import { awayMark, markOf } from './quality.js';

/** @typedef {import('../sdk/call.js').Call} Call */
/** @typedef {import('../sdk/messages.d.ts').Participant} Participant */
/** @typedef {import('./quality.js').Mark} Mark */
/** @typedef {{name: string, stream: MediaStream | null, cameraOff: boolean, microphoneOff: boolean}} Self */

/**
 * @typedef {object} TileState
 * @property {string} key tells it from all others; ours stays when we get another id
 * @property {string} participant
 * @property {string} name
 * @property {'camera' | 'screen'} source
 * @property {boolean} self
 * @property {boolean} dark no picture to show
 * @property {boolean} silent microphone muted or absent
 * @property {boolean} speaking
 * @property {number} hand the place of a raised hand, from 1; 0: it is down
 * @property {Mark | null} mark how badly it gets through
 * @property {MediaStream | null} stream
 */

/**
 * Ourselves first, then the others as they came, each with their screen. Our own screen has no
 * tile: it would show itself in itself.
 * @param {Call} call
 * @param {Self} self
 * @returns {TileState[]}
 */
export function tileStates(call, self) {
  const speaking = new Set(call.speakers.map((each) => each.participant));
  const streams = new Map(
    call.pictures.map((each) => [`${each.participant} ${each.source}`, each.stream]),
  );
  const { hands, participants } = call;
  /** @type {(state: Omit<TileState, 'key' | 'speaking' | 'hand' | 'mark'>) => TileState} */
  const finish = (state) => {
    const { participant, source, name, dark, silent } = state;
    const camera = source === 'camera';
    const qualities = [
      dark ? undefined : call.quality.get(`${participant} ${source}`),
      silent || !camera ? undefined : call.quality.get(`${participant} microphone`),
    ];
    return {
      ...state,
      key: state.self ? 'self' : `${participant} ${source}`,
      speaking: camera && speaking.has(participant),
      hand: camera ? hands.indexOf(participant) + 1 : 0,
      mark: participants.get(participant)?.away
        ? awayMark(name)
        : markOf(qualities, name, state.self),
    };
  };
  const states = [
    finish({
      participant: call.you || 'you',
      name: self.name,
      source: 'camera',
      self: true,
      dark: self.cameraOff,
      silent: self.microphoneOff,
      stream: self.stream,
    }),
  ];
  for (const { id: participant, name, tracks } of participants.values()) {
    const sends = (/** @type {string} */ source) =>
      tracks.some((each) => each.source === source && !each.muted);
    const other = { participant, name, self: false };
    states.push(
      finish({
        ...other,
        source: 'camera',
        dark: !sends('camera'),
        silent: !sends('microphone'),
        stream: streams.get(`${participant} camera`) ?? null,
      }),
    );
    if (sends('screen')) {
      const stream = streams.get(`${participant} screen`) ?? null;
      states.push(finish({ ...other, source: 'screen', dark: false, silent: false, stream }));
    }
  }
  return states;
}
