import assert from 'node:assert/strict';
import test from 'node:test';

import { tileStates } from '../src/elements/tilestates.js';

const self = { name: 'Ann', stream: null, cameraOff: false, microphoneOff: true };
const track = (source, muted = false) => ({ id: source, kind: 'video', source, muted });

function call(tracks, more = {}) {
  return {
    you: 'p1',
    speakers: [],
    hands: [],
    pictures: [],
    quality: new Map(),
    participants: new Map([['p2', { id: 'p2', name: 'Bob', tracks }]]),
    ...more,
  };
}

test('we come first, then the others', () => {
  const [own, other] = tileStates(call([track('camera')]), self);
  assert.deepEqual([own.key, own.self, own.dark, own.silent], ['self', true, false, true]);
  assert.deepEqual([other.key, other.self, other.dark, other.silent], ['p2 camera', false, false, true]);
});

test('what is muted is not shown: a camera leaves a dark tile, a screen none', () => {
  const muted = [track('camera', true), track('screen', true)];
  assert.deepEqual(tileStates(call(muted), self).map((each) => [each.key, each.dark]), [
    ['self', false],
    ['p2 camera', true],
  ]);
});

test('a screen has a tile of its own, which does not speak', () => {
  const stream = {};
  const states = tileStates(
    call([track('camera'), track('screen')], {
      speakers: [{ participant: 'p2', level: 1 }],
      pictures: [{ participant: 'p2', source: 'screen', stream }],
    }),
    self,
  );
  assert.deepEqual(states.map((each) => [each.key, each.speaking]), [
    ['self', false],
    ['p2 camera', true],
    ['p2 screen', false],
  ]);
  assert.equal(states[1].stream, null);
  assert.equal(states[2].stream, stream);
});

test('a mark is about what the tile shows', () => {
  const bad = { score: 1, reason: 'uplink', paused: false, height: 180 };
  const quality = new Map([
    ['p2 screen', { ...bad, participant: 'p2', source: 'screen' }],
    ['p2 microphone', { ...bad, participant: 'p2', source: 'microphone' }],
  ]);
  const marks = (tracks) => tileStates(call(tracks, { quality }), self).map((each) => each.mark?.bars);
  assert.deepEqual(marks([track('camera'), track('screen')]), [undefined, undefined, 1]);
  assert.deepEqual(marks([track('camera'), track('microphone')]), [undefined, 1]);
});

test('whoever lost the connection bears a mark on every tile, however well it got through', () => {
  const lost = { id: 'p2', name: 'Bob', tracks: [track('camera'), track('screen')], away: true };
  const [own, ...tiles] = tileStates(call([], { participants: new Map([['p2', lost]]) }), self);
  assert.equal(own.mark, null);
  for (const { mark } of tiles) {
    assert.equal(mark.bars, 1);
    assert.match(mark.sentence, /^Bob has lost the connection/);
  }
});
