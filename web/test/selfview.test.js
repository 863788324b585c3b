import assert from 'node:assert/strict';
import test from 'node:test';

import { cornerPlace, nearest } from '../src/elements/selfview.js';

const CORNERS = ['top-left', 'top-right', 'bottom-left', 'bottom-right'];
const STAGES = [
  [1280, 640],
  [304, 480],
  [560, 260],
  [200, 160],
];

test('in every corner it is all on the stage, and small', () => {
  for (const [width, height] of STAGES) {
    for (const corner of CORNERS) {
      const place = cornerPlace(width, height, corner);
      assert.ok(place.left >= 0 && place.top >= 0);
      assert.ok(place.left + place.width <= width && place.top + place.height <= height);
      assert.ok(place.width * place.height < 0.15 * width * height, `${width} ${height}`);
      assert.ok(Math.max(place.width, place.height) >= 88);
    }
  }
});

test('it is upright where the stage is', () => {
  const upright = cornerPlace(304, 480, 'top-left');
  const wide = cornerPlace(1280, 640, 'top-left');
  assert.ok(upright.height > upright.width);
  assert.ok(wide.width > wide.height);
});

test('let go in a corner it stays there, let go elsewhere it goes to the nearest one', () => {
  for (const [width, height] of STAGES) {
    for (const corner of CORNERS) {
      assert.equal(nearest(cornerPlace(width, height, corner), width, height), corner);
    }
  }
  const place = { left: 700, top: 100, width: 200, height: 100 };
  assert.equal(nearest(place, 1000, 600), 'top-right');
  assert.equal(nearest({ ...place, left: 300 }, 1000, 600), 'top-left');
});
