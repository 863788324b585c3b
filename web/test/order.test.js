import assert from 'node:assert/strict';
import test, { beforeEach } from 'node:test';

import { Order } from '../src/elements/order.js';

const tile = (participant, source = 'camera') => ({
  key: `${participant} ${source}`,
  participant,
  source,
  self: participant === 'me',
});
const tiles = [tile('me'), tile('ann'), tile('bob'), tile('cy'), tile('dan'), tile('eve')];
const keys = (...names) => new Set(names.map((name) => `${name} camera`));
const shown = keys('me', 'ann', 'bob');
const hidden = keys('cy', 'dan', 'eve');

/** @type {Order} */
let order;
const names = () => order.sort(tiles.map((each) => [each.key, each])).map(([, each]) => each.participant);
const bring = (speaking, now, seen = shown, unseen = hidden) =>
  order.bring(tiles, speaking, seen, unseen, now);

beforeEach(() => {
  order = new Order();
  names();
});

test('tiles are in the order of their coming, whoever comes and goes', () => {
  const sorted = (...some) => order.sort(some.map((key) => [key, 0])).map(([key]) => key);
  order = new Order();
  assert.deepEqual(sorted('a', 'b', 'c'), ['a', 'b', 'c']);
  assert.deepEqual(sorted('a', 'c', 'd'), ['a', 'c', 'd']);
  assert.deepEqual(sorted('b', 'a', 'c', 'd'), ['a', 'c', 'd', 'b']);
});

test('two seconds of speech unseen change places with one, and nobody else moves', () => {
  assert.deepEqual(bring(['dan'], 1000), { swapped: false, wait: 2000 });
  assert.deepEqual(bring(['dan'], 2500), { swapped: false, wait: 500 });
  assert.equal(bring(['dan'], 3000).swapped, true);
  assert.deepEqual(names(), ['me', 'ann', 'dan', 'cy', 'bob', 'eve']);
});

test('a word is not enough, nor are many with pauses', () => {
  for (let now = 0; now < 10_000; now += 1000) {
    assert.equal(bring(now % 2000 ? [] : ['dan'], now).swapped, false);
  }
});

test('whoever has been silent for the longest time makes room, and never one who speaks', () => {
  bring(['bob'], 0);
  bring(['dan'], 1000);
  bring(['dan'], 3000);
  assert.deepEqual(names(), ['me', 'dan', 'bob', 'cy', 'ann', 'eve']);
  order = new Order();
  names();
  bring(['ann', 'bob', 'dan'], 0);
  assert.equal(bring(['ann', 'bob', 'dan'], 5000).swapped, false);
  assert.equal(bring(['ann', 'dan'], 5100).swapped, true);
  assert.deepEqual(names(), ['me', 'ann', 'dan', 'cy', 'bob', 'eve']);
});

test('who is seen, ourselves and where nothing may move stay', () => {
  bring(['ann', 'me'], 0);
  assert.equal(bring(['ann', 'me'], 9000).swapped, false);
  bring(['dan'], 9000, shown, new Set());
  assert.equal(bring(['dan'], 19_000, shown, new Set()).swapped, false);
});

test('two who speak at once come one after the other', () => {
  bring(['cy', 'dan'], 0);
  assert.equal(bring(['cy', 'dan'], 2000).swapped, true);
  const [seen, unseen] = [keys('me', 'ann', 'cy'), keys('bob', 'dan', 'eve')];
  assert.equal(bring(['cy', 'dan'], 2100, seen, unseen).swapped, true);
  assert.deepEqual(names(), ['me', 'dan', 'cy', 'bob', 'ann', 'eve']);
});
