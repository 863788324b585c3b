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
