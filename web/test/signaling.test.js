import assert from 'node:assert/strict';
import test from 'node:test';

import { Signaling } from '../src/sdk/signaling.js';

class FakeSocket extends EventTarget {
  readyState = 1;
  /** @type {string[]} */
  sent = [];
  /** @param {string} text */
  send(text) {
    this.sent.push(text);
  }
  close() {
    this.readyState = 3;
  }
  /** @param {object} message */
  deliver(message) {
    this.dispatchEvent(new MessageEvent('message', { data: JSON.stringify(message) }));
  }
}

function connected() {
  const socket = new FakeSocket();
  const signaling = new Signaling('ws://test/ws', () => /** @type {any} */ (socket));
  return { socket, signaling };
}

test('messages are sent as JSON', () => {
  const { socket, signaling } = connected();
  signaling.send({ type: 'leave' });
  assert.deepEqual(socket.sent, ['{"type":"leave"}']);
});

test('the next message of a type is waited for, others pass by', async () => {
  const { socket, signaling } = connected();
  const answer = signaling.next('answer', 'error');
  socket.deliver({ type: 'speakers', speakers: [] });
  socket.deliver({ type: 'answer', sdp: 'v=0' });
  assert.deepEqual(await answer, { type: 'answer', sdp: 'v=0' });
});

test('waiting ends with the connection', async () => {
  const { socket, signaling } = connected();
  const answer = signaling.next('answer');
  socket.dispatchEvent(new Event('close'));
  await assert.rejects(answer);
  await assert.rejects(signaling.next('answer'));
});

test('nothing is delivered or sent after closing', () => {
  const { socket, signaling } = connected();
  let delivered = 0;
  signaling.addEventListener('message', () => (delivered += 1));
  signaling.close();
  socket.deliver({ type: 'speakers', speakers: [] });
  signaling.send({ type: 'leave' });
  assert.equal(delivered, 0);
  assert.deepEqual(socket.sent, []);
});
