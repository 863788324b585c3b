import assert from 'node:assert/strict';
import test from 'node:test';

import { KEYS, actionOf } from '../src/elements/keys.js';
import { en } from '../src/elements/language/en.js';
import { MARKUP } from '../src/elements/template.js';

const pressed = (key, more = {}) => ({
  key,
  code: '',
  ctrlKey: false,
  metaKey: false,
  altKey: false,
  repeat: false,
  ...more,
});

test('a letter acts, with and without shift', () => {
  assert.equal(actionOf(pressed('m')), 'microphone');
  assert.equal(actionOf(pressed('M')), 'microphone');
  assert.equal(actionOf(pressed('?')), 'help');
});

test('keys of the browser, held keys and all others do nothing', () => {
  for (const more of [{ ctrlKey: true }, { metaKey: true }, { altKey: true }, { repeat: true }]) {
    assert.equal(actionOf(pressed('m', more)), null);
  }
  for (const key of ['x', 'Enter', 'Shift', 'F', 'constructor', ' '].filter((k) => k !== 'F')) {
    assert.equal(actionOf(pressed(key)), null, key);
  }
});

test('without Latin letters the place of the key counts, with them only the letter', () => {
  assert.equal(actionOf(pressed('ь', { code: 'KeyM' })), 'microphone');
  assert.equal(actionOf(pressed(',', { code: 'KeyM' })), null);
  assert.equal(actionOf(pressed('é', { code: 'Digit2' })), null);
});

test('every key is explained, and every action has a button or is explained too', () => {
  const actions = Object.values(KEYS);
  assert.equal(new Set(actions).size, actions.length);
  for (const action of actions) assert.ok(en[`keys.${action}`], action);
  for (const id of ['microphone', 'camera', 'share', 'view', 'help']) {
    assert.match(MARKUP, new RegExp(`<button id="${id}"`));
  }
});
