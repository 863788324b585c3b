/** Measured figures as text: for the panel, and as a whole for those who look into a problem. */

import { number, t } from './text.js';

/** @typedef {import('../sdk/statistics.js').Figures} Figures */
/** @typedef {import('../sdk/statistics.js').Measurement} Measurement */

/** @param {number | null} bits per second */
export function rate(bits) {
  if (bits === null) return t('statistics.unknown');
  if (bits < 999_500) return t('statistics.kilobits', { value: Math.round(bits / 1000) });
  return t('statistics.megabits', { value: number(bits / 1_000_000, 1) });
}

/** @param {number | null} value 0 to 1 */
export function share(value) {
  if (value === null) return t('statistics.unknown');
  return t('statistics.percent', { value: number(100 * value, 1) });
}

/** @param {number | null} seconds */
export function time(seconds) {
  if (seconds === null) return t('statistics.unknown');
  return t('statistics.milliseconds', { value: Math.round(1000 * seconds) });
}

/**
 * The picture and how it is coded: `VP8, 640 × 360, 30 frames/s`.
 * @param {Figures} figures
 */
export function format({ codec, width, height, frames }) {
  return [
    codec,
    ...(width && height ? [t('statistics.size', { width: `${width}`, height: `${height}` })] : []),
    ...(frames !== null && width ? [t('statistics.frames', { value: Math.round(frames) })] : []),
  ]
    .filter(Boolean)
    .join(', ');
}

/** @param {Figures} figures */
export function transport({ loss, jitter, roundTrip }) {
  return [
    t('statistics.loss', { share: share(loss) }),
    t('statistics.jitter', { time: time(jitter) }),
    ...(roundTrip === null ? [] : [t('statistics.round-trip', { time: time(roundTrip) })]),
  ].join(', ');
}

/** @param {Measurement} measurement */
export function connection({ roundTrip, available }) {
  return t('statistics.connection', { time: time(roundTrip), rate: rate(available) });
}

/**
 * Everything as text to be sent to somebody: without names, and without the link of the call. What
 * programs call things stays so, in every language.
 * @param {Measurement} measurement
 * @param {{state: string, browser: string, at: Date}} about
 */
export function diagnostics(measurement, { state, browser, at }) {
  const rows = measurement.tracks.map((each) => {
    const who = each.participant ?? 'you';
    const parts = [rate(each.bitrate), format(each), transport(each)].filter(Boolean);
    return `${who} ${each.source}: ${parts.join(', ')}`;
  });
  return [
    `${at.toISOString()} ${state}`,
    browser,
    connection(measurement),
    ...(rows.length ? rows : ['no tracks']),
    '',
  ].join('\n');
}
