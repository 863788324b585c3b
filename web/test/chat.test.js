import assert from 'node:assert/strict';
import test, { beforeEach, mock } from 'node:test';

import { Channels } from '../src/sdk/channels.js';
import { Chat } from '../src/sdk/chat.js';
import { FakeConnection, install } from './fakes.js';

/** @type {Chat} */
let chat;
let channels;
let refusals;
let number;

beforeEach(() => {
  install();
  number = 0;
  refusals = [];
  chat = new Chat((participant) => ({ me: 'Ann', ben: 'Ben' })[participant] ?? '');
  chat.addEventListener('refused', ({ code, message }) => refusals.push([code, message]));
});

/** A connection comes about, on which we are `you`. */
function attach(you = 'me') {
  const connection = new FakeConnection({});
  const made = new Channels(connection);
  channels = connection.channels;
  chat.attach(made, you);
  return made;
}

function open(history = [], limits = { maxText: 4000, maxFile: 1000 }) {
  channels.chat.open();
  channels.files.open();
  channels.chat.say({ type: 'history', messages: history, ...limits });
}

function said(rest) {
  number = rest.number ?? number + 1;
  const at = 1_700_000_000 + number;
  const base = { type: 'said', id: '', sender: 'ben', name: 'Ben', to: null, text: '', file: null };
  return { ...base, at, ...rest, number };
}

/** The server takes what we said last. */
function confirm(sender = 'me') {
  const { id, text, to } = channels.chat.all('say').at(-1);
  channels.chat.say(said({ id, sender, name: 'Ann', text, to }));
}

const spoken = () => channels.chat.all('say').map(({ text }) => text);
const texts = () => chat.messages.map(({ text }) => text);

test('both channels are there before the first offer, reliable and ordered', () => {
  attach();
  assert.deepEqual(Object.keys(channels), ['chat', 'files']);
  for (const { options, binaryType } of Object.values(channels)) {
    assert.deepEqual([options, binaryType], [{}, 'arraybuffer']);
  }
});

test('the chat is open when the server has told its history and what it takes', () => {
  const states = [];
  chat.addEventListener('state', () => states.push(chat.state));
  attach();
  channels.chat.open();
  channels.files.open();
  assert.equal(chat.open, false);
  open([said({ text: 'before' })], { maxText: 10, maxFile: 20 });
  assert.equal(chat.open, true);
  assert.deepEqual(chat.limits, { text: 10, file: 20 });
  assert.deepEqual(texts(), ['before']);
  assert.deepEqual(states, ['open']);
});

test('a message says who sent it, to whom, and when', () => {
  attach();
  open();
  channels.chat.say(said({ text: 'all' }));
  channels.chat.say(said({ text: 'you', to: 'me' }));
  channels.chat.say(said({ text: 'me', sender: 'me', name: 'Ann', to: 'gone' }));
  assert.deepEqual(chat.messages[1], {
    number: 2,
    from: 'ben',
    name: 'Ben',
    self: false,
    to: 'me',
    toName: 'Ann',
    text: 'you',
    at: new Date(1_700_000_002_000),
    file: null,
  });
  assert.deepEqual(chat.messages.map(({ self, toName }) => [self, toName]), [
    [false, ''],
    [false, 'Ann'],
    [true, ''],
  ]);
});

test('what we say waits for the chat, then goes one by one, in order', () => {
  for (const text of ['one', 'two', 'three']) assert.equal(chat.send(text), true);
  attach();
  assert.deepEqual(spoken(), []);
  open();
  assert.deepEqual(spoken(), ['one']);
  assert.deepEqual(chat.waiting.map(({ text }) => text), ['one', 'two', 'three']);
  confirm();
  confirm();
  confirm();
  assert.deepEqual(spoken(), ['one', 'two', 'three']);
  assert.deepEqual(texts(), ['one', 'two', 'three']);
  assert.deepEqual(chat.waiting, []);
});

test('a private message names whom it is for', () => {
  attach();
  open();
  chat.send('psst', 'ben');
  const [{ text, to }] = channels.chat.all('say');
  assert.deepEqual([text, to], ['psst', 'ben']);
});

test('no more than fifty messages wait', () => {
  for (let count = 0; count < 50; count += 1) assert.equal(chat.send('x'), true);
  assert.equal(chat.send('x'), false);
  assert.deepEqual(refusals, [['too-many-waiting', '']]);
});

