import assert from 'node:assert/strict';
import test from 'node:test';

import { NARROWEST, NARROWEST_UPRIGHT, WIDEST, layout } from '../src/ui/layout.js';

const stages = [
  [1280, 720],
  [320, 568],
  [568, 320],
  [1920, 400],
  [200, 1200],
];

for (const [width, height] of stages) {
  test(`tiles fit a stage of ${width} by ${height} and do not overlap`, () => {
    for (let count = 1; count <= 49; count += 1) {
      const tiles = layout(count, width, height);
      assert.equal(tiles.length, count);
      for (const tile of tiles) {
        assert.ok(tile.left >= -0.01 && tile.left + tile.width <= width + 0.01);
        assert.ok(tile.top >= -0.01 && tile.top + tile.height <= height + 0.01);
        const aspect = tile.width / tile.height;
        const narrowest = height > width ? NARROWEST_UPRIGHT : NARROWEST;
        assert.ok(aspect > narrowest - 0.001 && aspect < WIDEST + 0.001);
      }
      for (const [index, a] of tiles.entries()) {
        for (const b of tiles.slice(index + 1)) {
          const apart =
            a.left + a.width <= b.left + 0.01 ||
            b.left + b.width <= a.left + 0.01 ||
            a.top + a.height <= b.top + 0.01;
          assert.ok(apart);
        }
      }
    }
  });
}

test('one tile fills a stage of its shape', () => {
  assert.deepEqual(layout(1, 1600, 900), [{ left: 0, top: 0, width: 1600, height: 900 }]);
});

test('nothing to show or nowhere to show it gives no tiles', () => {
  assert.deepEqual(layout(0, 100, 100), []);
  assert.deepEqual(layout(3, 0, 100), []);
});

test('on a phone held upright six tiles stand in two columns and use most of it', () => {
  const [first, second, third] = layout(6, 344, 640);
  assert.equal(first.top, second.top);
  assert.ok(third.top > first.top);
  assert.ok((6 * first.width * first.height) / (344 * 640) > 0.8);
});
