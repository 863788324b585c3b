import assert from 'node:assert/strict';
import test, { beforeEach } from 'node:test';

import { Sharing } from '../src/elements/sharing.js';
import { settle } from './fakes.js';

class FakeTrack extends EventTarget {
  stopped = false;
  stop() {
    this.stopped = true;
  }
}

/** The questions asked so far; a test answers them. */
let questions;
/** @type {Sharing} */
let sharing;
let changes;

beforeEach(() => {
  questions = [];
  const getDisplayMedia = (options) =>
    new Promise((resolve, reject) => questions.push({ options, resolve, reject }));
  Object.defineProperty(globalThis, 'navigator', {
    configurable: true,
    value: { mediaDevices: { getDisplayMedia, getSupportedConstraints: () => ({}) } },
  });
  sharing = new Sharing();
  changes = 0;
  sharing.addEventListener('changed', () => (changes += 1));
});

function stream(audio = true) {
  const [screen, sound] = [new FakeTrack(), new FakeTrack()];
  return {
    getVideoTracks: () => [screen],
    getAudioTracks: () => (audio ? [sound] : []),
    getTracks: () => (audio ? [screen, sound] : [screen]),
  };
}

async function share(given = stream()) {
  const started = sharing.start();
  questions.at(-1).resolve(given);
  assert.equal(await started, null);
  return given.getTracks();
}

test('a screen is shared with its sound, and both end together', async () => {
  const tracks = await share();
  assert.deepEqual(Object.values(sharing.tracks), tracks);
  assert.equal(sharing.active, true);
  sharing.stop();
  assert.ok(tracks.every((each) => each.stopped));
  assert.deepEqual(sharing.tracks, { screen: null, 'screen-audio': null });
  assert.equal(changes, 2);
});

test('a screen without sound is shared too', async () => {
  await share(stream(false));
  assert.equal(sharing.tracks['screen-audio'], null);
  assert.equal(sharing.active, true);
});

test("the browser's own button ends it, the sound with it", async () => {
  const [screen, sound] = await share();
  screen.dispatchEvent(new Event('ended'));
  assert.equal(sharing.active, false);
  assert.equal(sound.stopped, true);
  assert.equal(changes, 2);
});

test('the end of an earlier share does not end the next one', async () => {
  const [screen] = await share();
  sharing.stop();
  await share();
  screen.dispatchEvent(new Event('ended'));
  assert.equal(sharing.active, true);
});

test('a refusal is told and changes nothing', async () => {
  const started = sharing.start();
  questions[0].reject(Object.assign(new Error('no'), { name: 'NotAllowedError' }));
  assert.deepEqual(await started, { name: 'NotAllowedError', message: 'no' });
  assert.equal(sharing.active, false);
  assert.equal(changes, 0);
});

test('one question at a time, and an answer after the end of the call counts for nothing', async () => {
  const started = sharing.start();
  assert.equal(await sharing.start(), null);
  assert.equal(questions.length, 1);
  sharing.stop();
  const late = stream();
  questions[0].resolve(late);
  await started;
  await settle();
  assert.ok(late.getTracks().every((each) => each.stopped));
  assert.equal(sharing.active, false);
});

test('all sound of the computer is shared only without our own', async () => {
  void sharing.start();
  assert.equal(questions[0].options.systemAudio, 'exclude');
  navigator.mediaDevices.getSupportedConstraints = () => ({ restrictOwnAudio: true });
  sharing = new Sharing();
  void sharing.start();
  assert.equal(questions[1].options.systemAudio, 'include');
  assert.equal(questions[1].options.audio.restrictOwnAudio, true);
});

test('a browser that cannot share says so', () => {
  assert.equal(sharing.available, true);
  Object.defineProperty(globalThis, 'navigator', { configurable: true, value: {} });
  assert.equal(sharing.available, false);
});
