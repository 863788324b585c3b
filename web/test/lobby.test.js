import assert from 'node:assert/strict';
import test, { afterEach, beforeEach, mock } from 'node:test';

import { Call } from '../src/sdk/call.js';
import { connect } from '../src/sdk/index.js';
import { FakeConnection, FakeSocket, install, settle } from './fakes.js';

/** @type {Call} */
let call;
let states = [];

beforeEach(() => {
  install();
  states = [];
  call = new Call('ws://host/ws');
  call.addEventListener('state', () => states.push(call.state));
});
afterEach(() => {
  call.leaveNow();
  mock.timers.reset();
});

const JOINED = {
  type: 'joined',
  you: 'p1',
  room: 'r',
  capacity: 16,
  participants: [],
  role: 'host',
  locked: false,
  lobby: true,
  hand: 0,
  silenced: [],
  resume: 'token 1',
  resumed: false,
  slots: 4,
  iceServers: [],
};
const WAITING = { type: 'waiting', hosted: true };
const KNOCKS = { type: 'knocks', waiting: [{ id: 'k1', name: 'Cem' }] };

async function say(message) {
  FakeSocket.last.say(message);
  await settle();
}

async function knock() {
  void call.join('r', 'Ann');
  FakeSocket.last.open();
  await settle();
  await say(WAITING);
}

test('who has to be let in waits, for as long as it takes, and is in the call then', async () => {
  mock.timers.enable({ apis: ['setTimeout'] });
  await knock();
  assert.equal(call.state, 'waiting');
  assert.equal(call.hosted, true);
  mock.timers.tick(600_000);
  await say({ type: 'waiting', hosted: false });
  assert.equal(call.hosted, false);
  assert.equal(FakeConnection.all.length, 0);
  await say(JOINED);
  assert.deepEqual(states, ['joining', 'waiting', 'waiting', 'joined']);
  assert.equal(FakeSocket.all.length, 1);
  assert.equal(FakeConnection.all.length, 1);
});

test('who is not let in reads why', async () => {
  for (const code of ['denied', 'lobby-timeout', 'lobby-full', 'draining']) {
    call = new Call('ws://host/ws');
    await knock();
    await say({ type: 'closed', code, message: 'No.' });
    assert.deepEqual([call.state, call.reason, call.message], ['failed', code, 'No.']);
  }
});

test('leaving while waiting ends it, and the server sees that', async () => {
  await knock();
  await call.leave();
  assert.deepEqual([call.state, call.reason], ['ended', 'left']);
  assert.equal(FakeSocket.last.readyState, 3);
});

test('who waits and loses the connection knocks again', async () => {
  mock.timers.enable({ apis: ['setTimeout'] });
  await knock();
  FakeSocket.last.close();
  await settle();
  assert.deepEqual([call.state, call.hosted], ['waiting', null]);
  mock.timers.tick(1000);
  assert.equal(FakeSocket.all.length, 2);
  FakeSocket.last.open();
  await settle();
  await say(WAITING);
  assert.deepEqual([call.state, call.hosted], ['waiting', true]);
  call.retryNow(); // another network: the socket is dead, though nothing says so
  assert.equal(FakeSocket.all.length, 3);
});

test('who comes back after everything was forgotten waits without the old media', async () => {
  mock.timers.enable({ apis: ['setTimeout'] });
  void call.join('r', 'Ann');
  FakeSocket.last.open();
  await settle();
  await say(JOINED);
  await say({ type: 'answer', sdp: 'answer' });
  FakeConnection.open[0].become('connected');
  FakeSocket.last.close();
  mock.timers.tick(1000);
  FakeSocket.last.open();
  await settle();
  assert.equal(FakeSocket.last.all('join')[0].resume, 'token 1');
  await say(WAITING);
  assert.equal(call.state, 'waiting');
  assert.equal(FakeConnection.open.length, 0);
  await say(JOINED);
  assert.equal(call.state, 'joined');
  assert.equal(FakeConnection.open.length, 1);
});

test('a host reads who waits and says who comes in', async () => {
  let told = 0;
  void call.join('r', 'Ann');
  FakeSocket.last.open();
  await settle();
  await say(JOINED);
  call.addEventListener('waiting', () => (told += 1));
  assert.equal(call.lobby, true);
  await say(KNOCKS);
  assert.deepEqual(call.waiting, KNOCKS.waiting);
  assert.equal(told, 1);
  call.admit(['k1']);
  call.deny(['k1']);
  call.admit([]);
  call.setLobby(false);
  assert.deepEqual(
    FakeSocket.last.sent.slice(-3),
    [{ type: 'admit', ids: ['k1'] }, { type: 'deny', ids: ['k1'] }, { type: 'lobby', on: false }],
  );
  await say({ type: 'room-updated', locked: false, lobby: false });
  assert.equal(call.lobby, false);
});

test('who is host no more does not see them any longer', async () => {
  void call.join('r', 'Ann');
  FakeSocket.last.open();
  await settle();
  await say(JOINED);
  await say(KNOCKS);
  await say({ type: 'permissions', role: 'member', may: { publish: [], subscribe: true, data: true } });
  assert.deepEqual(call.waiting, []);
});

test('connect waits until it is let in', async () => {
  const connected = connect('ws://host/ws', { room: 'r' });
  await settle();
  FakeSocket.last.open();
  await settle();
  await say(WAITING);
  await say(JOINED);
  const joined = await connected;
  assert.equal(joined.state, 'joined');
  joined.leaveNow();
});
