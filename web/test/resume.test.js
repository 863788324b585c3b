import assert from 'node:assert/strict';
import test, { afterEach, beforeEach, mock } from 'node:test';

import { Call } from '../src/sdk/call.js';
import { FakeConnection, FakeSocket, install, settle, track } from './fakes.js';

/** @type {Call} */
let call;

beforeEach(() => {
  install();
  call = new Call('ws://host/ws');
});
afterEach(() => {
  call.leaveNow();
  mock.timers.reset();
});

const BEN = { id: 'p2', name: 'Ben', tracks: [], role: 'host', hand: 0, away: false };
const JOINED = {
  type: 'joined',
  you: 'p1',
  room: 'r',
  capacity: 16,
  participants: [BEN],
  role: 'member',
  hand: 0,
  locked: false,
  silenced: [],
  resume: 'token 1',
  resumed: false,
  slots: 2,
  iceServers: [],
};
const RESUMED = { ...JOINED, resumed: true, resume: 'token 2' };

/** @param {object} [joined] what the server says */
async function admit(joined = JOINED) {
  FakeSocket.last.open();
  await settle();
  FakeSocket.last.say(joined);
  await settle();
}

/** In the room, with media flowing. */
async function enter() {
  void call.join('r', 'Ann');
  await admit();
  FakeSocket.last.say({ type: 'answer', sdp: 'answer' });
  await settle();
  FakeConnection.open[0].become('connected');
}

/** The WebSocket breaks, and the next one is opened at once. */
async function cut() {
  FakeSocket.last.close();
  call.retryNow();
  await settle();
}

/** What the client has told the server over the latest connection, after its join. */
const told = () => FakeSocket.last.sent.slice(1);

test('a short cut changes nothing that a page sees', async () => {
  await enter();
  FakeSocket.last.say({
    type: 'slots',
    slots: [{ slot: 0, audio: '0', video: '1', participant: 'p2', source: 'camera' }],
  });
  const states = [];
  call.addEventListener('state', () => states.push(call.state));
  const { peer, pictures } = call;
  await cut();
  assert.equal(call.peer, peer);
  assert.deepEqual(call.pictures, pictures);
  assert.deepEqual([...call.participants.keys()], ['p2']);
  await admit(RESUMED);
  assert.deepEqual(states, []);
  assert.equal(call.peer, peer);
  assert.equal(FakeConnection.all.length, 1);
  assert.deepEqual(FakeSocket.last.sent[0], {
    type: 'join',
    room: 'r',
    name: 'Ann',
    resume: 'token 1',
    media: true,
  });
  assert.deepEqual(FakeSocket.last.all('offer'), []);
  const [{ resumed, seconds }] = call.outages;
  assert.equal(resumed, true);
  assert.ok(seconds >= 0 && seconds < 5);
});

test('what opens the TURN servers is new after a cut, and used for the next other way', async () => {
  const servers = (credential) => [{ urls: ['turn:turn.example.org'], username: 'u', credential }];
  void call.join('r', 'Ann');
  await admit({ ...JOINED, iceServers: servers('first') });
  const [connection] = FakeConnection.open;
  assert.deepEqual(connection.configuration.iceServers, servers('first'));
  FakeSocket.last.say({ type: 'answer', sdp: 'answer' });
  await settle();
  connection.become('connected');
  await cut();
  await admit({ ...RESUMED, iceServers: servers('second') });
  assert.equal(FakeConnection.all.length, 1);
  assert.deepEqual(connection.configuration.iceServers, servers('second'));
  assert.equal(connection.configuration.bundlePolicy, 'max-bundle');
});

test('the first try is at once, the next ones ever later', async () => {
  await enter();
  mock.timers.enable({ apis: ['setTimeout'] });
  FakeSocket.last.close();
  for (const seconds of [0, 0.3, ...Array(20).fill(0.5), 1.5, 3, 5, 5]) {
    const count = FakeSocket.all.length;
    if (seconds) mock.timers.tick(seconds * 800 - 1);
    if (seconds) assert.equal(FakeSocket.all.length, count, `not long before ${seconds} s`);
    mock.timers.tick(seconds * 400 + 1);
    assert.equal(FakeSocket.all.length, count + 1, `not long after ${seconds} s`);
    FakeSocket.last.close();
    await settle();
  }
});

