import assert from 'node:assert/strict';
import test, { beforeEach, mock } from 'node:test';

import { Announcer } from '../src/elements/announcer.js';

/** @type {Announcer} */
let announcer;
let said;

beforeEach(() => {
  mock.timers.reset();
  mock.timers.enable({ apis: ['setTimeout'] });
  said = [];
  announcer = new Announcer((text) => said.push(text));
});

const person = (name, ...sources) => ({
  id: `id of ${name}`,
  name,
  tracks: sources.map((source) => ({ id: source, kind: 'video', source, muted: false })),
});

/** Let the announcer say what it has to say. */
function listen() {
  mock.timers.tick(2000);
  mock.timers.tick(2000);
  return said.splice(0);
}

test('whoever is here when we enter is told in one sentence', () => {
  announcer.people([person('Bob'), person('Cy')]);
  assert.deepEqual(listen(), ['Bob and Cy are here.']);
});

test('many who come at once are counted', () => {
  announcer.people([]);
  listen();
  const all = ['Bob', 'Cy', 'Di', 'Eve', 'Flo', 'Gus'].map((name) => person(name));
  for (let count = 1; count <= all.length; count += 1) announcer.people(all.slice(0, count));
  assert.deepEqual(listen(), ['Bob, Cy, Di, and 3 others joined.']);
});

test('one more than can be named is named, not counted', () => {
  announcer.people([]);
  listen();
  announcer.people(['Bob', 'Cy', 'Di', ''].map((name) => person(name)));
  assert.deepEqual(listen(), ['Bob, Cy, Di, and Guest joined.']);
});

test('who comes and goes within a moment is not told', () => {
  announcer.people([person('Bob')]);
  listen();
  announcer.people([person('Bob'), person('Cy')]);
  announcer.people([person('Bob')]);
  assert.deepEqual(listen(), []);
});

test('who left is told, and nobody twice', () => {
  announcer.people([person('Bob'), person('Cy')]);
  listen();
  announcer.people([person('Di')]);
  assert.deepEqual(listen(), ['Di joined. Bob and Cy left.']);
  announcer.people([person('Di')]);
  assert.deepEqual(listen(), []);
});

test('a screen is told when it begins and when it ends, but not with who takes it along', () => {
  announcer.people([person('Bob')]);
  listen();
  announcer.people([person('Bob', 'screen')]);
  assert.deepEqual(listen(), ['Bob shares a screen.']);
  announcer.people([person('Bob')]);
  assert.deepEqual(listen(), ['Bob shares the screen no more.']);
  announcer.people([person('Bob', 'screen')]);
  listen();
  announcer.people([]);
  assert.deepEqual(listen(), ['Bob left.']);
});

test('sentences that come together are said together', () => {
  announcer.say('One.');
  announcer.say('Two.');
  assert.deepEqual(listen(), ['One. Two.']);
});

test('after the call nothing of it is told', () => {
  announcer.people([person('Bob')]);
  announcer.reset();
  assert.deepEqual(listen(), []);
  announcer.people([person('Cy')]);
  assert.deepEqual(listen(), ['Cy is here.']);
});
