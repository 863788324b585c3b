import assert from 'node:assert/strict';
import test from 'node:test';

import { Slots } from '../src/sdk/slots.js';

/** Tracks are their mids; a stream is the list of its tracks. */
function slots() {
  return new Slots(
    (mid) => /** @type {any} */ (mid),
    (tracks) => /** @type {any} */ ({ tracks }),
  );
}

/**
 * @param {number} slot
 * @param {string | null} participant
 */
function at(slot, participant) {
  return {
    slot,
    audio: `a${slot}`,
    video: `v${slot}`,
    participant,
    source: /** @type {const} */ ('camera'),
  };
}

test('only taken slots have a picture', () => {
  const mapping = slots();
  mapping.update([at(0, 'ann'), at(1, null)]);
  assert.deepEqual(
    mapping.pictures().map((each) => [each.participant, each.stream]),
    [['ann', { tracks: ['a0', 'v0'] }]],
  );
});

test('a slot keeps its stream whoever is in it', () => {
  const mapping = slots();
  mapping.update([at(0, 'ann')]);
  const [before] = mapping.pictures();
  mapping.update([at(0, 'bob')]);
  const [after] = mapping.pictures();
  assert.equal(after?.participant, 'bob');
  assert.equal(after?.stream, before?.stream);
});