test('the page is told after a second without success, and when it is over', async () => {
  await enter();
  mock.timers.enable({ apis: ['setTimeout'] });
  const states = [];
  call.addEventListener('state', () => states.push(call.state));
  FakeSocket.last.close();
  mock.timers.tick(999);
  assert.deepEqual(states, []);
  mock.timers.tick(1);
  assert.deepEqual(states, ['reconnecting']);
  assert.equal(FakeConnection.open.length, 1);
  await admit(RESUMED);
  assert.deepEqual(states, ['reconnecting', 'joined']);
});

test('an attempt that hangs is given up for the next one', async () => {
  await enter();
  mock.timers.enable({ apis: ['setTimeout'] });
  FakeSocket.last.close();
  mock.timers.tick(1);
  const hanging = FakeSocket.last;
  mock.timers.tick(3_000);
  await settle();
  assert.equal(hanging.readyState, 3);
  mock.timers.tick(400);
  assert.notEqual(FakeSocket.last, hanging);
  await admit(RESUMED);
  assert.equal(call.state, 'joined');
});

test('each time the latest token is shown', async () => {
  await enter();
  await cut();
  await admit(RESUMED);
  await cut();
  await admit({ ...RESUMED, resume: 'token 3' });
  await cut();
  assert.equal(FakeSocket.last.sent.length, 0);
  FakeSocket.last.open();
  await settle();
  assert.equal(FakeSocket.last.sent[0].resume, 'token 3');
});

test('an offer without an answer is sent again, the same one', async () => {
  void call.join('r', 'Ann');
  await admit();
  const [offer] = FakeSocket.last.all('offer');
  await cut();
  await admit(RESUMED);
  assert.deepEqual(FakeSocket.last.all('offer'), [offer]);
  FakeSocket.last.say({ type: 'answer', sdp: 'answer' });
  await settle();
  assert.deepEqual(FakeConnection.open[0].answers, ['answer']);
});

test('what is published during an outage is offered after it', async () => {
  await enter();
  FakeSocket.last.close();
  void call.setTrack('camera', track('video'));
  await settle();
  call.retryNow();
  await settle();
  await admit(RESUMED);
  const [offer] = FakeSocket.last.all('offer');
  assert.deepEqual(offer.tracks, [{ mid: '4', source: 'camera', muted: false }]);
});

test('who is muted, and what is shown, is said again', async () => {
  await call.setTrack('microphone', track('audio'));
  await enter();
  call.show([]);
  FakeSocket.last.close();
  call.setMuted('microphone', true);
  call.retryNow();
  await settle();
  await admit(RESUMED);
  assert.deepEqual(told(), [
    { type: 'subscribe', tracks: [] },
    { type: 'mute', source: 'microphone', muted: true },
  ]);
});

test('what a host switched off meanwhile is off', async () => {
  const microphone = track('audio');
  await call.setTrack('microphone', microphone);
  await enter();
  const muted = [];
  call.addEventListener('muted', (event) => muted.push([event.source, event.by]));
  await cut();
  await admit({ ...RESUMED, silenced: [{ source: 'microphone', by: 'p2' }] });
  assert.equal(microphone.enabled, false);
  assert.deepEqual(muted, [['microphone', 'p2']]);
  assert.deepEqual(FakeSocket.last.all('mute'), [
    { type: 'mute', source: 'microphone', muted: true },
  ]);
});

test('a hand that is raised within a short cut is raised after it', async () => {
  await enter();
  FakeSocket.last.close();
  call.raiseHand(true);
  call.retryNow();
  await settle();
  await admit(RESUMED);
  assert.deepEqual(FakeSocket.last.all('hand'), [{ type: 'hand', raised: true }]);
  await cut();
  await admit({ ...RESUMED, hand: 3 });
  assert.equal(call.hand, 3);
  assert.deepEqual(FakeSocket.last.all('hand'), []);
});

test('the others are those of the snapshot', async () => {
  await enter();
  let heard = 0;
  call.addEventListener('participants', () => (heard += 1));
  await cut();
  const participants = [{ ...BEN, away: true }, { ...BEN, id: 'p3', name: 'Cem' }];
  await admit({ ...RESUMED, participants, locked: true, role: 'host' });
  assert.deepEqual([...call.participants.keys()], ['p2', 'p3']);
  assert.equal(call.participants.get('p2')?.away, true);
  assert.deepEqual([call.locked, call.role], [true, 'host']);
  assert.ok(heard > 0);
});

