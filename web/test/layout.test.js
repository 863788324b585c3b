import assert from 'node:assert/strict';
import test from 'node:test';

import {
  GAP,
  MAX_TILES,
  NARROWEST,
  NARROWEST_UPRIGHT,
  WIDEST,
  layout,
  stripThickness,
} from '../src/elements/layout.js';

const NEAR = 0.01;

/** Numbers that are the same in every run (mulberry32). */
function random(seed) {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

const cameras = (count) => Array.from({ length: count }, () => ({ aspect: null, role: 'small' }));

/** Five hundred stages with any tiles. */
function* cases() {
  const next = random(1);
  const whole = (least, most) => least + Math.floor(next() * (most - least + 1));
  for (let index = 0; index < 500; index += 1) {
    const shapes = cameras(whole(1, index % 5 ? 12 : 60));
    for (const shape of shapes) if (next() < 0.15) shape.aspect = 0.4 + 2.6 * next();
    const mode = ['grid', 'speaker', 'screen'][whole(0, 2)];
    if (mode !== 'grid') shapes[whole(0, shapes.length - 1)].role = 'large';
    const [width, height] = [whole(200, 2600), whole(150, 1600)];
    yield { index, shapes, width, height, mode, page: whole(0, 4) };
  }
}

const limits = (width, height) => (height > width ? NARROWEST_UPRIGHT : NARROWEST);

test('every tile is inside the stage, and none covers another', () => {
  for (const { index, shapes, width, height, mode, page } of cases()) {
    const { places } = layout(shapes, width, height, mode, page);
    assert.equal(places.length, shapes.length);
    const shown = places.filter((place) => place !== null);
    assert.ok(shown.length > 0 && shown.length <= MAX_TILES, `case ${index}`);
    for (const [at, a] of shown.entries()) {
      assert.ok(a.width > 0 && a.height > 0, `case ${index}`);
      assert.ok(a.left >= -NEAR && a.left + a.width <= width + NEAR, `case ${index}`);
      assert.ok(a.top >= -NEAR && a.top + a.height <= height + NEAR, `case ${index}`);
      for (const b of shown.slice(at + 1)) {
        const apart =
          a.left + a.width <= b.left + NEAR ||
          b.left + b.width <= a.left + NEAR ||
          a.top + a.height <= b.top + NEAR ||
          b.top + b.height <= a.top + NEAR;
        assert.ok(apart, `case ${index}`);
      }
    }
  }
});

test('a screen keeps its shape, and a camera stays in the limits of its', () => {
  for (const { index, shapes, width, height, mode, page } of cases()) {
    const { places } = layout(shapes, width, height, mode, page);
    for (const [at, place] of places.entries()) {
      if (!place) continue;
      const aspect = place.width / place.height;
      const wanted = shapes[at].aspect;
      if (wanted) assert.ok(Math.abs(aspect / wanted - 1) < 0.001, `case ${index}`);
      else {
        assert.ok(aspect > limits(width, height) - 0.001, `case ${index}: ${aspect}`);
        assert.ok(aspect < WIDEST + 0.001, `case ${index}: ${aspect}`);
      }
    }
  }
});

test('every tile is on one page, the large one on all, and the order is kept', () => {
  for (const { index, shapes, width, height, mode } of cases()) {
    const { pages } = layout(shapes, width, height, mode);
    const seen = shapes.map(() => 0);
    let last = -1;
    for (let page = 0; page < pages; page += 1) {
      const result = layout(shapes, width, height, mode, page);
      assert.equal(result.pages, pages);
      assert.equal(result.page, page);
      for (const [at, place] of result.places.entries()) {
        if (!place) continue;
        seen[at] += 1;
        if (shapes[at].role === 'large') continue;
        assert.ok(at > last, `case ${index}`);
        last = at;
      }
    }
    for (const [at, times] of seen.entries()) {
      assert.equal(times, shapes[at].role === 'large' ? pages : 1, `case ${index}`);
    }
    assert.equal(layout(shapes, width, height, mode, pages + 3).page, pages - 1);
  }
});

test('no grid of equal tiles has larger ones', () => {
  const next = random(2);
  for (let round = 0; round < 60; round += 1) {
    const count = 1 + (round % 9);
    const [width, height] = [200 + 2000 * next(), 200 + 1400 * next()];
    const [place] = layout(cameras(count), width, height, 'grid').places;
    const least = limits(width, height);
    let best = 0;
    for (let columns = 1; columns <= count; columns += 1) {
      for (let rows = 1; rows <= count; rows += 1) {
        if (columns * rows < count) continue;
        for (let step = 0; step <= 100; step += 1) {
          const aspect = least + ((WIDEST - least) * step) / 100;
          const across = (width - (columns - 1) * GAP) / columns;
          const down = (height - (rows - 1) * GAP) / rows;
          const wide = Math.min(across, down * aspect);
          best = Math.max(best, (wide * wide) / aspect);
        }
      }
    }
    assert.ok(place.width * place.height > best * 0.999, `${count} in ${width} by ${height}`);
  }
});

test('the large tile takes all that a strip leaves, at the side where that is more', () => {
  for (const { index, shapes, width, height, mode } of cases()) {
    const large = shapes.findIndex((shape) => shape.role === 'large');
    if (large < 0) continue;
    const { places } = layout(shapes, width, height, mode);
    const { aspect } = shapes[large];
    const areas = ['bottom', 'right'].map((side) => {
      const taken = shapes.length > 1 ? GAP + stripThickness(width, height, mode, side) : 0;
      const [across, down] = side === 'bottom' ? [width, height - taken] : [width - taken, height];
      const wide = Math.min(across, down * (aspect ?? WIDEST));
      return wide * Math.min(down, across / (aspect ?? limits(width, height)));
    });
    const place = places[large];
    const area = place.width * place.height;
    assert.ok(Math.abs(area / Math.max(...areas) - 1) < 0.001, `case ${index}`);
  }
});

test('a large tile is the largest, but for one of another shape', () => {
  for (let count = 2; count <= 30; count += 1) {
    for (const [width, height] of [[1280, 640], [344, 520], [640, 260], [2200, 1200]]) {
      const shapes = cameras(count);
      shapes[count - 1].role = 'large';
      const { places } = layout(shapes, width, height, 'speaker');
      const area = (place) => (place ? place.width * place.height : 0);
      const large = area(places[count - 1]);
      for (const place of places.slice(0, -1)) assert.ok(area(place) < large / 2);
    }
  }
});

test('one tile fills a stage of its shape, in every mode', () => {
  const alone = [{ aspect: null, role: 'large' }];
  for (const mode of ['grid', 'speaker', 'screen']) {
    assert.deepEqual(layout(alone, 1600, 900, mode), {
      places: [{ left: 0, top: 0, width: 1600, height: 900 }],
      page: 0,
      pages: 1,
    });
  }
});

test('without a large one every mode is a grid', () => {
  const shapes = cameras(7);
  assert.deepEqual(layout(shapes, 900, 700, 'speaker'), layout(shapes, 900, 700, 'grid'));
});

test('nothing to show or nowhere to show it gives no places', () => {
  assert.deepEqual(layout([], 100, 100, 'grid').places, []);
  assert.deepEqual(layout(cameras(2), 0, 100, 'speaker').places, [null, null]);
});

test('more than twenty-five tiles are on pages', () => {
  const shown = (count, page) =>
    layout(cameras(count), 1280, 720, 'grid', page).places.filter(Boolean).length;
  assert.equal(layout(cameras(25), 1280, 720, 'grid').pages, 1);
  assert.equal(layout(cameras(60), 1280, 720, 'grid').pages, 3);
  assert.deepEqual([0, 1, 2].map((page) => shown(60, page)), [25, 25, 10]);
});

test('whoever comes last moves nobody to another page', () => {
  const before = layout(cameras(40), 1280, 720, 'grid', 1).places;
  const after = layout(cameras(41), 1280, 720, 'grid', 1).places;
  assert.deepEqual(before.map(Boolean), after.slice(0, 40).map(Boolean));
});

test('on a phone held upright six tiles stand in two columns and use most of it', () => {
  const [first, second, third] = layout(cameras(6), 344, 640, 'grid').places;
  assert.equal(first.top, second.top);
  assert.ok(third.top > first.top);
  assert.ok((6 * first.width * first.height) / (344 * 640) > 0.8);
});
