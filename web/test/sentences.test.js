import assert from 'node:assert/strict';
import test from 'node:test';

import { deviceProblem, initials, notice } from '../src/ui/sentences.js';
import { roomOf } from '../src/ui/start.js';

test('initials are the first letters of the first and the last word', () => {
  assert.equal(initials('Ann'), 'A');
  assert.equal(initials('ann  van lovelace'), 'AL');
  assert.equal(initials('👩‍🚀 Zoë')[0], '👩'[0]);
  assert.equal(initials('  '), '?');
});

test('every end of a call has a title, a sentence and an action', () => {
  const codes = ['room-full', 'room-not-found', 'server-full', 'unreachable', 'no-media', 'left'];
  for (const code of [...codes, 'something-new', '']) {
    const { title, text, action } = notice(code, '');
    assert.ok(title && text && action, code);
  }
  assert.equal(notice('something-new', 'The server says why.').text, 'The server says why.');
});

test('a device problem names the device, and who is in the way', () => {
  const denied = { devices: ['camera'], name: 'NotAllowedError', message: 'Permission denied' };
  assert.match(deviceProblem(denied), /your camera.*address bar/);
  assert.match(deviceProblem({ ...denied, message: 'Permission denied by system' }), /system's/);
  const both = ['microphone', 'camera'];
  assert.match(
    deviceProblem({ devices: both, name: 'NotFoundError', message: '' }),
    /None was found/,
  );
  assert.match(deviceProblem({ devices: both, name: 'insecure', message: '' }), /https/);
  assert.match(deviceProblem({ devices: both, name: 'Odd', message: '' }), /could not be started/);
});

test('the room is found in a link and in what was copied of it', () => {
  const id = 'NQF__p2N-x0NbUIDRMCEuUH7O1Vr';
  for (const text of [id, ` https://host/r/${id} `, `host/r/${id}/?name=Ann`, `/r/${id}#x`]) {
    assert.equal(roomOf(text), id, text);
  }
  for (const text of ['', 'https://host/', 'javascript:alert(1)', '/r/<b>']) {
    assert.equal(roomOf(text), '', text);
  }
});
