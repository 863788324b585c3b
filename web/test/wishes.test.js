import assert from 'node:assert/strict';
import test from 'node:test';

import { Wishes } from '../src/sdk/wishes.js';

const SOURCES = { camera: 'video', screen: 'video', microphone: 'audio' };

/** @param {import('node:test').TestContext} context */
function start(context) {
  context.mock.timers.enable({ apis: ['setTimeout'] });
  const sent = new Set(['ann', 'bob']);
  const told = [];
  const wishes = new Wishes(
    (participant, source) => {
      if (!sent.has(participant)) return undefined;
      return { id: `${participant}-${source}`, kind: SOURCES[source], source, muted: false };
    },
    (tracks) => told.push(tracks),
  );
  wishes.start();
  const heights = () => told.map((tracks) => tracks.map((each) => each.height));
  return { wishes, told, sent, heights, pass: (ms) => context.mock.timers.tick(ms) };
}

const wish = (height, participant = 'ann', source = 'camera') => ({ participant, source, height });

test('wishes are told by the ids of the tracks, all of them each time', (context) => {
  const { wishes, told, pass } = start(context);
  wishes.show([wish(360), { ...wish(720, 'bob', 'screen'), priority: 5, pinned: true }]);
  pass(200);
  wishes.show([wish(180)]);
  assert.deepEqual(told, [
    [
      { id: 'ann-camera', height: 360, priority: 0, pinned: false },
      { id: 'bob-screen', height: 720, priority: 5, pinned: true },
    ],
    [{ id: 'ann-camera', height: 180, priority: 0, pinned: false }],
  ]);
});

test('the first change is told at once, then the latest after a while', (context) => {
  const { wishes, heights, pass } = start(context);
  for (const height of [100, 200, 300]) wishes.show([wish(height)]);
  assert.deepEqual(heights(), [[100]]);
  pass(199);
  assert.deepEqual(heights(), [[100]]);
  pass(1);
  assert.deepEqual(heights(), [[100], [300]]);
});

test('a window that is resized for a second tells five times or so, the last size for sure', (context) => {
  const { wishes, heights, pass } = start(context);
  for (let frame = 1; frame <= 60; frame += 1) {
    wishes.show([wish(frame)]);
    pass(16);
  }
  pass(1000);
  assert.ok(heights().length <= 6, String(heights().length));
  assert.deepEqual(heights().at(-1), [60]);
});

test('nothing is told when nothing has changed, nor when it has changed back', (context) => {
  const { wishes, told, pass } = start(context);
  wishes.show([]);
  assert.equal(told.length, 0, 'no wish is what the server assumes');
  wishes.show([wish(360)]);
  pass(1000);
  wishes.show([wish(360)]);
  wishes.refresh();
  pass(1000);
  assert.equal(told.length, 1);
  wishes.show([wish(180)]);
  wishes.show([wish(90)]);
  wishes.show([wish(180)]);
  pass(1000);
  assert.equal(told.length, 2);
});

test('what nobody sends is told when it is sent', (context) => {
  const { wishes, sent, heights, pass } = start(context);
  wishes.show([wish(360), wish(180, 'cleo')]);
  pass(200);
  sent.add('cleo');
  wishes.refresh();
  pass(200);
  sent.delete('ann');
  wishes.refresh();
  assert.deepEqual(heights(), [[360], [360, 180], [180]]);
});

test('sound is not wished for, and a track only once', (context) => {
  const { wishes, told } = start(context);
  wishes.show([wish(360, 'ann', 'microphone'), wish(90), wish(720)]);
  assert.deepEqual(told[0].map((each) => [each.id, each.height]), [['ann-camera', 720]]);
});

test('a new server is told all of it again; between servers nobody is', (context) => {
  const { wishes, heights, pass } = start(context);
  wishes.show([wish(360)]);
  wishes.stop();
  wishes.show([wish(180)]);
  pass(1000);
  assert.deepEqual(heights(), [[360]]);
  wishes.start();
  pass(200);
  wishes.start();
  assert.deepEqual(heights(), [[360], [180], [180]]);
});

test('wishes stay within what the protocol takes', (context) => {
  const { wishes, told, sent, pass } = start(context);
  wishes.show([wish(100_000.4)]);
  assert.equal(told[0][0].height, 8640);
  pass(200);
  const many = Array.from({ length: 1200 }, (_, index) => wish(8, `p${index}`));
  for (const each of many) sent.add(each.participant);
  wishes.show(many);
  assert.equal(told[1].length, 1000);
});
