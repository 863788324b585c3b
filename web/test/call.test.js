import assert from 'node:assert/strict';
import test, { afterEach, beforeEach } from 'node:test';

import { Call } from '../src/sdk/call.js';
import { FakeConnection, FakeSocket, install, settle, track } from './fakes.js';

/** @type {Call} */
let call;

beforeEach(() => {
  install();
  call = new Call('ws://host/ws');
});
afterEach(() => call.leaveNow());

const JOINED = {
  type: 'joined',
  you: 'p1',
  room: 'r',
  capacity: 16,
  participants: [{ id: 'p2', name: 'Ben', tracks: [] }],
  slots: 4,
  iceServers: [],
};

/** The server lets the client in. */
async function admit() {
  FakeSocket.last.open();
  await settle();
  FakeSocket.last.say(JOINED);
  await settle();
}

async function enter() {
  void call.join('r', 'Ann');
  await admit();
}

/** The server answers the offer and media flows. */
async function connect() {
  FakeSocket.last.say({ type: 'answer', sdp: 'answer' });
  await settle();
  FakeConnection.open[0].become('connected');
}

test('joining says who and where, then offers as many slots as the server wants', async () => {
  await enter();
  assert.equal(call.state, 'joined');
  const [join, offer] = FakeSocket.last.sent;
  assert.deepEqual(join, { type: 'join', room: 'r', name: 'Ann' });
  assert.equal(offer.sdp, 'offer of 8');
  assert.deepEqual(offer.tracks, []);
  assert.deepEqual([...call.participants.keys()], ['p2']);
});

test('nothing connects before join', () => {
  assert.equal(FakeSocket.all.length, 0);
  assert.equal(FakeConnection.all.length, 0);
});

test('a device that comes later is published with a further offer', async () => {
  await enter();
  await connect();
  void call.setTrack('camera', track('video'));
  await settle();
  const offers = FakeSocket.last.all('offer');
  assert.equal(offers.length, 2);
  assert.deepEqual(offers[1].tracks, [{ mid: '8', source: 'camera', muted: false }]);
});

test('a camera that goes off and on again says so, without offers', async () => {
  await call.setTrack('camera', track('video'));
  await enter();
  await connect();
  await call.setTrack('camera', null);
  await call.setTrack('camera', track('video'));
  assert.deepEqual(FakeSocket.last.all('mute'), [
    { type: 'mute', source: 'camera', muted: true },
    { type: 'mute', source: 'camera', muted: false },
  ]);
  assert.equal(FakeSocket.last.all('offer').length, 1);
});

test('muting silences the track and tells the others', async () => {
  const microphone = track('audio');
  await call.setTrack('microphone', microphone);
  await enter();
  call.setMuted('microphone', true);
  assert.equal(microphone.enabled, false);
  assert.deepEqual(FakeSocket.last.all('mute'), [
    { type: 'mute', source: 'microphone', muted: true },
  ]);
});

test('slots say whose picture is in which receivers', async () => {
  await enter();
  const slots = [
    { slot: 0, audio: '0', video: '1', participant: 'p2', source: 'camera' },
    { slot: 1, audio: '2', video: '3', participant: null, source: 'camera' },
  ];
  FakeSocket.last.say({ type: 'slots', slots });
  assert.equal(call.pictures.length, 1);
  const [{ participant, stream }] = call.pictures;
  assert.equal(participant, 'p2');
  assert.deepEqual(stream.tracks.map((each) => each.id), ['remote-0', 'remote-1']);
  FakeSocket.last.say({ type: 'slots', slots: [{ ...slots[0], participant: 'p3' }] });
  assert.equal(call.pictures[0].participant, 'p3');
  assert.equal(call.pictures[0].stream, stream, 'a slot keeps its stream');
});

test('need-slots adds slots and offers them', async () => {
  await enter();
  await connect();
  FakeSocket.last.say({ type: 'need-slots', count: 6 });
  await settle();
  assert.equal(FakeSocket.last.all('offer')[1].sdp, 'offer of 12');
});

