import assert from 'node:assert/strict';
import test from 'node:test';

import { markOf } from '../src/elements/quality.js';

function quality(score, reason = '', source = 'camera') {
  return { participant: 'p', source, score, reason, paused: score === 0, height: 180 };
}
const sound = (score, reason) => quality(score, reason, 'microphone');

test('what gets through well, and what nobody has judged, bears no mark', () => {
  for (const score of [4, 5]) assert.equal(markOf([quality(score, 'uplink')], 'Bob', false), null);
  assert.equal(markOf([undefined, undefined], 'Bob', false), null);
  assert.equal(markOf([], 'Bob', false), null);
});

test('the worse it is, the fewer bars', () => {
  const bars = [3, 2, 1, 0].map((score) => markOf([quality(score)], 'Bob', false)?.bars);
  assert.deepEqual(bars, [2, 1, 1, 1]);
});

test('the sentence says whose connection it is', () => {
  const sentence = (...one) => markOf([quality(3, ...one)], 'Bob', false)?.sentence;
  assert.equal(sentence('downlink'), 'Your connection is weak: the picture is reduced');
  assert.equal(sentence('uplink'), "Bob's connection is weak");
  assert.equal(sentence('server'), 'The server is busy: the picture is reduced');
  assert.equal(sentence(''), 'The picture is reduced');
  assert.equal(markOf([quality(3, 'uplink')], '', false)?.sentence, "Guest's connection is weak");
});

test('sound that breaks up is not called a picture', () => {
  const sentence = (reason, self) => markOf([sound(2, reason)], 'Bob', self)?.sentence;
  assert.equal(sentence('downlink', false), 'Your connection is weak: the sound may break up');
  assert.equal(sentence('', false), 'The sound may break up');
  assert.equal(sentence('uplink', true), 'Your connection is weak: others may hear you badly');
});

test('our own tile says what the others notice', () => {
  const mark = markOf([quality(2, 'uplink')], 'Ann', true);
  assert.equal(mark?.sentence, 'Your connection is weak: others may see you badly');
});

test('the worst of a tile is told, the picture where both are as bad', () => {
  assert.match(markOf([quality(3), sound(1, 'downlink')], 'Bob', false)?.sentence ?? '', /sound/);
  assert.match(markOf([quality(2), sound(2)], 'Bob', false)?.sentence ?? '', /picture/);
  assert.match(markOf([undefined, sound(2)], 'Bob', false)?.sentence ?? '', /sound/);
});

test('a paused picture says why nothing moves', () => {
  const mark = markOf([quality(0, 'downlink'), sound(5)], 'Bob', false);
  assert.equal(mark?.paused, true);
  assert.equal(mark?.sentence, 'Paused to keep the sound going');
  assert.equal(markOf([quality(1)], 'Bob', false)?.paused, false);
});

test('no sentence has words that only engineers know', () => {
  for (const reason of ['downlink', 'uplink', 'server', '', 'new']) {
    for (const self of [true, false]) {
      for (const one of [quality(0, reason), quality(3, reason), sound(1, reason)]) {
        const sentence = markOf([one], 'Bob', self)?.sentence ?? '';
        assert.ok(sentence);
        assert.doesNotMatch(sentence, /bandwidth|bitrate|link\b|layer|packet|stream|latency/i);
      }
    }
  }
});
