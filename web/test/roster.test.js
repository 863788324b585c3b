import assert from 'node:assert/strict';
import test from 'node:test';

import { Roster } from '../src/sdk/roster.js';

const camera = { id: 'a-camera', kind: 'video', source: 'camera', muted: false };

function rosterOf(...ids) {
  const roster = new Roster();
  roster.reset(ids.map((id) => ({ id, name: id.toUpperCase(), tracks: [] })));
  return roster;
}

test('people come and go', () => {
  const roster = rosterOf('a');
  const participant = { id: 'b', name: 'B', tracks: [] };
  assert.equal(roster.take({ type: 'participant-joined', participant }), 'participants');
  assert.deepEqual([...roster.participants.keys()], ['a', 'b']);
  assert.equal(
    roster.take({ type: 'participant-left', participant: 'a', reason: 'left' }),
    'participants',
  );
  assert.deepEqual([...roster.participants.keys()], ['b']);
});

test('tracks are published, muted and unpublished, and nobody changes place', () => {
  const roster = rosterOf('a', 'b');
  roster.take({ type: 'track-published', participant: 'a', track: camera });
  assert.deepEqual(roster.participants.get('a').tracks, [camera]);
  const muted = { ...camera, muted: true };
  roster.take({ type: 'track-updated', participant: 'a', track: muted });
  assert.deepEqual(roster.participants.get('a').tracks, [muted]);
  roster.take({ type: 'track-unpublished', participant: 'a', track: camera.id });
  assert.deepEqual(roster.participants.get('a').tracks, []);
  assert.deepEqual([...roster.participants.keys()], ['a', 'b']);
});

test('who leaves does not speak any more', () => {
  const roster = rosterOf('a', 'b');
  const speakers = ['a', 'b'].map((participant) => ({ participant, level: 0.5 }));
  assert.equal(roster.take({ type: 'speakers', speakers }), 'speakers');
  roster.take({ type: 'participant-left', participant: 'a', reason: 'left' });
  assert.deepEqual(roster.speakers.map((each) => each.participant), ['b']);
});

test('what concerns nobody known, or not the roster, changes nothing', () => {
  const roster = rosterOf('a');
  assert.equal(roster.take({ type: 'track-published', participant: 'x', track: camera }), null);
  assert.equal(roster.take({ type: 'need-slots', count: 4 }), null);
  assert.deepEqual([...roster.participants.keys()], ['a']);
});

const rating = (participant, score) => ({
  participant,
  source: 'camera',
  score,
  reason: 'uplink',
  paused: false,
  height: 180,
});

test('the last quality of each track is kept', () => {
  const roster = new Roster();
  roster.reset([{ id: 'a', name: 'A', tracks: [camera] }], 'me');
  const say = (...tracks) => roster.take({ type: 'quality', tracks });
  assert.equal(say(rating('a', 5), rating('me', 4)), 'quality');
  say(rating('a', 2));
  assert.deepEqual([...roster.quality].map(([key, { score }]) => [key, score]), [
    ['a camera', 2],
    ['me camera', 4],
  ]);
});

test('the quality of what nobody sends any more is forgotten', () => {
  const roster = rosterOf('b');
  const come = (id) => {
    const track = { ...camera, id: `${id}-camera` };
    roster.take({ type: 'participant-joined', participant: { id, name: '', tracks: [track] } });
    const tracks = [rating(id, 3), rating('stranger', 1), rating('b', 1)];
    roster.take({ type: 'quality', tracks });
    assert.deepEqual([...roster.quality.keys()], [`${id} camera`]);
  };
  come('x');
  roster.take({ type: 'participant-left', participant: 'x', reason: 'left' });
  assert.equal(roster.quality.size, 0);
  come('y');
  roster.take({ type: 'track-unpublished', participant: 'y', track: 'y-camera' });
  assert.equal(roster.quality.size, 0);
  come('z');
  roster.reset();
  assert.equal(roster.quality.size, 0);
});