test('what is too long, or nothing, is not sent; letters count, not their bytes', () => {
  attach();
  open([], { maxText: 3, maxFile: 1 });
  assert.equal(chat.send('😀😀😀'), true);
  assert.equal(chat.send('four'), false);
  assert.equal(chat.send(' \n'), false);
  assert.deepEqual(refusals, [['too-large', '']]);
});

test('control characters are left out, line ends stay', () => {
  attach();
  open();
  chat.send('a\u0007\r\nb\tc\u0085');
  assert.deepEqual(spoken(), ['a\nb\tc']);
  assert.equal(chat.send('\u0000'), false);
});

test('a refused message is given up with the reason, and the next one goes', () => {
  attach();
  open();
  chat.send('one', 'gone');
  chat.send('two');
  const [{ id }] = channels.chat.all('say');
  channels.chat.say({ type: 'refused', id, code: 'no-such-participant', message: 'Gone.' });
  assert.deepEqual(refusals, [['no-such-participant', 'Gone.']]);
  assert.deepEqual(spoken(), ['one', 'two']);
  channels.chat.say({ type: 'refused', id: '', code: 'bad-message', message: '' });
  assert.deepEqual(chat.waiting, []);
});

test('the text of a refused message comes back with the reason', () => {
  const given = [];
  chat.addEventListener('refused', ({ said: lost }) => given.push(lost));
  attach();
  open();
  chat.send('secret', 'gone');
  chat.send('two');
  const [{ id }] = channels.chat.all('say');
  channels.chat.say({ type: 'refused', id, code: 'no-such-participant', message: '' });
  channels.chat.say({ type: 'refused', id: 'another', code: 'not-allowed', message: '' });
  chat.send('x'.repeat(5000));
  assert.deepEqual(given, [{ text: 'secret', to: 'gone' }, null, null]);
});

test('who is too fast is slowed down, and loses neither words nor their order', () => {
  mock.timers.enable({ apis: ['setTimeout'] });
  try {
    attach();
    open();
    chat.send('one');
    chat.send('two');
    const [{ id }] = channels.chat.all('say');
    channels.chat.say({ type: 'refused', id, code: 'too-fast', message: '' });
    assert.deepEqual(spoken(), ['one']);
    mock.timers.tick(1000);
    assert.deepEqual(spoken(), ['one', 'one']);
    confirm();
    assert.deepEqual(spoken(), ['one', 'one', 'two']);
    assert.deepEqual(refusals, []);
  } finally {
    mock.timers.reset();
  }
});

test('after an outage what was not confirmed is said again, under the same id', () => {
  attach();
  open();
  chat.send('one');
  const [{ id }] = channels.chat.all('say');
  chat.detach();
  assert.equal(chat.state, 'waiting');
  attach('me2');
  open();
  assert.deepEqual(channels.chat.all('say').map((say) => [say.id, say.text]), [[id, 'one']]);
});

test('after an outage what had arrived is recognised, and not said again', () => {
  attach();
  open();
  chat.send('ok');
  chat.send('ok');
  chat.detach();
  attach('me2');
  open([said({ sender: 'me', name: 'Ann', text: 'ok' })]);
  assert.equal(chat.waiting.length, 1, 'the second one was never under way');
  assert.equal(spoken().length, 1);
  confirm('me2');
  assert.deepEqual(chat.messages.map(({ self }) => self), [true, true]);
});

test('what others said in the same words is not taken for ours', () => {
  attach();
  open([said({ number: 1, text: 'before' })]);
  chat.send('ok');
  chat.detach();
  attach('me2');
  open([said({ number: 1, text: 'before' }), said({ text: 'ok' })]);
  assert.deepEqual(spoken(), ['ok']);
});

test('an old connection says nothing any more', () => {
  attach();
  open();
  const old = channels;
  attach('me2');
  old.chat.say(said({ text: 'late' }));
  old.chat.close();
  assert.deepEqual(texts(), []);
  assert.equal(chat.state, 'waiting');
});

test('a server without a chat makes it unavailable, and so does one that ends it', () => {
  attach().close();
  assert.equal(chat.state, 'unavailable');
  assert.equal(chat.send('hello'), true);
  attach();
  open();
  assert.deepEqual(spoken(), ['hello']);
  channels.files.close();
  assert.equal(chat.state, 'unavailable');
  assert.equal(chat.open, false);
});
