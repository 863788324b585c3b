import assert from 'node:assert/strict';
import test, { beforeEach } from 'node:test';

import { MediaWatch } from '../src/sdk/watch.js';
import { FakeConnection, install } from './fakes.js';

beforeEach(install);

/** @param {import('node:test').TestContext} context */
function start(context) {
  context.mock.timers.enable({ apis: ['setTimeout'] });
  const peer = Object.assign(new EventTarget(), { connection: new FakeConnection() });
  const watch = new MediaWatch(/** @type {any} */ (peer));
  const heard = [];
  for (const type of ['connected', 'interrupted', 'lost']) watch.addEventListener(type, () => heard.push(type));
  const become = (state) => {
    peer.connection.become(state);
    peer.dispatchEvent(new Event('state'));
  };
  return { watch, heard, become, pass: (ms) => context.mock.timers.tick(ms) };
}

test('a connection that comes about is told, and not lost later', (context) => {
  const { heard, become, pass } = start(context);
  become('connected');
  pass(60_000);
  assert.deepEqual(heard, ['connected']);
});

test('a connection that does not come about is lost after a while', (context) => {
  const { heard, become, pass } = start(context);
  become('connecting');
  pass(14_999);
  assert.deepEqual(heard, []);
  pass(1);
  assert.deepEqual(heard, ['lost']);
});

test('a moment of silence heals by itself', (context) => {
  const { heard, become, pass } = start(context);
  become('connected');
  become('disconnected');
  pass(999);
  become('connected');
  pass(60_000);
  assert.deepEqual(heard, ['connected', 'connected']);
});

test('an interruption is told after a second, and is a loss after eight more', (context) => {
  const { heard, become, pass } = start(context);
  become('connected');
  become('disconnected');
  pass(1_000);
  assert.deepEqual(heard, ['connected', 'interrupted']);
  become('connecting');
  become('failed');
  pass(7_999);
  assert.deepEqual(heard, ['connected', 'interrupted']);
  pass(1);
  assert.deepEqual(heard, ['connected', 'interrupted', 'lost']);
});

test('what works again after an interruption is no loss, and may be interrupted again', (context) => {
  const { heard, become, pass } = start(context);
  become('connected');
  become('failed');
  assert.deepEqual(heard, ['connected', 'interrupted'], 'failure is one at once');
  pass(5_000);
  become('connected');
  pass(60_000);
  become('failed');
  assert.deepEqual(heard, ['connected', 'interrupted', 'connected', 'interrupted']);
});

test('a suspicion that was wrong has no consequence', (context) => {
  const { watch, heard, become, pass } = start(context);
  watch.interrupted();
  assert.deepEqual(heard, [], 'nothing is interrupted before it began');
  become('connected');
  watch.interrupted();
  watch.interrupted();
  pass(60_000);
  assert.deepEqual(heard, ['connected', 'interrupted']);
});

test('without a way to the server nothing is given up; with one it is looked for at once', (context) => {
  const { watch, heard, become, pass } = start(context);
  become('connected');
  watch.pause();
  become('failed');
  pass(60_000);
  assert.deepEqual(heard, ['connected']);
  watch.resume();
  assert.deepEqual(heard, ['connected', 'interrupted']);
  pass(8_000);
  assert.deepEqual(heard, ['connected', 'interrupted', 'lost']);
});

test('who was not connected when the way to the server broke gets the whole time again', (context) => {
  const { watch, heard, pass } = start(context);
  pass(14_000);
  watch.pause();
  pass(60_000);
  watch.resume();
  pass(14_999);
  assert.deepEqual(heard, []);
  pass(1);
  assert.deepEqual(heard, ['lost']);
});

test('what never worked fails at once, and once', (context) => {
  const { heard, become, pass } = start(context);
  become('failed');
  become('failed');
  pass(60_000);
  assert.deepEqual(heard, ['lost']);
});

test('nothing is told after stop', (context) => {
  const { watch, heard, become, pass } = start(context);
  watch.stop();
  become('failed');
  pass(60_000);
  assert.deepEqual(heard, []);
});
