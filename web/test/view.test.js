import assert from 'node:assert/strict';
import test, { beforeEach } from 'node:test';

import { View } from '../src/elements/view.js';

const tile = (participant, source = 'camera') => ({
  key: `${participant} ${source}`,
  participant,
  source,
  self: participant === 'me',
});
const people = [tile('me'), tile('ann'), tile('bob'), tile('cy')];

/** @type {View} */
let view;
beforeEach(() => {
  view = new View();
});

test('all are alike until something is to be large', () => {
  assert.deepEqual(view.decide(people, ['ann']), { mode: 'grid', large: null });
});

test('the speaker is large when chosen, and stays until another speaks alone', () => {
  view.decide(people, []);
  view.toggle();
  const large = (speaking) => view.decide(people, speaking).large;
  assert.equal(large(['bob']), 'bob camera');
  assert.equal(large(['ann', 'bob']), 'bob camera');
  assert.equal(large([]), 'bob camera');
  assert.equal(large(['ann']), 'ann camera');
  assert.equal(view.decide(people, []).mode, 'speaker');
});

test('we are never large for speaking ourselves, but for being alone', () => {
  view.decide(people, []);
  view.toggle();
  assert.equal(view.decide(people, ['me']).large, 'ann camera');
  assert.equal(view.decide([tile('me')], ['me']).large, 'me camera');
});

test('a speaker who leaves makes room for somebody who is there', () => {
  view.decide(people, []);
  view.toggle();
  view.decide(people, ['cy']);
  assert.equal(view.decide(people.slice(0, 3), []).large, 'ann camera');
});

test('the screen that was shared last is large at once, and the one before after it', () => {
  const one = [...people, tile('ann', 'screen')];
  assert.deepEqual(view.decide(one, []), { mode: 'screen', large: 'ann screen' });
  const two = [...people, tile('bob', 'screen'), tile('ann', 'screen')];
  assert.equal(view.decide(two, []).large, 'bob screen');
  assert.equal(view.decide(one, []).large, 'ann screen');
  assert.equal(view.decide(people, []).mode, 'grid');
});

test('a screen that was put back among the others stays there, the next one does not', () => {
  const shared = [...people, tile('ann', 'screen')];
  view.decide(shared, []);
  view.toggle();
  assert.equal(view.decide(shared, []).mode, 'grid');
  assert.equal(view.decide([...shared, tile('bob', 'screen')], []).large, 'bob screen');
  view.decide(people, []);
  assert.equal(view.decide(shared, []).large, 'ann screen');
});

test('from the grid one comes back to a screen that was put back', () => {
  const shared = [...people, tile('ann', 'screen')];
  view.decide(shared, []);
  view.toggle();
  view.decide(shared, []);
  view.toggle();
  assert.deepEqual(view.decide(shared, []), { mode: 'screen', large: 'ann screen' });
});

test('a pinned tile is large before everything else, until it is let go or gone', () => {
  view.pin('bob camera');
  const shared = [...people, tile('ann', 'screen')];
  assert.deepEqual(view.decide(shared, ['cy']), { mode: 'speaker', large: 'bob camera' });
  view.pin('ann screen');
  assert.deepEqual(view.decide(shared, ['cy']), { mode: 'screen', large: 'ann screen' });
  assert.equal(view.decide(people, []).mode, 'grid');
  assert.equal(view.pinned, null);
  view.pin('cy camera');
  view.pin('cy camera');
  assert.equal(view.decide(people, []).mode, 'grid');
});

test('the way to the grid lets go what was pinned', () => {
  view.pin('bob camera');
  view.decide(people, []);
  view.toggle();
  assert.deepEqual(view.decide(people, []), { mode: 'grid', large: null });
  assert.equal(view.pinned, null);
});
