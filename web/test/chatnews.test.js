import assert from 'node:assert/strict';
import test, { beforeEach, mock } from 'node:test';

import { News } from '../src/elements/chatnews.js';
import { setLanguage } from '../src/elements/text.js';

let said;
let news;

beforeEach(() => {
  setLanguage('en');
  mock.timers.reset();
  mock.timers.enable({ apis: ['setTimeout'] });
  said = [];
  news = new News((sentence) => said.push(sentence));
});

/** Messages of others with these numbers. */
const messages = (...numbers) =>
  numbers.map((number) => ({
    ...{ number, from: 'b', name: 'Bob', self: false, to: null, toName: '' },
    ...{ text: `Text ${number}`, at: new Date(0), file: null },
  }));

function listen() {
  mock.timers.tick(1500);
  return said.splice(0);
}

test('what others write is announced together, each once', () => {
  assert.equal(news.take(messages(1), false)?.number, 1);
  assert.equal(news.take(messages(1, 2), false)?.number, 2);
  assert.equal(news.take(messages(1, 2), false), null);
  assert.deepEqual(listen(), ['Bob: Text 1', 'Bob: Text 2']);
  assert.deepEqual(listen(), []);
});

test('what is not in view is counted until it is', () => {
  news.take(messages(1, 2), false);
  news.take(messages(1, 2, 3), true);
  assert.equal(news.unread, 2);
  news.read();
  assert.equal(news.unread, 0);
  news.take(messages(1, 2, 3, 4), false);
  assert.equal(news.unread, 1);
});

test('our own words are no news', () => {
  const own = messages(1).map((each) => ({ ...each, self: true }));
  assert.equal(news.take(own, false), null);
  assert.equal(news.unread, 0);
  assert.deepEqual(listen(), []);
});

test('what was said before we came is counted, and not read out', () => {
  news.recall(messages(1, 2, 3), false);
  assert.equal(news.unread, 3);
  assert.deepEqual(listen(), ['3 messages were written before you came.']);
  assert.equal(news.take(messages(1, 2, 3, 4), false)?.number, 4);
  assert.deepEqual(listen(), ['Bob: Text 4']);
});

test('nothing of a call is heard after it', () => {
  news.take(messages(1, 2), false);
  news.reset();
  assert.equal(news.unread, 0);
  assert.deepEqual(listen(), []);
  assert.equal(news.take(messages(1), false)?.number, 1);
});
