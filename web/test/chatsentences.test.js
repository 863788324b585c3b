import assert from 'node:assert/strict';
import test, { beforeEach } from 'node:test';

import {
  closedSentence,
  counter,
  fileName,
  fileStatus,
  messageProblem,
  newsSentences,
  privacy,
  shortFileName,
  shortened,
} from '../src/elements/chatsentences.js';
import { begins } from '../src/elements/chatgroups.js';
import { setLanguage } from '../src/elements/text.js';

const LIMITS = { text: 4000, file: 10_000_000 };

const said = (values = {}) => ({
  number: 1,
  from: 'b',
  name: 'Bob',
  self: false,
  to: null,
  toName: '',
  text: 'Hello',
  at: new Date('2026-11-21T10:00:10Z'),
  file: null,
  ...values,
});

beforeEach(() => setLanguage('en'));

test('a few messages are read out, many are counted', () => {
  const two = [said(), said({ name: '', text: 'a\n b' })];
  assert.deepEqual(newsSentences(two), ['Bob: Hello', 'Guest: a b']);
  const many = [said(), said(), said(), said({ from: 'c', name: 'Cy' })];
  assert.deepEqual(newsSentences(many), ['4 new messages from Bob and Cy.']);
});

test('a private message is read out as one', () => {
  assert.deepEqual(newsSentences([said({ to: 'a' })]), ['Bob, only for you: Hello']);
});

test('a long message is cut between letters', () => {
  const short = shortened(said({ text: '💡'.repeat(201) }));
  assert.equal(short, `${'💡'.repeat(200)}…`);
});

test('a message with a file names the file', () => {
  assert.equal(shortened(said({ text: '', file: { name: 'a.pdf' } })), 'Sent a file: a.pdf');
});

test('whom a private message is for is said on both sides', () => {
  assert.equal(privacy(said()), '');
  assert.equal(privacy(said({ to: 'a' })), 'Only for you');
  assert.equal(privacy(said({ self: true, to: 'b', toName: 'Bob' })), 'Only for Bob');
  assert.equal(privacy(said({ self: true, to: 'gone' })), 'Only for one person');
});

test('the name of a file cannot be turned round', () => {
  assert.equal(fileName('photo\u202egpj.exe'), 'photogpj.exe');
});

test('a long name keeps its end, which says what it is', () => {
  const name = `${'a'.repeat(80)}.tar.gz`;
  assert.match(shortFileName(name), /^a+…a+\.tar\.gz$/);
  assert.equal([...shortFileName(name)].length, 48);
  assert.equal(shortFileName('short.txt'), 'short.txt');
});

test('characters are counted only near the limit', () => {
  assert.equal(counter(3600, 4000), '');
  assert.equal(counter(3999, 4000), '1 character left');
  assert.equal(counter(4000, 4000), '0 characters left');
  assert.equal(counter(4002, 4000), '2 characters too many');
  assert.equal(counter(5, Infinity), '');
});

test('why nothing can be sent depends on whether it will be possible', () => {
  const sentences = ['open', 'waiting', 'unavailable'].map(closedSentence);
  assert.equal(sentences[0], '');
  assert.equal(new Set(sentences).size, 3);
});

test('what was refused has a reason, with its limit where there is one', () => {
  assert.match(messageProblem('too-large', LIMITS), /4,000 characters/);
  assert.match(messageProblem('no-such-participant', LIMITS), /has left/);
  assert.equal(messageProblem('nonsense', LIMITS), messageProblem('bad-message', LIMITS));
});

test('a file says how far it is, or why it goes no further', () => {
  const status = (state, code = '') =>
    fileStatus({ state, code, done: 2_000_000, size: 5_000_000 }, LIMITS);
  assert.equal(status('running'), '2 MB of 5 MB');
  assert.equal(status('done'), '5 MB');
  assert.match(status('failed', 'too-large'), /10 MB/);
  assert.match(status('failed', 'no-such-file'), /Not available/);
  assert.match(status('failed', 'toString'), /did not get through/);
});

test('messages of one person in one minute, for the same ears, stand together', () => {
  const first = said();
  assert.equal(begins(undefined, first), true);
  assert.equal(begins(first, said({ at: new Date('2026-11-21T10:00:59Z') })), false);
  assert.equal(begins(first, said({ at: new Date('2026-11-21T10:01:00Z') })), true);
  assert.equal(begins(first, said({ from: 'c' })), true);
  assert.equal(begins(first, said({ name: 'Robert' })), true);
  assert.equal(begins(first, said({ to: 'a' })), true);
});
