import assert from 'node:assert/strict';
import test, { beforeEach } from 'node:test';

import { forget, recent, titleOf, visited } from '../src/app/recent.js';

const room = (letter) => letter.repeat(28);
const rooms = () => recent().map((each) => each.room[0]);

let kept;
beforeEach(() => {
  kept = new Map();
  globalThis.localStorage = {
    getItem: (key) => kept.get(key) ?? null,
    setItem: (key, value) => void kept.set(key, value),
  };
});

test('the last five are kept, the latest first, each once', () => {
  for (const letter of 'abcdefa') visited(room(letter), []);
  assert.deepEqual(rooms(), ['a', 'f', 'e', 'd', 'c']);
});

test('whom somebody met stays known when they have left', () => {
  visited(room('a'), ['Bob', 'Bob', '', 'Cy', 'Dan', 'Eve']);
  visited(room('a'), []);
  assert.deepEqual(recent()[0].names, ['Bob', 'Cy', 'Dan']);
  assert.equal(titleOf(recent()[0]), 'With Bob, Cy, and Dan');
});

test('what is forgotten is gone for good', () => {
  for (const letter of 'abc') visited(room(letter), ['Bob']);
  forget(room('b'));
  assert.deepEqual(rooms(), ['c', 'a']);
  forget(room('a'));
  forget(room('c'));
  assert.ok([...kept.values()].every((value) => value === ''));
});

test('what others have put in its place is not taken for calls', () => {
  for (const value of ['{', '7', '[1]', '[{"room":"javascript:alert(1)","at":1,"names":[]}]', '[null]']) {
    kept.set('sfu-recent', value);
    assert.deepEqual(recent(), []);
  }
});

test('a browser that keeps nothing has no recent calls', () => {
  globalThis.localStorage = {
    getItem() {
      throw new Error('denied');
    },
    setItem() {
      throw new Error('denied');
    },
  };
  visited(room('a'), []);
  assert.deepEqual(recent(), []);
});
