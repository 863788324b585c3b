import assert from 'node:assert/strict';
import test from 'node:test';

import { level } from '../src/elements/meter.js';

const wave = (loudness) => Float32Array.from({ length: 1024 }, (_, n) => loudness * Math.sin(n / 5));

test('silence is nothing, a loud voice is all there is, and more stays in the bar', () => {
  assert.equal(level(wave(0)), 0);
  assert.equal(level(wave(1)), 1);
  assert.equal(level(new Float32Array(0)), 0);
});

test('louder is more', () => {
  const levels = [0.002, 0.01, 0.05, 0.2].map((loudness) => level(wave(loudness)));
  assert.deepEqual(levels, levels.toSorted((a, b) => a - b));
  assert.equal(new Set(levels).size, levels.length);
});
