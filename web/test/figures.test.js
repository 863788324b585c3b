import assert from 'node:assert/strict';
import test from 'node:test';

import { connection, diagnostics, format, rate, share, time, transport } from '../src/elements/figures.js';
import { MAX_VALUES, points } from '../src/elements/plot.js';

const camera = {
  key: 'p2 camera',
  participant: 'p2',
  source: 'camera',
  codec: 'VP8',
  bitrate: 1_234_000,
  loss: 0.0123,
  jitter: 0.0042,
  roundTrip: null,
  width: 640,
  height: 360,
  frames: 29.8,
};
const sound = { ...camera, source: 'screen-audio', codec: 'opus', width: null, height: null };

test('figures have units, and a dash where nothing is known', () => {
  assert.deepEqual([rate(0), rate(999_499), rate(999_500)], ['0 kbit/s', '999 kbit/s', '1.0 Mbit/s']);
  assert.deepEqual([share(0), share(0.0123), time(0.0042)], ['0.0 %', '1.2 %', '4 ms']);
  assert.deepEqual([rate(null), share(null), time(null)], ['–', '–', '–']);
  assert.equal(connection({ roundTrip: 0.02, available: null }), 'Round trip 20 ms, upload –');
});

test('a picture has a size, sound has none', () => {
  assert.equal(format(camera), 'VP8, 640 × 360, 30 frames/s');
  assert.equal(format({ ...sound, frames: null }), 'opus');
  assert.equal(format({ ...sound, codec: '', frames: null }), '');
});

test('only what we send has a round trip of its own', () => {
  assert.equal(transport(camera), 'loss 1.2 %, jitter 4 ms');
  assert.equal(transport({ ...camera, roundTrip: 0.03 }), 'loss 1.2 %, jitter 4 ms, round trip 30 ms');
});

test('what is copied says all, a line per track', () => {
  const measurement = { roundTrip: 0.02, available: 3e6, tracks: [camera, sound] };
  const about = { state: 'joined', browser: 'Browser/1', at: new Date(0) };
  assert.deepEqual(diagnostics(measurement, about).split('\n'), [
    '1970-01-01T00:00:00.000Z joined',
    'Browser/1',
    'Round trip 20 ms, upload 3.0 Mbit/s',
    'p2 camera: 1.2 Mbit/s, VP8, 640 × 360, 30 frames/s, loss 1.2 %, jitter 4 ms',
    'p2 screen-audio: 1.2 Mbit/s, opus, loss 1.2 %, jitter 4 ms',
    '',
  ]);
  assert.match(diagnostics({ ...measurement, tracks: [] }, about), /no tracks/);
});

test('a plot ends at the right edge, and its largest value at the top', () => {
  assert.equal(points([0, 10], 1), '118.0,27.0 120.0,1.0');
  assert.equal(points([10], 20), '120.0,14.0');
  const full = points(Array(MAX_VALUES).fill(1)).split(' ');
  assert.equal(full[0], '0.0,1.0');
  assert.equal(full.length, MAX_VALUES);
});
