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
  for (const type of ['connected', 'lost']) watch.addEventListener(type, () => heard.push(type));
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

test('a short interruption heals by itself', (context) => {
  const { heard, become, pass } = start(context);
  become('connected');
  become('disconnected');
  pass(7_999);
  become('connected');
  pass(60_000);
  assert.deepEqual(heard, ['connected', 'connected']);
});

test('a long interruption is a loss', (context) => {
  const { heard, become, pass } = start(context);
  become('connected');
  become('disconnected');
  pass(8_000);
  assert.deepEqual(heard, ['connected', 'lost']);
});

test('failure is a loss at once, and told once', (context) => {
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
