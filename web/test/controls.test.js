import assert from 'node:assert/strict';
import test from 'node:test';

import { IMPORTANCE, fitting } from '../src/elements/controls.js';
import { MARKUP } from '../src/elements/template.js';

test('six buttons fit on the narrowest phone, and a wide page has room for all', () => {
  assert.equal(fitting(304, 10), 6);
  assert.equal(fitting(293, 10), 6);
  assert.equal(fitting(288, 10), 5);
  assert.equal(fitting(960, 10), 10);
  assert.equal(fitting(304, 4), 4);
  assert.equal(fitting(1, 10), 1);
});

test('every button of the bar has its importance, and those without another way come first', () => {
  const bar = MARKUP.slice(MARKUP.indexOf('id="controls"'), MARKUP.indexOf('id="menu"'));
  const ids = [...bar.matchAll(/<button id="([^"]*)"/g)].map(([, id]) => id);
  assert.deepEqual([...ids].sort(), [...IMPORTANCE].sort());
  // All that is needed to get at the others stays in the narrowest bar.
  const kept = IMPORTANCE.slice(0, fitting(304, ids.length));
  for (const id of ['microphone', 'camera', 'leave', 'more']) assert.ok(kept.includes(id), id);
});
