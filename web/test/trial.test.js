import assert from 'node:assert/strict';
import test from 'node:test';

import { only } from '../src/app/trial.js';

const ANSWER = [
  'v=0',
  'a=candidate:1 1 udp 2130706431 192.0.2.1 3478 typ host',
  'a=candidate:2 1 TCP 1671430143 192.0.2.1 3478 typ host tcptype passive',
  'a=mid:0',
  '',
].join('\r\n');

test('one way leaves the candidates of the others out', () => {
  assert.match(only('udp', ANSWER), /candidate:1 /);
  assert.doesNotMatch(only('udp', ANSWER), /candidate:2 /);
  assert.match(only('tcp', ANSWER), /candidate:2 /);
  assert.doesNotMatch(only('tcp', ANSWER), /candidate:1 /);
});

test('everything else of an answer stays as it is', () => {
  for (const way of /** @type {const} */ (['udp', 'tcp'])) {
    assert.deepEqual(
      only(way, ANSWER).split('\r\n').filter((line) => !line.startsWith('a=candidate')),
      ['v=0', 'a=mid:0', ''],
    );
  }
});
