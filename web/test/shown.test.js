import assert from 'node:assert/strict';
import test from 'node:test';

import { shownHeight } from '../src/elements/shown.js';

const WIDE = { width: 1280, height: 720 };

test('a tile of the shape of its picture shows as many lines as it is high', () => {
  assert.equal(shownHeight({ width: 640, height: 360 }, WIDE, 'cover', 1), 360);
  assert.equal(shownHeight({ width: 640, height: 360 }, WIDE, 'cover', 2), 720);
});

test('what a tile cuts off of its picture is sent with the rest', () => {
  assert.equal(shownHeight({ width: 640, height: 320 }, WIDE, 'cover', 1), 360);
  assert.equal(shownHeight({ width: 480, height: 360 }, WIDE, 'cover', 1), 360);
});

test('what stands in a tile whole is not higher than it has room for', () => {
  assert.equal(shownHeight({ width: 640, height: 640 }, WIDE, 'contain', 1), 360);
  const upright = { width: 720, height: 1280 };
  assert.equal(shownHeight({ width: 640, height: 360 }, upright, 'contain', 1), 360);
});

test('a picture that has not come yet counts as wide', () => {
  const none = { width: 0, height: 0 };
  assert.equal(shownHeight({ width: 640, height: 360 }, none, 'contain', 1), 360);
});

test('heights come in steps of eight, and are zero only without a tile', () => {
  for (let height = 1; height < 300; height += 1) {
    const shown = shownHeight({ width: height, height }, WIDE, 'cover', 1);
    assert.ok(shown > 0 && shown % 8 === 0 && Math.abs(shown - height) <= 7, String(height));
  }
  assert.equal(shownHeight({ width: 0, height: 0 }, WIDE, 'cover', 2), 0);
});
