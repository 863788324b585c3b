import assert from 'node:assert/strict';
import test from 'node:test';

import { Roster } from '../src/sdk/roster.js';

const camera = { id: 'a-camera', kind: 'video', source: 'camera', muted: false };

const DOOR = { type: 'joined', you: 'me', role: 'member', hand: 0, locked: false, participants: [] };

function person(id, rest = {}) {
  return { id, name: id.toUpperCase(), tracks: [], role: 'member', hand: 0, ...rest };
}

function rosterOf(...ids) {
  const roster = new Roster();
  roster.enter({ ...DOOR, participants: ids.map((id) => person(id)) });
  return roster;
}

test('people come and go', () => {
  const roster = rosterOf('a');
  const participant = person('b');
  assert.deepEqual(roster.take({ type: 'participant-joined', participant }), ['participants']);
  assert.deepEqual([...roster.participants.keys()], ['a', 'b']);
  assert.deepEqual(
    roster.take({ type: 'participant-left', participant: 'a', reason: 'left' }),
    ['participants'],
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

test('a restart is announced, called off, and forgotten in the next call', () => {
  const roster = rosterOf('a');
  assert.equal(roster.until, null);
  assert.deepEqual(roster.take({ type: 'draining', deadline: 1795257900.5 }), ['room']);
  assert.equal(roster.until.getTime(), 1795257900500);
  roster.take({ type: 'draining', deadline: null });
  assert.equal(roster.until, null);
  roster.take({ type: 'draining', deadline: 1795257900 });
  roster.clear();
  assert.equal(roster.until, null);
});

test('how much the server has to do is known until it is over, or the call is', () => {
  const roster = rosterOf('a');
  assert.equal(roster.load, 'normal');
  assert.deepEqual(roster.take({ type: 'load', state: 'busy' }), ['room']);
  assert.equal(roster.load, 'busy');
  roster.take({ type: 'load', state: 'normal' });
  assert.equal(roster.load, 'normal');
  roster.take({ type: 'load', state: 'full' });
  roster.clear();
  assert.equal(roster.load, 'normal');
});

test('who leaves does not speak any more', () => {
  const roster = rosterOf('a', 'b');
  const speakers = ['a', 'b'].map((participant) => ({ participant, level: 0.5 }));
  assert.deepEqual(roster.take({ type: 'speakers', speakers }), ['speakers']);
  roster.take({ type: 'participant-left', participant: 'a', reason: 'left' });
  assert.deepEqual(roster.speakers.map((each) => each.participant), ['b']);
});

test('what concerns nobody known, or not the roster, changes nothing', () => {
  const roster = rosterOf('a');
  assert.deepEqual(roster.take({ type: 'track-published', participant: 'x', track: camera }), []);
  assert.deepEqual(roster.take({ type: 'participant-updated', participant: person('x') }), []);
  assert.deepEqual(roster.take({ type: 'need-slots', count: 4 }), []);
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
  roster.enter({ ...DOOR, participants: [person('a', { tracks: [camera] })] });
  const say = (...tracks) => roster.take({ type: 'quality', tracks });
  assert.deepEqual(say(rating('a', 5), rating('me', 4)), ['quality']);
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
    roster.take({ type: 'participant-joined', participant: person(id, { tracks: [track] }) });
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
  roster.clear();
  assert.equal(roster.quality.size, 0);
});

test('hands are in the order of raising, ours among them', () => {
  const roster = rosterOf('a', 'b');
  const update = (id, rest) =>
    roster.take({ type: 'participant-updated', participant: person(id, rest) });
  update('b', { hand: 3 });
  assert.deepEqual(update('me', { hand: 4 }), ['participants']);
  update('a', { hand: 5 });
  assert.deepEqual(roster.hands, ['b', 'me', 'a']);
  assert.equal(roster.hand, 4);
  update('b', { hand: 0 });
  assert.deepEqual(roster.hands, ['me', 'a']);
  roster.take({ type: 'participant-left', participant: 'a', reason: 'left' });
  assert.deepEqual(roster.hands, ['me']);
  assert.deepEqual([...roster.participants.keys()], ['b'], 'we are not among the others');
});

test('who becomes host is known, and so is a locked room', () => {
  const roster = rosterOf('a');
  const host = { role: 'host' };
  assert.deepEqual(
    roster.take({ type: 'participant-updated', participant: person('a', host) }),
    ['participants'],
  );
  assert.equal(roster.participants.get('a').role, 'host');
  assert.equal(roster.role, 'member');
  assert.deepEqual(
    roster.take({ type: 'participant-updated', participant: person('me', host) }),
    ['participants', 'room'],
  );
  assert.equal(roster.role, 'host');
  assert.deepEqual(roster.take({ type: 'room-updated', locked: true }), ['room']);
  assert.equal(roster.locked, true);
  roster.enter(DOOR);
  assert.deepEqual([roster.role, roster.locked, roster.hand], ['member', false, 0]);
});
