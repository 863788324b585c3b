import assert from 'node:assert/strict';
import test, { beforeEach } from 'node:test';

import { MAX_SLOTS, Peer } from '../src/sdk/peer.js';
import { install, settle, track } from './fakes.js';

beforeEach(install);

/** A peer whose answers come when the test says so. */
function startPeer() {
  const offers = [];
  const peer = new Peer(
    (sdp, tracks) =>
      new Promise((resolve, reject) => offers.push({ sdp, tracks, answer: resolve, refuse: reject })),
  );
  return { peer, offers };
}

test('one offer is under way at a time; what changed meanwhile is in one more', async () => {
  const { peer, offers } = startPeer();
  peer.addSlots(1);
  const done = peer.negotiate();
  await settle();
  peer.addSlots(2);
  await peer.negotiate();
  peer.addSlots(3);
  await peer.negotiate();
  await settle();
  assert.deepEqual(offers.map((offer) => offer.sdp), ['offer of 2']);
  offers[0].answer('first');
  await settle();
  assert.deepEqual(offers.map((offer) => offer.sdp), ['offer of 2', 'offer of 6']);
  offers[1].answer('second');
  await done;
  assert.equal(offers.length, 2);
  assert.deepEqual(peer.connection.answers, ['first', 'second']);
});

test('after a refused offer the next one is made', async () => {
  const { peer, offers } = startPeer();
  const refused = peer.negotiate();
  await settle();
  offers[0].refuse(new Error('no'));
  await assert.rejects(refused, /no/);
  const second = peer.negotiate();
  await settle();
  offers[1].answer('yes');
  await second;
});

test('an offer names each source it sends, its m-line and whether it is muted', async () => {
  const { peer, offers } = startPeer();
  peer.publish('microphone', track('audio'), new MediaStream());
  peer.publish('camera', track('video'), new MediaStream());
  peer.setMuted('microphone', true);
  peer.addSlots(1);
  void peer.negotiate();
  await settle();
  assert.deepEqual(offers[0].tracks, [
    { mid: '0', source: 'microphone', muted: true },
    { mid: '1', source: 'camera', muted: false },
  ]);
});

test('slots come in pairs, receive only, with few codecs, and never too many', () => {
  const { peer } = startPeer();
  peer.addSlots(2);
  const pairs = peer.connection.transceivers;
  assert.deepEqual(pairs.map((each) => each.kind), ['audio', 'video', 'audio', 'video']);
  assert.ok(pairs.every((each) => each.direction === 'recvonly'));
  assert.deepEqual(pairs[0].preferred.map((codec) => codec.mimeType), ['audio/opus']);
  assert.deepEqual(
    pairs[1].preferred.map((codec) => codec.mimeType),
    ['video/VP8', 'video/rtx', 'video/H264', 'video/H264'],
  );
  peer.addSlots(1000);
  assert.equal(peer.slots, MAX_SLOTS);
});

test('a camera that is off keeps its m-line, and comes back without an offer', async () => {
  const { peer, offers } = startPeer();
  peer.publish('camera', track('video'), new MediaStream());
  await peer.replace('camera', null);
  const [transceiver] = peer.connection.transceivers;
  assert.equal(transceiver.sender.track, null);
  const again = track('video');
  await peer.replace('camera', again);
  assert.equal(transceiver.sender.track, again);
  assert.equal(offers.length, 0);
});

test('a closed peer neither offers nor answers', async () => {
  const { peer, offers } = startPeer();
  const done = peer.negotiate();
  await settle();
  peer.close();
  offers[0].answer('too late');
  await done;
  assert.deepEqual(peer.connection.answers, []);
  await peer.negotiate();
  assert.equal(offers.length, 1);
});
