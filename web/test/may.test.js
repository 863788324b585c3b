import assert from 'node:assert/strict';
import test from 'node:test';

import { forbidden } from '../src/elements/may.js';
import { lobbySentence } from '../src/elements/waitingroom.js';
import { notice } from '../src/elements/sentences.js';
import { paintForbidden } from '../src/elements/toggle.js';

const DOINGS = ['microphone', 'camera', 'screen', 'data', 'subscribe'];
const NOTHING = { publish: [], subscribe: false, data: false };

test('who may do everything, or has not been told yet, is kept from nothing', () => {
  const everything = { publish: ['microphone', 'camera', 'screen'], subscribe: true, data: true };
  for (const doing of DOINGS) {
    assert.equal(forbidden(null, doing), '');
    assert.equal(forbidden(undefined, doing), '');
    assert.equal(forbidden(everything, doing), '');
  }
});

test('whatever is not allowed has a sentence of its own', () => {
  const sentences = DOINGS.map((doing) => forbidden(NOTHING, doing));
  assert.ok(sentences.every(Boolean));
  assert.equal(new Set(sentences).size, DOINGS.length);
});

test('each thing is allowed for itself', () => {
  assert.equal(forbidden({ ...NOTHING, publish: ['camera'] }, 'camera'), '');
  assert.notEqual(forbidden({ ...NOTHING, publish: ['camera'] }, 'microphone'), '');
  assert.equal(forbidden({ ...NOTHING, data: true }, 'data'), '');
  assert.notEqual(forbidden({ ...NOTHING, data: true }, 'subscribe'), '');
});

test('a button that cannot be used says so and why, until it can', () => {
  const attributes = new Map();
  const button = {
    title: 'Mute microphone',
    setAttribute: (name, value) => attributes.set(name, value),
    removeAttribute: (name) => attributes.delete(name),
  };
  paintForbidden(button, 'No.');
  assert.deepEqual([attributes.get('aria-disabled'), button.title], ['true', 'No.']);
  button.title = 'Mute microphone'; // as it is painted each time
  paintForbidden(button, '');
  assert.deepEqual([attributes.size, button.title], [0, 'Mute microphone']);
});

test('who waits reads how it stands, and why it came to nothing', () => {
  assert.equal(new Set([true, false, null].map(lobbySentence)).size, 3);
  for (const code of ['denied', 'lobby-timeout', 'lobby-full']) {
    assert.notEqual(notice(code, '').title, notice('unknown', '').title, code);
    assert.equal(notice(code, '').does, 'again');
  }
});
