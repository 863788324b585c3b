import assert from 'node:assert/strict';
import test, { beforeEach } from 'node:test';

import { Own } from '../src/elements/own.js';
import { install, settle } from './fakes.js';

/** A stand-in for the page's devices; what is opened comes when the test says so. */
class FakeDevices extends EventTarget {
  tracks = { microphone: null, camera: null };
  /** @type {(() => void)[]} */
  asked = [];

  open([device]) {
    return new Promise((resolve) => {
      this.asked.push(() => {
        this.tracks[device] = { enabled: true };
        this.dispatchEvent(Object.assign(new Event('changed'), { device }));
        resolve(null);
      });
    });
  }

  close(device) {
    this.tracks[device] = null;
    this.dispatchEvent(Object.assign(new Event('changed'), { device }));
  }

  closeAll() {}
}

let devices;
let call;
/** @type {Own} */
let own;
let heard;

beforeEach(() => {
  install();
  heard = [];
  devices = new FakeDevices();
  call = {
    state: 'joined',
    setTrack: (source, track) => heard.push(['track', source, Boolean(track)]),
    setMuted: (source, muted) => heard.push(['muted', source, muted]),
    unpublish: (source) => heard.push(['unpublish', source]),
  };
  const listener = { changed() {}, complain() {}, announce: (text) => heard.push(['said', text]) };
  own = new Own(devices, { name: 'Ann', off: { microphone: true, camera: true } }, listener);
  devices.tracks.microphone = { enabled: true };
  own.enter(call);
  heard.length = 0;
});

test('a held key has the microphone on, and off again after it', async () => {
  await own.talk(true);
  assert.equal(own.off.microphone, false);
  await own.talk(false);
  assert.equal(own.off.microphone, true);
  assert.deepEqual(heard, [
    ['muted', 'microphone', false],
    ['muted', 'microphone', true],
  ]);
});

test('a microphone that is on anyway stays on after the key', async () => {
  await own.toggle('microphone');
  await own.talk(true);
  await own.talk(false);
  assert.equal(own.off.microphone, false);
});

test('a key that is up before the browser gave the microphone leaves it off', async () => {
  devices.tracks.microphone = null;
  const talking = own.talk(true);
  await own.talk(false);
  devices.asked.forEach((give) => give());
  await talking;
  await settle();
  assert.equal(own.off.microphone, true);
});

test('a screen is sent with its sound, told, and gone when it ends', () => {
  own.sharing.tracks = { screen: {}, 'screen-audio': {} };
  own.sharing.dispatchEvent(new Event('changed'));
  own.sharing.tracks = { screen: null, 'screen-audio': null };
  own.sharing.dispatchEvent(new Event('changed'));
  assert.deepEqual(heard, [
    ['track', 'screen', true],
    ['track', 'screen-audio', true],
    ['said', 'You share your screen.'],
    ['unpublish', 'screen'],
    ['unpublish', 'screen-audio'],
    ['said', 'You share your screen no more.'],
  ]);
});

test('after the call nothing is sent', async () => {
  call.state = 'ended';
  await own.toggle('microphone');
  own.sharing.dispatchEvent(new Event('changed'));
  assert.deepEqual(heard, []);
});

// --- what a person may not do ---

function limited(...publish) {
  const problems = [];
  call.may = { publish, subscribe: true, data: true };
  own.listener.complain = (text) => problems.push(text);
  return problems;
}

test('what may not be sent is not captured, and cannot be switched on: it is said why', async () => {
  devices.tracks.camera = { enabled: true };
  const problems = limited('microphone');
  own.allow();
  assert.equal(devices.tracks.camera, null);
  assert.notEqual(devices.tracks.microphone, null);
  await own.toggle('camera');
  await own.toggleShare();
  assert.deepEqual(devices.asked, []);
  assert.equal(own.off.camera, true);
  assert.equal(problems[0], 'You may not use your camera in this call.');
  assert.equal(own.forbids('screen'), 'You may not share your screen in this call.');
  assert.equal(own.forbids('microphone'), '');
});

test('what may be sent again stays off until the person switches it on', async () => {
  limited('microphone');
  own.allow();
  call.may = { publish: ['microphone', 'camera'], subscribe: true, data: true };
  own.allow();
  assert.equal(own.off.camera, true);
  void own.toggle('camera');
  devices.asked.forEach((give) => give());
  await settle();
  assert.equal(own.off.camera, false);
});

test('a screen that may not be shared any more is not', () => {
  own.sharing.tracks = { screen: { stop() {} }, 'screen-audio': null };
  limited('microphone', 'camera');
  own.allow();
  assert.equal(own.sharing.active, false);
});

test('who is told of no limits has none', () => {
  call.may = null;
  for (const source of ['microphone', 'camera', 'screen']) assert.equal(own.forbids(source), '');
});
