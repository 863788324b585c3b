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
afterEach(() => call.leaveNow());

const JOINED = {
  type: 'joined',
  you: 'p1',
  room: 'r',
  capacity: 16,
  participants: [{ id: 'p2', name: 'Ben', tracks: [], role: 'host', hand: 0 }],
  role: 'member',
  locked: false,
  hand: 0,
  silenced: [],
  resume: 'token 1',
  resumed: false,
  slots: 4,
  iceServers: [],
};
const WITH_CHAT = 'v=0\r\nm=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\n';

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

/** What the client has told the server since it joined, apart from offers. */
const asked = () => FakeSocket.last.sent.slice(1).filter(({ type }) => type !== 'offer');

/** The server answers the offer and media flows. */
async function connect(sdp = 'answer') {
  FakeSocket.last.say({ type: 'answer', sdp });
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

test('a screen that ends leaves the offer, and comes back in the same m-line', async () => {
  await call.setTrack('screen', track('video'));
  await enter();
  await connect();
  void call.unpublish('screen');
  await settle();
  FakeSocket.last.say({ type: 'answer', sdp: 'answer' });
  await settle();
  void call.setTrack('screen', track('video'));
  await settle();
  const mids = FakeSocket.last.all('offer').map(({ tracks }) => tracks.map(({ mid }) => mid));
  assert.deepEqual(mids, [['0'], [], ['0']]);
  assert.deepEqual(FakeSocket.last.all('mute'), []);
  assert.equal(FakeConnection.open[0].transceivers.length, 9);
});

test('a screen that ended is not sent again after an outage', async () => {
  await call.setTrack('screen', track('video'));
  await call.unpublish('screen');
  await enter();
  assert.deepEqual(FakeSocket.last.all('offer')[0].tracks, []);
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

const CAMERA = { id: 'p2-camera', kind: 'video', source: 'camera', muted: false };

/** The camera of the other one comes. */
function publish() {
  FakeSocket.last.say({ type: 'track-published', participant: 'p2', track: CAMERA });
}

test('what the page shows is told by the ids of the tracks, as soon as there are any', async () => {
  await enter();
  call.show([{ participant: 'p2', source: 'camera', height: 360 }]);
  assert.deepEqual(FakeSocket.last.all('subscribe'), []);
  publish();
  assert.deepEqual(FakeSocket.last.all('subscribe'), [
    {
      type: 'subscribe',
      tracks: [{ id: 'p2-camera', height: 360, priority: 0, pinned: false }],
    },
  ]);
});

test('a page that wishes anew when somebody begins to send is heard at once', async () => {
  call.addEventListener('participants', () => {
    const height = call.participants.get('p2')?.tracks.length ? 720 : 0;
    call.show([{ participant: 'p2', source: 'camera', height }]);
  });
  await enter();
  publish();
  assert.deepEqual(
    FakeSocket.last.all('subscribe').map(({ tracks }) => tracks[0].height),
    [720],
  );
});

test('after an outage the server is told again what is shown', async () => {
  await enter();
  await connect();
  call.show([{ participant: 'p2', source: 'camera', height: 360 }]);
  publish();
  FakeSocket.last.close();
  call.show([{ participant: 'p2', source: 'camera', height: 180 }]);
  call.retryNow();
  FakeSocket.last.open();
  await settle();
  const participants = [{ id: 'p2', name: 'Ben', tracks: [CAMERA] }];
  FakeSocket.last.say({ ...JOINED, participants });
  await settle();
  assert.deepEqual(
    FakeSocket.last.all('subscribe').map(({ tracks }) => tracks[0].height),
    [180],
  );
});

test('layers that nobody watches are switched off, until a new connection', async () => {
  await call.setTrack('camera', track('video'));
  await enter();
  const sender = () => FakeConnection.open[0].transceivers[0].sender;
  FakeSocket.last.say({ type: 'layers', source: 'camera', wanted: ['q'] });
  FakeSocket.last.say({ type: 'layers', source: 'screen', wanted: [] });
  await settle();
  assert.deepEqual(sender().active, ['q', 'h', 'f'], 'not before the answer');
  await connect();
  await settle();
  assert.deepEqual(sender().active, ['q']);
  FakeSocket.last.close();
  call.retryNow();
  await admit();
  await connect();
  await settle();
  assert.deepEqual(sender().active, ['q', 'h', 'f']);
});

test('quality is kept by participant and source, our own too, until the connection is lost', async () => {
  await enter();
  await connect();
  publish();
  let heard = 0;
  call.addEventListener('quality', () => (heard += 1));
  const rating = { source: 'camera', score: 3, reason: 'uplink', paused: false, height: 180 };
  const tracks = ['p1', 'p2'].map((participant) => ({ participant, ...rating }));
  FakeSocket.last.say({ type: 'quality', tracks });
  assert.equal(heard, 1);
  assert.equal(call.quality.get('p2 camera')?.score, 3);
  assert.equal(call.quality.get('p1 camera')?.reason, 'uplink');
  FakeSocket.last.close();
  assert.equal(call.quality.size, 2, 'the media go on');
  call.retryNow();
  await admit();
  assert.equal(call.quality.size, 0);
});

test('the offer that the server gets asks for repair of sound', async () => {
  FakeConnection.sdp = 'm=audio 9\r\na=rtpmap:111 opus/48000/2\r\n';
  await enter();
  assert.match(FakeSocket.last.all('offer')[0].sdp, /a=rtcp-fb:111 nack\r\n/);
});

for (const code of ['room-full', 'room-not-found', 'server-full', 'server-busy', 'room-locked', 'bad-token']) {
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

test('an address that has too many connections is told so, whatever it says', async () => {
  void call.join('r', 'Ann');
  FakeSocket.last.open();
  await settle();
  FakeSocket.last.say({ type: 'closed', code: 'too-many-from-address', message: 'Sorry.' });
  await settle();
  FakeSocket.last.close();
  await settle();
  assert.equal(call.state, 'failed');
  assert.equal(call.reason, 'too-many-from-address');
});

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

test('a server that does not know us any more is joined anew; the old connection is closed', async () => {
  await call.setTrack('camera', track('video'));
  await enter();
  await connect();
  FakeSocket.last.close();
  await settle();
  assert.equal(call.state, 'joined', 'nobody has to know yet');
  assert.equal(FakeConnection.open.length, 1);
  call.retryNow();
  await admit();
  assert.equal(call.state, 'joined');
  assert.equal(FakeSocket.all.length, 2);
  assert.equal(FakeConnection.open.length, 1);
  const [join] = FakeSocket.last.all('join');
  const back = { resume: 'token 1', media: true };
  assert.deepEqual(join, { type: 'join', room: 'r', name: 'Ann', ...back });
  assert.equal(FakeConnection.all.length, 2);
  assert.equal(FakeSocket.last.all('offer')[0].tracks[0].source, 'camera');
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
  assert.notEqual(call.state, 'failed');
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

for (const code of ['room-locked', 'bad-token', 'room-not-found']) {
  test(`${code} on the way back ends the call`, async () => {
    await enter();
    await connect();
    FakeSocket.last.close();
    call.retryNow();
    FakeSocket.last.open();
    await settle();
    FakeSocket.last.say({ type: 'error', code, message: 'Sorry.', fatal: false });
    await settle();
    assert.deepEqual([call.state, call.reason, call.message], ['failed', code, 'Sorry.']);
  });
}

for (const code of ['removed', 'ended']) {
  test(`who is ${code} does not come back`, async () => {
    await enter();
    await connect();
    FakeSocket.last.say({ type: 'closed', code, message: '' });
    FakeSocket.last.close();
    await settle();
    assert.deepEqual([call.state, call.reason], ['ended', code]);
    assert.equal(FakeSocket.all.length, 1);
  });
}

test('a call that ended can be joined again', async () => {
  await enter();
  call.leaveNow();
  await enter();
  assert.deepEqual([call.state, call.reason], ['joined', '']);
});

test('a token goes along, also on the way back', async () => {
  void call.join('r', 'Ann', 'secret');
  await admit();
  await connect();
  FakeSocket.last.close();
  call.retryNow();
  await admit();
  const tokens = FakeSocket.all.map((socket) => socket.all('join')[0].token);
  assert.deepEqual(tokens, ['secret', 'secret']);
});

test('a host asks for what hosts may, and everybody for hands and reactions', async () => {
  await enter();
  call.raiseHand(true);
  call.react('clap');
  call.muteOther('p2', 'microphone');
  call.remove('p2');
  call.lock(true);
  call.endForAll();
  assert.deepEqual(asked(), [
    { type: 'hand', raised: true },
    { type: 'react', reaction: 'clap' },
    { type: 'mute-other', participant: 'p2', source: 'microphone' },
    { type: 'remove', participant: 'p2' },
    { type: 'lock', locked: true },
    { type: 'end' },
  ]);
});

test('nothing is asked of a server that has not let us in', async () => {
  call.raiseHand(true);
  void call.join('r', 'Ann');
  FakeSocket.last.open();
  await settle();
  call.react('clap');
  call.setMuted('camera', true);
  assert.deepEqual(FakeSocket.last.sent.map(({ type }) => type), ['join']);
});

test('role, lock and hands are known, and said when they change', async () => {
  const heard = [];
  for (const type of ['room', 'participants']) call.addEventListener(type, () => heard.push(type));
  await enter();
  assert.deepEqual([call.role, call.locked, call.hand], ['member', false, 0]);
  assert.deepEqual(heard.splice(0), ['participants', 'room']);
  const me = { id: 'p1', name: 'Ann', tracks: [], role: 'member', hand: 2 };
  const ben = { ...JOINED.participants[0], hand: 1 };
  FakeSocket.last.say({ type: 'participant-updated', participant: me });
  FakeSocket.last.say({ type: 'participant-updated', participant: ben });
  assert.deepEqual(heard.splice(0), ['participants', 'participants']);
  assert.deepEqual(call.hands, ['p2', 'p1']);
  assert.equal(call.hand, 2);
  FakeSocket.last.say({ type: 'participant-updated', participant: { ...me, role: 'host' } });
  FakeSocket.last.say({ type: 'room-updated', locked: true });
  assert.deepEqual(heard, ['participants', 'room', 'room']);
  assert.deepEqual([call.role, call.locked], ['host', true]);
  call.leaveNow();
  assert.deepEqual([call.role, call.locked, call.hands], ['member', false, []]);
});

test('a raised hand is raised again after an outage', async () => {
  await enter();
  await connect();
  const me = { id: 'p1', name: 'Ann', tracks: [], role: 'member', hand: 2 };
  FakeSocket.last.say({ type: 'participant-updated', participant: me });
  FakeSocket.last.close();
  call.retryNow();
  await admit();
  assert.deepEqual(asked(), [{ type: 'hand', raised: true }]);
});

test('reactions and refusals are events', async () => {
  await enter();
  const heard = [];
  call.addEventListener('reaction', ({ participant, reaction }) =>
    heard.push([participant, reaction]),
  );
  call.addEventListener('refused', ({ code, message }) => heard.push([code, message]));
  FakeSocket.last.say({ type: 'reacted', participant: 'p1', reaction: 'heart' });
  FakeSocket.last.say({ type: 'error', code: 'not-allowed', message: 'No.', fatal: false });
  assert.deepEqual(heard, [
    ['p1', 'heart'],
    ['not-allowed', 'No.'],
  ]);
  assert.equal(call.state, 'joined');
});

test('what a host mutes is silent until we switch it on again, over outages too', async () => {
  const microphone = track('audio');
  await call.setTrack('microphone', microphone);
  await enter();
  await connect();
  const heard = [];
  call.addEventListener('muted', ({ source, by }) => heard.push([source, by]));
  FakeSocket.last.say({ type: 'muted', source: 'microphone', by: 'p2' });
  assert.deepEqual(heard, [['microphone', 'p2']]);
  assert.equal(microphone.enabled, false);
  assert.deepEqual(asked(), [], 'the server knows');
  FakeSocket.last.say({ type: 'need-slots', count: 5 });
  await settle();
  assert.equal(FakeSocket.last.all('offer')[1].tracks[0].muted, true);
  FakeSocket.last.close();
  call.retryNow();
  await admit();
  assert.equal(FakeSocket.last.all('offer')[0].tracks[0].muted, true);
  call.setMuted('microphone', false);
  assert.equal(microphone.enabled, true);
  assert.deepEqual(asked(), [{ type: 'mute', source: 'microphone', muted: false }]);
});

test('a connection that was opened early is the one that joins', async () => {
  call.warmUp();
  call.warmUp();
  FakeSocket.last.open();
  await settle();
  assert.deepEqual(FakeSocket.last.sent, []);
  await enter();
  assert.equal(FakeSocket.all.length, 1);
  assert.equal(call.state, 'joined');
  call.warmUp();
  assert.equal(FakeSocket.all.length, 1);
});

test('an early connection that was lost is no obstacle, before or while joining', async () => {
  call.warmUp();
  FakeSocket.last.close();
  call.warmUp();
  assert.equal(FakeSocket.all.length, 2);
  const joining = call.join('r', 'Ann');
  FakeSocket.last.close();
  await settle();
  assert.equal(call.state, 'joining');
  assert.equal(FakeSocket.all.length, 3);
  FakeSocket.last.close();
  await joining;
  assert.deepEqual([call.state, call.reason], ['failed', 'unreachable']);
});

test('an early connection is given up before the server gives it up', () => {
  mock.timers.enable({ apis: ['setTimeout'] });
  try {
    call.warmUp();
    FakeSocket.last.open();
    mock.timers.tick(24_999);
    assert.equal(FakeSocket.last.readyState, 1);
    mock.timers.tick(1);
    assert.equal(FakeSocket.last.readyState, 3);
    call.warmUp();
    call.leaveNow();
    assert.equal(FakeSocket.all.length, 2);
    assert.equal(FakeSocket.last.readyState, 3);
  } finally {
    mock.timers.reset();
  }
});

/** The server opens the chat and tells what was said. */
function openChat(...messages) {
  const { chat, files } = FakeConnection.open[0].channels;
  chat.open();
  files.open();
  chat.say({ type: 'history', messages, maxText: 4000, maxFile: 1000 });
  return chat;
}

test('the chat lives as long as the call: it goes on after an outage', async () => {
  await enter();
  await connect(WITH_CHAT);
  const hello = { type: 'said', number: 1, id: '', name: 'Ben', text: 'Hello', file: null };
  const said = { ...hello, sender: 'p2', to: 'p1', at: 1_700_000_000 };
  openChat().say(said);
  assert.deepEqual(call.chat.messages.map(({ text, toName }) => [text, toName]), [['Hello', 'Ann']]);
  FakeSocket.last.close();
  call.chat.send('still here');
  call.retryNow();
  await admit();
  await connect(WITH_CHAT);
  const chat = openChat();
  assert.deepEqual(chat.all('say').map(({ text }) => text), ['still here']);
  assert.equal(call.chat.messages.length, 1);
});

test('a server that answers without data channels has no chat, and everything else', async () => {
  await enter();
  await connect('v=0\r\nm=application 0 UDP/DTLS/SCTP webrtc-datachannel\r\n');
  assert.equal(call.chat.state, 'unavailable');
  assert.equal(call.state, 'joined');
  assert.deepEqual(FakeConnection.open[0].answers.length, 1);
});

/** @param {string[]} publish */
const may = (publish) => ({ publish, subscribe: true, data: true });
/** What the last offer said that we send. */
const offered = () => {
  const offers = FakeSocket.last.sent.filter(({ type }) => type === 'offer');
  return offers.at(-1).tracks.map((/** @type {{source: string}} */ { source }) => source);
};

test('only what we may publish is offered, from the first offer on', async () => {
  await call.setTrack('microphone', track('audio'));
  await call.setTrack('camera', track('video'));
  void call.join('r', 'Ann');
  FakeSocket.last.open();
  await settle();
  FakeSocket.last.say({ ...JOINED, may: may(['microphone']) });
  await settle();
  assert.deepEqual(call.may, may(['microphone']));
  assert.deepEqual(offered(), ['microphone']);
});

test('a newer token is shown, and ends and begins what it says', async () => {
  await call.setTrack('microphone', track('audio'));
  await call.setTrack('camera', track('video'));
  await enter();
  await connect();
  assert.deepEqual(offered(), ['microphone', 'camera']);
  call.refresh('newer');
  assert.deepEqual(asked(), [{ type: 'refresh', token: 'newer' }]);
  for (const sources of [['microphone'], ['microphone', 'camera']]) {
    FakeSocket.last.say({ type: 'permissions', role: 'member', may: may(sources) });
    await settle();
    assert.deepEqual(offered(), sources);
    await connect();
  }
});
