import assert from 'node:assert/strict';
import test, { beforeEach, mock } from 'node:test';

import { Channels } from '../src/sdk/channels.js';
import { Chat } from '../src/sdk/chat.js';
import { FakeConnection, install, settle } from './fakes.js';

const PIECE = 16 * 1024;
const LIMIT = 1_000_000;

/** @type {Chat} */
let chat;
let files;

beforeEach(() => {
  install();
  chat = new Chat(() => '');
  attach();
});

/** @param {object[]} history */
function attach(you = 'me', history = []) {
  const connection = new FakeConnection({});
  chat.attach(new Channels(connection), you);
  files = connection.channels.files;
  connection.channels.chat.open();
  files.open();
  const say = (message) => connection.channels.chat.say(message);
  say({ type: 'history', messages: history, maxText: 10, maxFile: LIMIT });
  files.announce = say;
}

function bytes(size) {
  return Uint8Array.from({ length: size }, (_, index) => (index * 31) % 251);
}

/** The message that comes with a file. */
function said(number, size, rest = {}) {
  const file = { number, name: 'f', size, mime: 'text/plain' };
  const message = { type: 'said', number, id: '', sender: 'ben', name: 'Ben', to: null, text: '' };
  return { ...message, at: 1_700_000_000 + number, file, ...rest };
}

/** A file that somebody has sent. */
function offered(number, size, rest = {}) {
  files.announce(said(number, size, rest));
  return chat.messages.at(-1).file;
}

function piece(number, content) {
  const message = new Uint8Array(4 + content.length);
  new DataView(message.buffer).setUint32(0, number);
  message.set(content, 4);
  return message.buffer;
}

const accept = (number) => {
  const { id } = files.all('send-file').at(-1);
  files.say({ type: 'file-accepted', id, number });
  return id;
};
const settled = async () => {
  for (let turn = 0; turn < 20; turn += 1) await settle();
};
const joined = async (pieces) =>
  new Uint8Array(await new Blob(pieces.map((each) => each.slice(4))).arrayBuffer());
const states = () => [...chat.transfers.values()].map(({ state }) => state);

test('a file goes up in pieces under its number, and is done when everybody was told', async () => {
  const content = bytes(40_000);
  const transfer = chat.sendFile(new Blob([content], { type: 'image/png' }), 'a.png', 'ben');
  const [wish] = files.all('send-file');
  assert.deepEqual([wish.name, wish.size, wish.mime, wish.to], ['a.png', 40_000, 'image/png', 'ben']);
  const id = accept(7);
  assert.equal(transfer.state, 'running');
  await settled();
  assert.deepEqual(files.pieces.map((each) => each.byteLength - 4), [PIECE, PIECE, 40_000 - 2 * PIECE]);
  assert.deepEqual(files.pieces.map((each) => new DataView(each).getUint32(0)), [7, 7, 7]);
  assert.deepEqual(await joined(files.pieces), content);
  assert.equal(transfer.state, 'running');
  files.announce(said(7, 40_000, { id, sender: 'me' }));
  assert.deepEqual([transfer.state, transfer.done, transfer.number], ['done', 40_000, 7]);
});

test('an upload waits for the channel to drain', async () => {
  files.slow = true;
  const transfer = chat.sendFile(new Blob([bytes(20 * PIECE)]), 'f');
  accept(1);
  await settled();
  const first = files.pieces.length;
  assert.equal(files.bufferedAmountLowThreshold, 64 * 1024);
  assert.ok(first >= 4 && first <= 5, `${first} pieces`);
  assert.ok(transfer.done < 2 * PIECE);
  files.drain();
  await settled();
  assert.ok(files.pieces.length > first && files.pieces.length < 20);
  files.slow = false;
  files.drain();
  await settled();
  assert.equal(files.pieces.length, 20);
});

test('an upload that is cancelled sends nothing more, and says so', async () => {
  files.slow = true;
  const transfer = chat.sendFile(new Blob([bytes(20 * PIECE)]), 'f');
  accept(3);
  await settled();
  const sent = files.pieces.length;
  transfer.cancel();
  files.slow = false;
  files.drain();
  await settled();
  assert.equal(transfer.state, 'cancelled');
  assert.equal(files.pieces.length, sent);
  assert.deepEqual(files.all('cancel-file'), [{ type: 'cancel-file', number: 3 }]);
  transfer.cancel();
  assert.equal(files.all('cancel-file').length, 1);
});

test('an upload that is cancelled before it has a number is cancelled when it has one', async () => {
  const transfer = chat.sendFile(new Blob([bytes(10)]), 'f');
  transfer.cancel();
  accept(4);
  await settled();
  assert.deepEqual(files.all('cancel-file'), [{ type: 'cancel-file', number: 4 }]);
  assert.deepEqual(files.pieces, []);
});

