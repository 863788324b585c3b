import assert from 'node:assert/strict';
import test, { beforeEach, mock } from 'node:test';

import { Announcer } from '../src/elements/announcer.js';
import { matching, people } from '../src/elements/peoplestates.js';
import { neighbour } from '../src/elements/reactions.js';
import { mutedSentence } from '../src/elements/sentences.js';
import { Volumes } from '../src/elements/sound.js';
import { tileStates } from '../src/elements/tilestates.js';

const self = { name: 'Ann', cameraOff: false, microphoneOff: true, sharing: false };
const track = (source, muted = false) => ({ id: source, kind: 'audio', source, muted });
const person = (id, name, more = {}) => [id, { id, name, role: 'member', hand: 0, tracks: [], ...more }];

function call(others, more = {}) {
  return {
    you: 'p1',
    role: 'member',
    hands: [],
    speakers: [],
    pictures: [],
    quality: new Map(),
    participants: new Map(others),
    ...more,
  };
}

test('we come first, then the others as they came', () => {
  const all = people(call([person('p3', 'Cy'), person('p2', 'Bob')]), self);
  assert.deepEqual(all.map((each) => [each.name, each.self]), [
    ['Ann', true],
    ['Cy', false],
    ['Bob', false],
  ]);
});

test('raised hands come before all others, with their place in the queue', () => {
  const others = [person('p2', 'Bob'), person('p3', 'Cy'), person('p4', 'Di')];
  const all = people(call(others, { hands: ['p4', 'p1'] }), self);
  assert.deepEqual(all.map((each) => [each.name, each.hand]), [
    ['Di', 1],
    ['Ann', 2],
    ['Bob', 0],
    ['Cy', 0],
  ]);
  const tiles = tileStates(call(others, { hands: ['p4', 'p1'] }), { ...self, stream: null });
  assert.deepEqual(tiles.map((each) => each.hand), [2, 0, 0, 1]);
});

test('a screen has no hand: it stays with the person', () => {
  const bob = person('p2', 'Bob', { tracks: [track('screen')] });
  const tiles = tileStates(call([bob], { hands: ['p2'] }), { ...self, stream: null });
  assert.deepEqual(tiles.map((each) => [each.key, each.hand]), [
    ['self', 0],
    ['p2 camera', 1],
    ['p2 screen', 0],
  ]);
});

test('what is muted is off', () => {
  const bob = person('p2', 'Bob', { role: 'host', tracks: [track('microphone', true), track('screen')] });
  const [own, other] = people(call([bob], { speakers: [{ participant: 'p2', level: 1 }] }), self);
  assert.deepEqual(
    [own.microphone, own.camera, own.screen, own.host, own.speaking],
    [false, true, false, false, false],
  );
  assert.deepEqual(
    [other.microphone, other.camera, other.screen, other.host, other.speaking],
    [false, false, true, true, true],
  );
});

test('a search finds parts of names, in any order, without accents and capitals', () => {
  const all = people(call([person('p2', 'Zoë Čapek'), person('p3', ''), person('p4', 'İnci')]), self);
  const found = (words) => matching(all, words).map((each) => each.name);
  assert.deepEqual(found('cap zoe'), ['Zoë Čapek']);
  assert.deepEqual(found('ZOË'), ['Zoë Čapek']);
  assert.deepEqual(found('guest'), ['']);
  assert.deepEqual(found('nobody'), []);
  assert.equal(found('').length, 4);
});

test('arrows go round the reactions as they are seen', () => {
  assert.equal(neighbour('ArrowRight', 5, 6, false), 0);
  assert.equal(neighbour('ArrowLeft', 0, 6, false), 5);
  assert.equal(neighbour('ArrowRight', 0, 6, true), 5);
  assert.equal(neighbour('ArrowLeft', 5, 6, true), 0);
  assert.equal(neighbour('Home', 3, 6, true), 0);
  assert.equal(neighbour('End', 3, 6, false), 5);
  assert.equal(neighbour('Enter', 3, 6, false), null);
});

test('a volume has bounds, and is forgotten with whoever it was for', () => {
  const volumes = new Volumes();
  assert.equal(volumes.of('p2'), 1);
  volumes.set('p2', 9);
  volumes.set('p3', -1);
  assert.deepEqual([volumes.of('p2'), volumes.of('p3')], [1.5, 0]);
  volumes.prune((participant) => participant === 'p3');
  assert.deepEqual([volumes.of('p2'), volumes.of('p3')], [1, 0]);
});

test('who was muted is told by whom, even if they have gone', () => {
  assert.match(mutedSentence('microphone', 'Bob'), /^Bob has switched off your microphone/);
  assert.match(mutedSentence('camera', ''), /^Guest has switched off your camera/);
  assert.match(mutedSentence('screen', undefined), /^A host has stopped your screen share/);
});

// What is announced.

let announcer;
let said;

beforeEach(() => {
  mock.timers.reset();
  mock.timers.enable({ apis: ['setTimeout'] });
  said = [];
  announcer = new Announcer((text) => said.push(text));
});

function listen() {
  mock.timers.tick(2000);
  mock.timers.tick(2000);
  return said.splice(0);
}

const present = (name, hand = 0) => ({ id: name, name, hand, tracks: [] });

test('hands that are raised together are told together, in the order of raising', () => {
  announcer.people([present('Bob'), present('Cy')]);
  listen();
  announcer.people([present('Bob', 8), present('Cy', 7)]);
  assert.deepEqual(listen(), ['Cy and Bob raised their hands.']);
  announcer.people([present('Bob'), present('Cy', 7)]);
  assert.deepEqual(listen(), []);
  announcer.people([present('Bob', 9), present('Cy', 7)]);
  assert.deepEqual(listen(), ['Bob raised a hand.']);
});

test('a room that claps is told in one sentence', () => {
  for (const name of ['Bob', 'Cy', 'Bob', 'Di', 'Eve', 'Flo']) announcer.reacted(name, 'clap');
  announcer.reacted('Bob', 'heart');
  assert.deepEqual(listen(), ['Bob, Cy, Di, and 2 others: Applause. Bob: Heart.']);
  announcer.reacted('Cy', 'wow');
  assert.deepEqual(listen(), ['Cy: Amazed.']);
});

test('after the call no reaction of it is told', () => {
  announcer.reacted('Bob', 'clap');
  announcer.reset();
  assert.deepEqual(listen(), []);
});
