import assert from 'node:assert/strict';
import test, { beforeEach } from 'node:test';

import { Statistics } from '../src/sdk/statistics.js';

/** @type {Statistics} */
let statistics;
beforeEach(() => {
  statistics = new Statistics();
});

const sent = [
  { mid: '0', source: 'microphone', muted: false },
  { mid: '1', source: 'camera', muted: false },
];
const pictures = [
  { participant: 'p2', source: 'camera', stream: { getTracks: () => [{ id: 'a' }, { id: 'v' }] } },
];

/** What a browser reports after so many seconds in which everything ran evenly. */
function reports(seconds, more = []) {
  const timestamp = 1000 * seconds;
  const out = (id, ssrc, kbps, rest) => ({
    type: 'outbound-rtp',
    id,
    ssrc,
    timestamp,
    bytesSent: (kbps * 1000 * seconds) / 8,
    ...rest,
  });
  const come = (id, kbps, rest) => ({
    type: 'inbound-rtp',
    id,
    timestamp,
    bytesReceived: (kbps * 1000 * seconds) / 8,
    packetsReceived: 90 * seconds,
    packetsLost: 10 * seconds,
    jitter: 0.004,
    codecId: 'c',
    ...rest,
  });
  return [
    out('o0', 1, 32, { mid: '0', codecId: 'c2' }),
    out('oq', 2, 100, { mid: '1', codecId: 'c', frameWidth: 320, frameHeight: 180 }),
    out('oh', 3, 400, { mid: '1', codecId: 'c', frameWidth: 640, frameHeight: 360 }),
    out('of', 4, 0, { mid: '1', frameWidth: 1280, frameHeight: 720 }),
    { type: 'remote-inbound-rtp', id: 'r2', ssrc: 2, fractionLost: 0.01, roundTripTime: 0.03 },
    { type: 'remote-inbound-rtp', id: 'r3', ssrc: 3, fractionLost: 0.05, roundTripTime: 0.02 },
    come('ia', 40, { kind: 'audio', trackIdentifier: 'a' }),
    come('iv', 800, { kind: 'video', trackIdentifier: 'v', frameWidth: 640, frameHeight: 360 }),
    come('ix', 800, { kind: 'video', trackIdentifier: 'of a free slot' }),
    { type: 'codec', id: 'c', mimeType: 'video/VP8' },
    { type: 'codec', id: 'c2', mimeType: 'audio/opus' },
    { type: 'transport', id: 't', selectedCandidatePairId: 'p' },
    { type: 'candidate-pair', id: 'p', currentRoundTripTime: 0.025, availableOutgoingBitrate: 3e6 },
    ...more,
  ];
}

const measure = (list) =>
  statistics.measure({ connection: { getStats: async () => list }, tracks: () => sent }, pictures);

test('the first measurement knows no rates, the next ones do', async () => {
  const first = await measure(reports(5));
  assert.deepEqual(first.tracks.map((each) => each.bitrate), [null, null, null, null]);
  const { tracks } = await measure(reports(6));
  assert.deepEqual(
    tracks.map((each) => [each.key, each.bitrate]),
    [
      ['own microphone', 32_000],
      ['own camera', 500_000],
      ['p2 microphone', 40_000],
      ['p2 camera', 800_000],
    ],
  );
});

test('of a camera the largest picture that is really sent counts, and the worst of its paths', async () => {
  await measure(reports(1));
  const { tracks } = await measure(reports(2));
  const [, camera] = tracks;
  assert.deepEqual(
    [camera.width, camera.height, camera.loss, camera.roundTrip, camera.codec],
    [640, 360, 0.05, 0.03, 'VP8'],
  );
});

test('the loss of what arrives is that since the last measurement', async () => {
  await measure(reports(100));
  const list = reports(101);
  list.find((each) => each.id === 'iv').packetsLost = 1000;
  const { tracks } = await measure(list);
  assert.equal(tracks[2].loss, 0.1);
  assert.equal(tracks[3].loss, 0);
});

test('the way to the server is that of the selected pair, however the browser says it', async () => {
  const { roundTrip, available } = await measure(reports(1));
  assert.deepEqual([roundTrip, available], [0.025, 3e6]);
  const without = [{ type: 'candidate-pair', id: 'p', nominated: true, currentRoundTripTime: 0.1 }];
  assert.deepEqual(await measure(without), { roundTrip: 0.1, available: null, tracks: [] });
  assert.deepEqual(await measure([]), { roundTrip: null, available: null, tracks: [] });
});

test('counters that start again give no rate below zero', async () => {
  await measure(reports(10));
  const list = reports(11);
  const video = list.find((each) => each.id === 'iv');
  Object.assign(video, { bytesReceived: 5, packetsReceived: 1, packetsLost: 0 });
  const { tracks } = await measure(list);
  assert.equal(tracks[3].bitrate, 0);
  assert.equal(tracks[3].loss, null);
});
