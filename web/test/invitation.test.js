import assert from 'node:assert/strict';
import test, { beforeEach } from 'node:test';

import { keepToken, tokenOf } from '../src/app/hosting.js';
import { outline } from '../src/elements/qrcode.js';
import { qrcode } from '../vendor/qrcode-generator.js';

const LINK = 'https://parley.example/r/oX50PwFCp9Bhab4cDeFgHi';

/** The squares of a path, read back. */
function squares(path, size) {
  const found = new Set();
  for (const [, x, y, width] of path.matchAll(/M(\d+) (\d+)h(\d+)v1h-\3z/g)) {
    for (let step = 0; step < Number(width); step += 1) found.add((Number(y) - 4) * size + Number(x) - 4 + step);
  }
  return found;
}

test('every dark square of a code is drawn, and no other', () => {
  const code = qrcode(0, 'M');
  code.addData(LINK);
  code.make();
  const size = code.getModuleCount();
  const isDark = (row, column) => code.isDark(row, column);
  const path = outline(size, isDark);
  assert.match(path, /^(M\d+ \d+h\d+v1h-\d+z)+$/);
  const drawn = squares(path, size);
  for (let place = 0; place < size * size; place += 1) {
    assert.equal(drawn.has(place), isDark(Math.floor(place / size), place % size), String(place));
  }
  assert.ok(drawn.size > size * size * 0.3);
});

test('the corners have what cameras look for', () => {
  const code = qrcode(0, 'M');
  code.addData(LINK);
  code.make();
  const size = code.getModuleCount();
  for (const [row, column] of [[0, 0], [0, size - 7], [size - 7, 0]]) {
    const line = Array.from({ length: 7 }, (_, step) => code.isDark(row + 3, column + step));
    assert.deepEqual(line, [true, false, true, true, true, false, true]);
  }
});

// Who started a call.

const store = new Map();
globalThis.localStorage = {
  getItem: (key) => store.get(key) ?? null,
  setItem: (key, value) => void store.set(key, String(value)),
};
beforeEach(() => store.clear());

test('the host of a call is known again on the same device, until the token is worth nothing', () => {
  keepToken('room', 'token');
  keepToken('other', 'another');
  assert.equal(tokenOf('room'), 'token');
  assert.equal(tokenOf('unknown'), '');
  keepToken('room', '');
  assert.equal(tokenOf('room'), '');
  assert.equal(tokenOf('other'), 'another');
});

test('only the last calls are remembered', () => {
  for (let count = 0; count < 50; count += 1) keepToken(`room ${count}`, `token ${count}`);
  assert.equal(tokenOf('room 49'), 'token 49');
  assert.equal(tokenOf('room 30'), 'token 30');
  assert.equal(tokenOf('room 29'), '');
});

test('what somebody else has written in our place does no harm', () => {
  for (const text of ['{', '{"a":1}', '[1,["room"],["room",2]]', 'null']) {
    store.set('sfu-hosting', text);
    assert.equal(tokenOf('room'), '');
    keepToken('room', 'token');
    assert.equal(tokenOf('room'), 'token');
  }
});