test('the chat lives on over a cut', async () => {
  FakeConnection.sdp = 'offer';
  void call.join('r', 'Ann');
  await admit();
  FakeSocket.last.say({
    type: 'answer',
    sdp: 'v=0\r\nm=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\n',
  });
  await settle();
  for (const channel of Object.values(FakeConnection.open[0].channels)) channel.open();
  FakeConnection.open[0].channels.chat.say({
    type: 'history',
    messages: [],
    maxText: 10,
    maxFile: 10,
  });
  assert.equal(call.chat.open, true);
  FakeSocket.last.close();
  assert.equal(call.chat.open, true);
  call.chat.send('Hi');
  assert.equal(FakeConnection.open[0].channels.chat.all('say').length, 1);
});

test('lost media are looked for over the living WebSocket, without a new connection', async () => {
  await enter();
  const connection = FakeConnection.open[0];
  connection.become('failed');
  await settle();
  assert.equal(connection.restarts, 1);
  assert.equal(FakeSocket.last.all('offer').length, 2);
  FakeSocket.last.say({ type: 'answer', sdp: 'answer' });
  await settle();
  connection.become('connected');
  assert.deepEqual([FakeSocket.all.length, FakeConnection.all.length, call.state], [1, 1, 'joined']);
});

test('media that are not found are made anew, in the same seat', async () => {
  await enter();
  mock.timers.enable({ apis: ['setTimeout'] });
  const before = FakeSocket.last;
  FakeConnection.open[0].become('failed');
  await settle();
  before.say({ type: 'answer', sdp: 'answer' });
  await settle();
  mock.timers.tick(8_000);
  await settle();
  assert.equal(call.state, 'reconnecting');
  assert.deepEqual(before.all('leave'), []);
  assert.equal(before.closedWith, 4000);
  mock.timers.tick(1);
  await admit({ ...JOINED, resume: 'token 2' });
  const [join] = FakeSocket.last.all('join');
  assert.deepEqual([join.resume, join.media], ['token 1', false]);
  assert.equal(FakeConnection.all.length, 2);
  assert.equal(FakeConnection.open.length, 1);
  assert.equal(call.state, 'joined');
});

test('a WebSocket that is dead without a word is found out by an offer', async () => {
  await enter();
  mock.timers.enable({ apis: ['setTimeout'] });
  FakeConnection.open[0].become('disconnected');
  mock.timers.tick(1_000);
  await settle();
  const dead = FakeSocket.last;
  assert.equal(dead.all('offer').length, 2);
  mock.timers.tick(5_000);
  await settle();
  assert.equal(dead.closedWith, 4000);
  mock.timers.tick(1);
  assert.notEqual(FakeSocket.last, dead);
  await admit(RESUMED);
  assert.equal(call.state, 'joined');
  assert.equal(FakeConnection.all.length, 1);
  assert.equal(FakeSocket.last.all('offer').length, 1, 'it is sent again');
});

test('another network is a reason to look for another way for media', async () => {
  await enter();
  call.retryNow();
  await settle();
  assert.equal(FakeConnection.open[0].restarts, 1);
  assert.equal(FakeSocket.all.length, 1);
});

for (const code of ['media-lost', 'server-stopping']) {
  test(`after ${code} there are no media to keep`, async () => {
    await enter();
    FakeSocket.last.say({ type: 'closed', code, message: '' });
    await settle();
    assert.equal(call.state, 'reconnecting');
    assert.equal(FakeConnection.open.length, 0);
    call.retryNow();
    FakeSocket.last.open();
    await settle();
    assert.deepEqual(FakeSocket.last.sent[0].media, false);
  });
}

test('who is replaced does not come back', async () => {
  await enter();
  FakeSocket.last.say({ type: 'closed', code: 'replaced', message: '' });
  assert.deepEqual([call.state, call.reason], ['ended', 'replaced']);
  assert.equal(FakeConnection.open.length, 0);
});

test('leaving within an outage ends everything', async () => {
  await enter();
  FakeSocket.last.close();
  call.leaveNow();
  await settle();
  assert.equal(call.state, 'ended');
  assert.equal(FakeConnection.open.length, 0);
  assert.ok(FakeSocket.all.every((each) => each.readyState === 3));
});

test('nothing waits for ever for an answer that cannot come', async () => {
  void call.join('r', 'Ann');
  await admit();
  const published = call.setTrack('camera', track('video'));
  FakeSocket.last.close();
  call.leaveNow();
  await published;
});