test('files go up one after another, the next one also when one is refused', async () => {
  const [one, two] = ['one', 'two'].map((name) => chat.sendFile(new Blob(['x']), name));
  assert.equal(files.all('send-file').length, 1);
  const { id } = files.all('send-file')[0];
  files.say({ type: 'refused', id, code: 'too-many-files', message: '' });
  assert.deepEqual([one.state, one.code], ['failed', 'too-many-files']);
  assert.deepEqual(files.all('send-file').map(({ name }) => name), ['one', 'two']);
  accept(2);
  files.say({ type: 'file-gone', number: 2, code: 'too-large', message: '' });
  assert.deepEqual([two.state, two.code], ['failed', 'too-large']);
});

test('a file that is too large or cannot be read fails here', async () => {
  const large = chat.sendFile({ size: LIMIT + 1, type: '' }, 'large');
  assert.deepEqual([large.state, large.code], ['failed', 'too-large']);
  assert.deepEqual(files.all('send-file'), []);
  const slice = () => ({ arrayBuffer: () => Promise.reject(new Error('gone')) });
  const lost = chat.sendFile({ size: 10, type: '', slice }, 'lost');
  accept(1);
  await settled();
  assert.deepEqual([lost.state, lost.code], ['failed', 'unreadable']);
  assert.deepEqual(files.all('cancel-file'), [{ type: 'cancel-file', number: 1 }]);
});

test('a long name keeps its end, and one without letters gets some', () => {
  chat.sendFile(new Blob(['x']), `${'n'.repeat(300)}.png`);
  const [{ name }] = files.all('send-file');
  assert.equal(name.length, 255);
  assert.ok(name.endsWith('n.png'));
  assert.equal(chat.sendFile(new Blob(['x']), '').name, 'file');
});

test('a fetched file is put together and checked', async () => {
  const content = bytes(40_000);
  const file = offered(5, content.length);
  const transfer = chat.fetchFile(file);
  assert.deepEqual(files.all('fetch-file'), [{ type: 'fetch-file', number: 5 }]);
  for (let at = 0; at < content.length; at += PIECE) {
    assert.equal(transfer.blob, null);
    files.say(piece(5, content.subarray(at, at + PIECE)));
    files.say(piece(6, content.subarray(0, 9)));
  }
  assert.deepEqual([transfer.state, transfer.done], ['done', 40_000]);
  assert.equal(transfer.blob.type, 'text/plain');
  assert.deepEqual(new Uint8Array(await transfer.blob.arrayBuffer()), content);
  assert.equal(chat.fetchFile(file), transfer, 'it is here already');
});

test('content that could run in a page gets no type', () => {
  for (const mime of ['text/html', 'image/svg+xml', 'application/pdf', 'text/plain;charset=x', '']) {
    const file = offered(chat.messages.length + 1, 1);
    const transfer = chat.fetchFile({ ...file, mime });
    files.say(piece(file.number, [1]));
    assert.equal(transfer.blob.type, '', mime);
  }
});

test('an empty file needs no fetching', () => {
  const transfer = chat.fetchFile(offered(1, 0));
  assert.deepEqual([transfer.state, transfer.blob.size], ['done', 0]);
});

test('more than was said fails, and the server is stopped', () => {
  const transfer = chat.fetchFile(offered(1, 10));
  files.say(piece(1, bytes(11)));
  assert.deepEqual([transfer.state, transfer.code, transfer.blob], ['failed', 'wrong-size', null]);
  assert.deepEqual(files.all('cancel-file'), [{ type: 'cancel-file', number: 1 }]);
});

test('a file that the server has no more is marked, and is not asked for again', () => {
  const file = offered(1, 10);
  const transfer = chat.fetchFile(file);
  files.say({ type: 'file-gone', number: 1, code: 'no-such-file', message: '' });
  assert.deepEqual([transfer.state, transfer.code], ['failed', 'no-such-file']);
  assert.equal(chat.messages[0].file.gone, true);
  assert.equal(chat.fetchFile(chat.messages[0].file).code, 'no-such-file');
  assert.equal(files.all('fetch-file').length, 1);
});

test('files larger than the limit are not fetched', () => {
  assert.equal(chat.fetchFile(offered(1, LIMIT + 1)).code, 'too-large');
});

for (const [how, end] of [
  ['the server has stopped', () => files.say({ type: 'file-gone', number: 1, code: 'x', message: '' })],
  ['its pieces must have come', () => mock.timers.tick(3000)],
]) {
  test(`a cancelled file is fetched again only when ${how}`, () => {
    mock.timers.enable({ apis: ['setTimeout'] });
    try {
      const file = offered(1, 10);
      const first = chat.fetchFile(file);
      files.say(piece(1, bytes(4)));
      first.cancel();
      assert.deepEqual(files.all('cancel-file'), [{ type: 'cancel-file', number: 1 }]);
      const second = chat.fetchFile(file);
      files.say(piece(1, bytes(4)));
      assert.deepEqual([first.state, second.state, second.done], ['cancelled', 'waiting', 0]);
      end();
      assert.equal(second.state, 'running');
      files.say(piece(1, bytes(10)));
      assert.equal(second.state, 'done');
    } finally {
      mock.timers.reset();
    }
  });
}

