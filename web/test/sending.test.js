import assert from 'node:assert/strict';
import test, { beforeEach } from 'node:test';

import { Sending } from '../src/sdk/sending.js';
import { FakeConnection, install, settle, track } from './fakes.js';

/** @type {FakeConnection} */
let connection;

beforeEach(() => {
  install();
  connection = new FakeConnection();
});

function send(source = 'camera', captured = track('video')) {
  const sending = new Sending(connection, source, captured, new MediaStream());
  return { sending, sender: sending.transceiver.sender };
}

const rids = (sender) => sender.encodings.map((each) => each.rid);

test('a camera is sent in three encodings, VP8 first, the other codecs behind', () => {
  const { sending, sender } = send();
  assert.deepEqual(rids(sender), ['q', 'h', 'f']);
  assert.equal(sending.transceiver.preferred[0].mimeType, 'video/VP8');
  assert.equal(sending.transceiver.preferred.length, 7);
});

test('a browser that refuses temporal layers sends without them', () => {
  connection.refuses = (encoding) => encoding.scalabilityMode === 'L1T3';
  const { sender } = send();
  assert.deepEqual(rids(sender), ['q', 'h', 'f']);
  assert.equal(connection.transceivers.length, 1);
});

test('a screen is sharp rather than smooth, the next one too', async () => {
  const screens = [track('video', 1920, 1080), track('video', 800, 600)];
  const { sending, sender } = send('screen', screens[0]);
  await sending.replace(screens[1]);
  assert.deepEqual(screens.map((each) => each.contentHint), ['detail', 'detail']);
  assert.equal(sender.encodings.length, 1);
});

test('only the wanted encodings are on, and come back when they are wanted again', async () => {
  const { sending, sender } = send();
  await sending.negotiated();
  await sending.want(['q', 'h']);
  assert.deepEqual(sender.active, ['q', 'h']);
  await sending.want([]);
  assert.deepEqual(sender.active, []);
  await sending.want(['f']);
  assert.deepEqual(sender.active, ['f']);
});

test('what is wanted before the first answer is applied after it', async () => {
  const { sending, sender } = send();
  await sending.want(['q']);
  assert.deepEqual(sender.changes, []);
  await sending.negotiated();
  assert.deepEqual(sender.active, ['q']);
});

test('all encodings are on until somebody says otherwise, and nothing is set in vain', async () => {
  const { sending, sender } = send();
  await sending.negotiated();
  await sending.want(['q', 'h', 'f']);
  await sending.want(['f', 'h', 'q', 'something-else']);
  assert.deepEqual(sender.active, ['q', 'h', 'f']);
  assert.deepEqual(sender.changes, []);
});

test('changes do not overtake each other, and only the last of many is made', async () => {
  const { sending, sender } = send();
  await sending.negotiated();
  for (let round = 0; round < 100; round += 1) void sending.want(round % 2 ? ['q'] : ['f']);
  await settle();
  await settle();
  await settle();
  assert.deepEqual(sender.active, ['q']);
  assert.ok(sender.changes.length <= 2);
});

test('a sender that refuses is left as it is, and set after the next answer', async () => {
  const { sending, sender } = send();
  await sending.negotiated();
  sender.stopped = true;
  await sending.want(['q']);
  assert.deepEqual(sender.active, ['q', 'h', 'f']);
  sender.stopped = false;
  await sending.negotiated();
  assert.deepEqual(sender.active, ['q']);
});

/** Lets a sender refuse so many changes, and time pass until it is asked no more. */
async function refuse(sender, times, seconds) {
  const set = sender.setParameters;
  let asked = 0;
  sender.setParameters = async (parameters) => {
    asked += 1;
    if (asked <= times) throw new Error('an answer came in between');
    await set.call(sender, parameters);
  };
  return async (timers) => {
    for (let passed = 0; passed < seconds; passed += 0.05) {
      timers.tick(50);
      for (let turn = 0; turn < 4; turn += 1) await settle();
    }
    return asked;
  };
}

test('what a sender refuses once is set again by itself, and soon', async (context) => {
  context.mock.timers.enable({ apis: ['setTimeout'] });
  const { sending, sender } = send();
  await sending.negotiated();
  const pass = await refuse(sender, 2, 0.3);
  await sending.want(['q']);
  assert.deepEqual(sender.active, ['q', 'h', 'f']);
  assert.equal(await pass(context.mock.timers), 3);
  assert.deepEqual(sender.active, ['q']);
});

test('only the latest wish is set again', async (context) => {
  context.mock.timers.enable({ apis: ['setTimeout'] });
  const { sending, sender } = send();
  await sending.negotiated();
  const pass = await refuse(sender, 1, 5);
  await sending.want(['q']);
  await sending.want(['h', 'f']);
  assert.deepEqual(sender.active, ['h', 'f']);
  await pass(context.mock.timers);
  assert.deepEqual(sender.active, ['h', 'f']);
});

test('a sender that refuses for good is not asked for ever, but again with the next wish', async (context) => {
  context.mock.timers.enable({ apis: ['setTimeout'] });
  const { sending, sender } = send();
  await sending.negotiated();
  const pass = await refuse(sender, 5, 10);
  await sending.want(['q']);
  assert.equal(await pass(context.mock.timers), 5);
  assert.deepEqual(sender.active, ['q', 'h', 'f']);
  await sending.want(['h']);
  assert.deepEqual(sender.active, ['h']);
});

test('a lone encoding is off when nobody watches at all', async () => {
  const { sending, sender } = send('camera', track('video', 320, 180));
  await sending.negotiated();
  await sending.want([]);
  assert.equal(sender.encodings[0].active, false);
  await sending.want(['f']);
  assert.equal(sender.encodings[0].active, true);
});

test('encodings are made to fit another camera, and fewer are on for a small one', async () => {
  const { sending, sender } = send();
  const scales = () => sender.encodings.map((each) => each.scaleResolutionDownBy);
  await sending.negotiated();
  await sending.replace(track('video', 1920, 1080));
  assert.deepEqual(scales(), [4, 2, 1]);
  await sending.replace(track('video', 640, 360));
  assert.deepEqual(scales().slice(0, 2), [2, 1]);
  assert.deepEqual(sender.active, ['q', 'h']);
  await sending.replace(track('video', 320, 180));
  assert.equal(scales()[0], 1);
  assert.deepEqual(sender.active, ['q']);
  await sending.replace(null);
  await sending.replace(track('video'));
  assert.deepEqual(scales(), [4, 2, 1]);
  assert.deepEqual(sender.active, ['q', 'h', 'f']);
});

test('a large camera after a small one gets the bitrate it needs', async () => {
  const { sending, sender } = send('camera', track('video', 320, 180));
  await sending.negotiated();
  await sending.replace(track('video'));
  assert.equal(sender.encodings[0].maxBitrate, 1_700_000);
  assert.equal(sender.encodings[0].scaleResolutionDownBy, 1);
});

test('sound has no encodings to set', async () => {
  const { sending, sender } = send('microphone', track('audio'));
  await sending.negotiated();
  await sending.want(['q']);
  assert.deepEqual(sender.changes, []);
});

test('what ended sends nothing, and all of it when it is resumed', async () => {
  const { sending, sender } = send();
  await sending.negotiated();
  await sending.want([]);
  await sending.end();
  assert.equal(sending.mid, null);
  assert.equal(sender.track, null);
  const again = track('video');
  await sending.resume(again);
  assert.equal(sender.track, again);
  assert.deepEqual(sender.active, ['q', 'h', 'f']);
});