test('a wish for more slots than an offer carries is not offered again and again', async () => {
  await enter();
  await connect();
  for (const count of [1000, 1000, 1000]) {
    FakeSocket.last.say({ type: 'need-slots', count });
    await settle();
    FakeSocket.last.say({ type: 'answer', sdp: 'answer' });
    await settle();
  }
  assert.equal(FakeSocket.last.all('offer').length, 2);
});

for (const code of ['room-full', 'room-not-found', 'server-full']) {
  test(`${code} at the door ends the call with that reason`, async () => {
    void call.join('r', 'Ann');
    FakeSocket.last.open();
    await settle();
    FakeSocket.last.say({ type: 'error', code, message: 'Sorry.', fatal: false });
    await settle();
    assert.equal(call.state, 'failed');
    assert.equal(call.reason, code);
    assert.equal(FakeConnection.all.length, 0);
    assert.equal(FakeSocket.last.readyState, 3);
  });
}

test('a server that does not answer is told apart from a lost connection', async () => {
  void call.join('r', 'Ann');
  FakeSocket.last.close();
  await settle();
  assert.equal(call.state, 'failed');
  assert.equal(call.reason, 'unreachable');
});

test('a refused wish does not spoil the offer that is under way', async () => {
  await enter();
  const refusal = { type: 'error', code: 'no-such-track', message: 'No.', fatal: false };
  FakeSocket.last.say(refusal);
  await settle();
  await connect();
  assert.equal(call.state, 'joined');
  assert.deepEqual(FakeConnection.open[0].answers, ['answer']);
});

test('a lost WebSocket leads to a new join; the old connection is closed', async () => {
  await call.setTrack('camera', track('video'));
  await enter();
  await connect();
  FakeSocket.last.close();
  await settle();
  assert.equal(call.state, 'reconnecting');
  assert.equal(FakeConnection.open.length, 0);
  call.retryNow();
  await admit();
  assert.equal(call.state, 'joined');
  assert.equal(FakeSocket.all.length, 2);
  assert.equal(FakeConnection.open.length, 1);
  assert.deepEqual(FakeSocket.last.all('join')[0], { type: 'join', room: 'r', name: 'Ann' });
  assert.equal(FakeSocket.last.all('offer')[0].tracks[0].source, 'camera');
});

test('lost media leads to a new join, and frees the old seat', async () => {
  await enter();
  await connect();
  FakeConnection.open[0].become('failed');
  await settle();
  assert.equal(call.state, 'reconnecting');
  assert.equal(FakeSocket.last.all('leave').length, 1);
});

test('media that never got through is a reason of its own, not an endless retry', async () => {
  await enter();
  FakeConnection.open[0].become('failed');
  await settle();
  assert.equal(call.state, 'failed');
  assert.equal(call.reason, 'no-media');
});

test('after an outage a full room may only hold our own seat still', async () => {
  await enter();
  await connect();
  FakeSocket.last.close();
  call.retryNow();
  FakeSocket.last.open();
  await settle();
  FakeSocket.last.say({ type: 'error', code: 'room-full', message: 'Full.', fatal: false });
  await settle();
  assert.equal(call.state, 'reconnecting');
});

test('leaving waits for the server, then closes everything', async () => {
  await enter();
  await connect();
  const left = call.leave();
  assert.equal(FakeSocket.last.all('leave').length, 1);
  assert.equal(call.state, 'joined');
  FakeSocket.last.say({ type: 'closed', code: 'left', message: '' });
  await left;
  assert.equal(call.state, 'ended');
  assert.equal(FakeConnection.open.length, 0);
  assert.equal(FakeSocket.last.readyState, 3);
});

test('leaving while the way back is being tried leaves', async () => {
  await enter();
  await connect();
  FakeSocket.last.close();
  call.retryNow();
  call.leaveNow();
  FakeSocket.last.open();
  await settle();
  assert.equal(call.state, 'ended');
  assert.equal(FakeConnection.open.length, 0);
});