test('after an outage what was under way begins anew', async () => {
  files.slow = true;
  const up = chat.sendFile(new Blob([bytes(20 * PIECE)]), 'f');
  const id = accept(1);
  const down = chat.fetchFile(offered(2, 10));
  files.say(piece(2, bytes(4)));
  await settled();
  const old = files;
  chat.detach();
  assert.deepEqual(states(), ['waiting', 'waiting']);
  assert.deepEqual([up.done, down.done], [0, 0]);
  attach('me2', [said(2, 10)]);
  old.slow = false;
  old.drain();
  await settled();
  assert.ok(old.pieces.length < 20);
  assert.equal(up.number, null);
  assert.equal(files.all('send-file')[0].id, id);
  accept(9);
  await settled();
  assert.equal(files.pieces.length, 20);
  files.say(piece(2, bytes(10)));
  assert.deepEqual([down.state, (await down.blob.arrayBuffer()).byteLength], ['done', 10]);
});

test('an upload that had arrived before the outage is not sent again', () => {
  const up = chat.sendFile(new Blob(['xyz']), 'a/b.txt');
  accept(1);
  chat.detach();
  attach('me2', [said(1, 3, { sender: 'me' })]);
  assert.equal(up.state, 'done');
  assert.deepEqual(files.all('send-file'), []);
});

test('a download does not survive the room', () => {
  offered(1, 10);
  const down = chat.fetchFile(chat.messages[0].file);
  chat.detach();
  attach('me2', [said(1, 10, { at: 1_800_000_000 })]);
  assert.deepEqual([down.state, down.code], ['failed', 'no-such-file']);
  assert.deepEqual(chat.messages.map(({ file }) => file.gone), [true, false]);
  assert.deepEqual(files.all('fetch-file'), []);
  const again = chat.fetchFile(chat.messages[1].file);
  assert.notEqual(again, down);
  assert.equal(again.state, 'running');
  const old = chat.fetchFile(chat.messages[0].file);
  assert.deepEqual([old.state, old.code], ['failed', 'no-such-file']);
});

test('what was fetched in a closed room is not taken for a file of the next one', () => {
  const done = chat.fetchFile(offered(1, 1));
  files.say(piece(1, [1]));
  assert.equal(done.state, 'done');
  chat.detach();
  attach('me2', [said(1, 1, { at: 1_800_000_000 })]);
  const other = chat.fetchFile(chat.messages[1].file);
  assert.notEqual(other, done);
  assert.equal(other.state, 'running');
});

test('after an outage nothing of a cancelled file can come any more', () => {
  chat.fetchFile(offered(1, 10)).cancel();
  chat.detach();
  attach('me2', [said(1, 10)]);
  assert.equal(chat.fetchFile(chat.messages[0].file).state, 'running');
});

test('a file that cannot be read any more is of no interest when it was cancelled', async () => {
  let refuse;
  const content = new Promise((_, reject) => (refuse = reject));
  const slice = () => ({ arrayBuffer: () => content });
  const transfer = chat.sendFile({ size: 10, type: '', slice }, 'f');
  accept(1);
  transfer.cancel();
  refuse(new Error('gone'));
  await settled();
  assert.deepEqual([transfer.state, transfer.code], ['cancelled', '']);
  assert.equal(files.all('cancel-file').length, 1);
});

test('transfers are bounded: those that wait, and those that are finished', () => {
  for (let count = 0; count < 20; count += 1) chat.sendFile(new Blob(['x']), 'f');
  const one = chat.sendFile(new Blob(['x']), 'too many');
  assert.deepEqual([one.state, one.code], ['failed', 'too-many-waiting']);
  for (let count = 0; count < 40; count += 1) chat.fetchFile({ number: 1, name: '', size: 0, gone: true });
  const finished = states().filter((state) => state === 'failed');
  assert.equal(finished.length, 20);
  assert.equal(states().length, 40);
});

test('a finished transfer can be forgotten, one that runs cannot', () => {
  const transfer = chat.sendFile(new Blob(['x']), 'f');
  chat.forget(transfer);
  assert.equal(chat.transfers.size, 1);
  transfer.cancel();
  chat.forget(transfer);
  assert.equal(chat.transfers.size, 0);
});

test('progress is told now and then, ends and beginnings always', async () => {
  let told = 0;
  chat.addEventListener('transfers', () => (told += 1));
  mock.timers.enable({ apis: ['Date'], now: 1_000_000 });
  try {
    const transfer = chat.fetchFile(offered(1, 500));
    for (let count = 0; count < 499; count += 1) files.say(piece(1, [0]));
    assert.equal(transfer.done, 499);
    assert.ok(told <= 3, `${told} times`);
    mock.timers.tick(100);
    files.say(piece(1, [0]));
    assert.equal(transfer.state, 'done');
    assert.ok(told <= 5);
  } finally {
    mock.timers.reset();
  }
});
