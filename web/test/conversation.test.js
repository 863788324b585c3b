import assert from 'node:assert/strict';
import test from 'node:test';

import { Conversation } from '../src/sdk/conversation.js';

function start() {
  return new Conversation(({ sender, text, to, at, file }, number) => ({
    number,
    from: sender,
    text,
    to,
    at: new Date(Math.round(at * 1000)),
    file: file && { ...file, gone: false },
  }));
}

/** What the server says in a room that was opened at some time. */
function said(number, rest = {}) {
  const at = 1_700_000_000.5 + number;
  return { number, sender: 'a', text: `${number}`, to: null, at, file: null, ...rest };
}

const later = (number, rest = {}) => said(number, { at: 1_800_000_000 + number, ...rest });
const texts = (conversation) => conversation.messages.map(({ text }) => text);
const numbers = (conversation) => conversation.messages.map(({ number }) => number);

test('history that is told again adds only what was missed', () => {
  const conversation = start();
  conversation.recall([said(1), said(2)]);
  conversation.take(said(3));
  const fresh = conversation.recall([said(1), said(2), said(3), said(4)]);
  assert.deepEqual(fresh.map(({ number }) => number), [4]);
  assert.deepEqual(numbers(conversation), [1, 2, 3, 4]);
});

test('history may come in parts', () => {
  const conversation = start();
  for (const round of [1, 2]) {
    conversation.recall([said(1), said(2)]);
    conversation.recall([said(3), said(5)]);
    assert.deepEqual(numbers(conversation), [1, 2, 3, 5], `round ${round}`);
  }
  assert.equal(conversation.room, 0);
});

test('what the server has forgotten is kept', () => {
  const conversation = start();
  conversation.recall([said(1), said(2)]);
  conversation.recall([said(600), said(601)]);
  assert.deepEqual(numbers(conversation), [1, 2, 600, 601]);
});

test('a message that is said twice is there once', () => {
  const conversation = start();
  assert.equal(conversation.take(said(1)), true);
  assert.equal(conversation.take(said(1)), false);
  conversation.recall([said(1)]);
  assert.deepEqual(numbers(conversation), [1]);
});

for (const [what, history] of [
  ['nothing was said', []],
  ['other people spoke', [later(1, { text: 'new' })]],
  ['less was said', [later(1, { text: 'new' }), later(2, { text: 'too' })]],
]) {
  test(`a room that was closed meanwhile, where ${what}, adds to what was seen`, () => {
    const conversation = start();
    conversation.recall([said(1), said(2), said(3)]);
    conversation.recall(history);
    assert.deepEqual(texts(conversation), ['1', '2', '3', ...history.map(({ text }) => text)]);
    assert.equal(conversation.room, 1);
    const next = history.length + 1;
    conversation.take(later(next, { text: 'next' }));
    conversation.recall([...history, later(next, { text: 'next' })]);
    assert.deepEqual(numbers(conversation), [1, 2, 3, ...history.map((_, i) => 4 + i), 3 + next]);
    assert.equal(conversation.room, 1);
  });
}

test('a new room in which more was said than we had seen is told by what differs', () => {
  const conversation = start();
  conversation.recall([said(1), said(2)]);
  conversation.recall([later(1), later(2), later(3)]);
  assert.deepEqual(texts(conversation), ['1', '2', '1', '2', '3']);
});

test('private messages, which nobody tells again, do not make a room new', () => {
  const conversation = start();
  conversation.recall([said(1)]);
  conversation.take(said(2, { to: 'me' }));
  conversation.recall([said(1)]);
  assert.equal(conversation.room, 0);
  conversation.take(said(3));
  assert.deepEqual(numbers(conversation), [1, 2, 3]);
});

test('where only private messages were seen, the next number tells whether the room is new', () => {
  const conversation = start();
  conversation.take(said(1, { to: 'me' }));
  conversation.take(said(2, { to: 'me' }));
  conversation.recall([]);
  assert.equal(conversation.room, 0);
  conversation.take(later(1));
  assert.deepEqual(numbers(conversation), [1, 2, 3]);
  assert.equal(conversation.room, 1);
});

test('files of a closed room, and files that the server dropped, are gone', () => {
  const conversation = start();
  const file = (number) => ({ number, name: 'f', size: 1, mime: '' });
  conversation.recall([said(1, { file: file(1) }), said(2, { file: file(2) })]);
  conversation.fileGone(1);
  const gone = () => conversation.messages.map((each) => each.file?.gone);
  assert.deepEqual(gone(), [true, false]);
  conversation.recall([later(1, { file: file(1) })]);
  assert.deepEqual(gone(), [true, true, false]);
});

test('no more is kept than anybody scrolls through', () => {
  const conversation = start();
  for (let number = 1; number <= 2005; number += 1) conversation.take(said(number));
  assert.equal(conversation.messages.length, 2000);
  assert.equal(conversation.messages[0].number, 6);
  assert.equal(conversation.room, 0);
});
