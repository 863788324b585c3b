import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test, { beforeEach } from 'node:test';

import { CODES, CallError, REACTIONS, connect, meaning, version } from '../src/sdk/index.js';
import { comesBack } from '../src/sdk/retry.js';
import { FakeSocket, install, settle, track } from './fakes.js';

beforeEach(install);

const read = (path) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');

const JOINED = {
  type: 'joined',
  you: 'p1',
  participants: [],
  role: 'host',
  locked: false,
  hand: 0,
  silenced: [],
  resume: 'token 1',
  resumed: false,
  slots: 1,
  iceServers: [],
};

test('connect resolves with a call that is joined and sends the tracks', async () => {
  const tracks = { camera: track('video') };
  const connecting = connect('ws://host/ws', { room: 'r', name: 'Ann', token: 't', tracks });
  await settle();
  FakeSocket.last.open();
  await settle();
  assert.deepEqual(FakeSocket.last.sent[0], { type: 'join', room: 'r', name: 'Ann', token: 't' });
  FakeSocket.last.say(JOINED);
  const call = await connecting;
  await settle();
  assert.deepEqual([call.state, call.role], ['joined', 'host']);
  assert.equal(FakeSocket.last.all('offer')[0].tracks[0].source, 'camera');
  call.leaveNow();
});

test('connect rejects with the code of what went wrong', async () => {
  const connecting = connect('ws://host/ws', { room: 'r' });
  await settle();
  FakeSocket.last.open();
  await settle();
  FakeSocket.last.say({ type: 'error', code: 'room-locked', message: 'Locked.', fatal: false });
  await assert.rejects(connecting, (error) => {
    assert.ok(error instanceof CallError);
    assert.deepEqual(
      [error.code, error.message, error.retry],
      ['room-locked', 'Locked.', 'later'],
    );
    return true;
  });
});

test('every error and close code of the protocol has a meaning', () => {
  const tables = read('docs/protocol.md').split('## Error codes')[1] ?? '';
  const codes = [...tables.matchAll(/^\| `([a-z-]+)` \|/gm)].map(([, code]) => code);
  assert.ok(codes.length >= 15, 'the tables are where they were');
  assert.deepEqual(codes.filter((code) => !(code in CODES)), []);
});

test('a call comes back by itself exactly where the table says so', () => {
  for (const [code, { retry, fatal }] of Object.entries(CODES)) {
    assert.equal(comesBack(code), retry === 'itself', code);
    assert.ok(fatal || retry !== 'itself', code);
  }
  for (const code of ['removed', 'ended', 'room-locked', 'bad-token', 'toString']) {
    assert.equal(comesBack(code, Date.now()), false, code);
  }
});

test('a code that nobody knows yet ends the call, and may work another time', () => {
  assert.deepEqual(meaning('something-new'), { fatal: true, retry: 'later' });
});

test('the version is that of the server', () => {
  assert.equal(/__version__ = "([^"]*)"/.exec(read('sfu/__init__.py'))?.[1], version);
});

test('the reactions are those of the protocol', () => {
  const type = /type Reaction = ([^;]*);/.exec(read('web/src/sdk/messages.d.ts'))?.[1] ?? '';
  const names = [...type.matchAll(/"([^"]*)"/g)].map(([, name]) => name);
  assert.deepEqual([...REACTIONS].sort(), names.sort());
});
