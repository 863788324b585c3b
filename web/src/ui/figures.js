/** Measured figures as text: for the panel, and as a whole for those who look into a problem. */

import { sourceName } from './sentences.js';

/** @typedef {import('../sdk/statistics.js').Figures} Figures */
/** @typedef {import('../sdk/statistics.js').Measurement} Measurement */

const UNKNOWN = '–';

/** @param {number | null} bits per second */
export function rate(bits) {
  if (bits === null) return UNKNOWN;
  if (bits < 999_500) return `${Math.round(bits / 1000)} kbit/s`;
  return `${(bits / 1_000_000).toFixed(1)} Mbit/s`;
}

/** @param {number | null} value 0 to 1 */
export function share(value) {
  return value === null ? UNKNOWN : `${(100 * value).toFixed(1)} %`;
}

/** @param {number | null} seconds */
export function time(seconds) {
  return seconds === null ? UNKNOWN : `${Math.round(1000 * seconds)} ms`;
}

/**
 * The picture and how it is coded: `VP8, 640 × 360, 30 frames/s`.
 * @param {Figures} figures
 */
export function format({ codec, width, height, frames }) {
  return [
    codec,
    ...(width && height ? [`${width} × ${height}`] : []),
    ...(frames !== null && width ? [`${Math.round(frames)} frames/s`] : []),
  ]
    .filter(Boolean)
    .join(', ');
}

/** @param {Figures} figures */
export function transport({ loss, jitter, roundTrip }) {
  return [
    `loss ${share(loss)}`,
    `jitter ${time(jitter)}`,
    ...(roundTrip === null ? [] : [`round trip ${time(roundTrip)}`]),
  ].join(', ');
}

/** @param {Measurement} measurement */
export function connection({ roundTrip, available }) {
  return `Round trip ${time(roundTrip)}, upload ${rate(available)}`;
}

/**
 * Everything as text to be sent to somebody: without names, and without the link of the call.
 * @param {Measurement} measurement
 * @param {{state: string, browser: string, at: Date}} about
 */
export function diagnostics(measurement, { state, browser, at }) {
  const rows = measurement.tracks.map((each) => {
    const who = each.participant ?? 'you';
    const parts = [rate(each.bitrate), format(each), transport(each)].filter(Boolean);
    return `${who} ${sourceName(each.source)}: ${parts.join(', ')}`;
  });
  return [
    `${at.toISOString()} ${state}`,
    browser,
    connection(measurement),
    ...(rows.length ? rows : ['no tracks']),
    '',
  ].join('\n');
}
