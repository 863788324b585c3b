import assert from 'node:assert/strict';
import test from 'node:test';

import { cameraLayers, encodingsFor, layersOf } from '../src/sdk/encodings.js';
import { track } from './fakes.js';

const scales = (layers) => layers.map((each) => each.scaleResolutionDownBy);
const kilobits = (layers) => layers.map((each) => each.maxBitrate / 1000);

test('a 720p camera is sent as quarter, half and full picture, low to high', () => {
  const layers = cameraLayers(1280, 720);
  assert.deepEqual(scales(layers), [4, 2, 1]);
  assert.deepEqual(kilobits(layers), [150, 510, 1700]);
});

test('a smaller camera is sent in fewer layers of the same heights and bitrates', () => {
  assert.deepEqual(scales(cameraLayers(640, 360)), [2, 1]);
  assert.deepEqual(kilobits(cameraLayers(640, 360)), [150, 510]);
  assert.deepEqual(scales(cameraLayers(320, 180)), [1]);
  assert.deepEqual(kilobits(cameraLayers(320, 180)), [150]);
});

test('there are as many layers as Chromium sends of so many pixels', () => {
  const count = (width, height) => cameraLayers(width, height).length;
  assert.equal(count(960, 540), 3);
  assert.equal(count(720, 540), 2);
  assert.equal(count(640, 480), 2);
  assert.equal(count(480, 270), 2);
  assert.equal(count(352, 240), 1);
});

test('an upright camera is sent like the same one held flat', () => {
  assert.deepEqual(cameraLayers(720, 1280), cameraLayers(1280, 720));
});

test('bitrates grow with every layer and stay within reason, whatever the camera', () => {
  for (let height = 90; height <= 2160; height += 30) {
    const rates = kilobits(cameraLayers((height * 16) / 9, height));
    assert.deepEqual(rates, [...rates].sort((a, b) => a - b));
    assert.ok(rates[0] > 0 && rates.at(-1) <= 3500 && rates.length <= 3, String(height));
  }
});

test('encodings are named low to high, a lone one is not', () => {
  const rids = (...size) => encodingsFor(cameraLayers(...size), true).map((each) => each.rid);
  assert.deepEqual(rids(1280, 720), ['q', 'h', 'f']);
  assert.deepEqual(rids(640, 360), ['q', 'f']);
  assert.deepEqual(rids(320, 180), [undefined]);
  const [lone] = encodingsFor(cameraLayers(320, 180), false);
  assert.deepEqual(lone, { scaleResolutionDownBy: 1, maxBitrate: 150_000 });
});

test('temporal layers are asked for only where they are wanted', () => {
  const modes = (temporal) =>
    encodingsFor(cameraLayers(640, 360), temporal).map((each) => each.scalabilityMode);
  assert.deepEqual(modes(true), ['L1T3', 'L1T3']);
  assert.deepEqual(modes(false), [undefined, undefined]);
});

test('a screen is sent once, in its own size; sound as the browser likes', () => {
  assert.deepEqual(layersOf('screen', track('video', 3840, 2160)), [{ maxBitrate: 2_500_000 }]);
  assert.deepEqual(layersOf('microphone', track('audio')), []);
});

test('a camera of unknown size counts as the one that was asked for', () => {
  const unknown = { kind: 'video', getSettings: () => ({}) };
  assert.deepEqual(layersOf('camera', unknown), cameraLayers(1280, 720));
});
