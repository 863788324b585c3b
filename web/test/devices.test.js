import assert from 'node:assert/strict';
import test, { beforeEach } from 'node:test';

import { Devices } from '../src/elements/devices.js';

let asked;
/** @type {(constraints: object) => void} throws what the browser would */
let refuse;
let kept;

/** A stand-in for a captured track. */
function captured(kind, { deviceId }) {
  const id = deviceId?.exact ?? deviceId?.ideal ?? 'usual';
  return Object.assign(new EventTarget(), {
    kind,
    stopped: false,
    stop() {
      this.stopped = true;
    },
    getSettings: () => ({ deviceId: id }),
  });
}

beforeEach(() => {
  asked = [];
  refuse = () => {};
  kept = new Map();
  globalThis.localStorage = {
    getItem: (key) => kept.get(key) ?? null,
    setItem: (key, value) => void kept.set(key, value),
  };
  globalThis.document = {};
  const mediaDevices = {
    async getUserMedia(constraints) {
      asked.push(constraints);
      refuse(constraints);
      const { audio, video } = constraints;
      const tracks = [audio && captured('audio', audio), video && captured('video', video)];
      return { getTracks: () => tracks.filter(Boolean) };
    },
  };
  Object.defineProperty(globalThis, 'navigator', { value: { mediaDevices }, configurable: true });
});

const failure = (name) => Object.assign(new Error(name), { name });

test('the one that is chosen is taken instead of the other, and in later calls if it is there', async () => {
  const devices = new Devices({ width: 640 });
  await devices.open(['camera']);
  const before = devices.tracks.camera;
  assert.equal(await devices.use('camera', 'front'), null);
  assert.equal(before.stopped, true);
  assert.deepEqual(asked.at(-1).video, { width: 640, deviceId: { exact: 'front' } });
  assert.equal(devices.idOf('camera'), 'front');
  const later = new Devices({});
  await later.open(['camera']);
  assert.deepEqual(asked.at(-1).video, { deviceId: { ideal: 'front' } });
});

test('what is chosen while it is off is opened when it is on', async () => {
  const devices = new Devices({});
  await devices.use('microphone', 'headset');
  assert.deepEqual(asked, []);
  await devices.open(['microphone']);
  assert.deepEqual(asked.at(-1).audio, { deviceId: { exact: 'headset' } });
});

test('a chosen one that is gone is told, and the next try takes any', async () => {
  const devices = new Devices({});
  await devices.open(['camera']);
  refuse = ({ video }) => {
    if (video.deviceId?.exact) throw failure('OverconstrainedError');
  };
  assert.equal((await devices.use('camera', 'gone')).name, 'gone');
  assert.equal(await devices.open(['camera']), null);
  assert.equal(devices.idOf('camera'), 'usual');
});

test('what the page around may not is not even asked for, and the rest is', async () => {
  globalThis.document = { permissionsPolicy: { allowsFeature: (name) => name !== 'camera' } };
  const devices = new Devices({});
  const problem = await devices.open(['microphone', 'camera']);
  assert.deepEqual([problem.name, problem.devices], ['forbidden', ['camera']]);
  assert.deepEqual(asked, [{ audio: {}, video: false }]);
  assert.ok(devices.tracks.microphone);
});

test('what the person does not want is another thing', async () => {
  refuse = () => {
    throw failure('NotAllowedError');
  };
  assert.equal((await new Devices({}).open(['camera'])).name, 'NotAllowedError');
});
