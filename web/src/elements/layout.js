/** Where tiles go: a grid of equal tiles, or one large tile with the others in a strip. Pure. */

/** Cameras are as wide as they see, or narrower where that fills the stage better. */
export const WIDEST = 16 / 9;
export const NARROWEST = 4 / 3;
/** On an upright screen that would leave most of it empty: there more of the sides may go. */
export const NARROWEST_UPRIGHT = 3 / 4;
/** More faces than that nobody tells apart; the others are on further pages. */
export const MAX_TILES = 25;
export const GAP = 8;

/** Which share of the stage a strip takes: of a screen every line counts. */
const STRIP_SHARE = { speaker: 0.2, screen: 0.15 };
/** Below this a face is not recognised, and above it the strip would rival the large tile. */
const STRIP_PIXELS = { least: 84, most: 220 };
/** On a tiny stage the large tile still gets most of it. */
const STRIP_MOST_SHARE = 0.34;

/** @typedef {{left: number, top: number, width: number, height: number}} Rectangle in pixels */
/** @typedef {'grid' | 'speaker' | 'screen'} Mode `screen`: the large tile is one, to be read */
/** @typedef {'bottom' | 'right'} Side */

/**
 * @typedef {object} Shape of one tile
 * @property {number | null} aspect width by height, to be kept (a screen); null: whatever fits, in
 *   the limits above (a camera)
 * @property {'large' | 'small'} role `large`: the one that the modes other than `grid` show large
 */

/**
 * @typedef {object} Layout
 * @property {(Rectangle | null)[]} places one for each shape, in their order; null: on another page
 * @property {number} page the one that is shown, from 0
 * @property {number} pages how many there are
 */

/**
 * The places of all tiles on a stage of `width` by `height` pixels.
 * @param {readonly Shape[]} shapes
 * @param {number} width
 * @param {number} height
 * @param {Mode} mode
 * @param {number} [page] the one to show; the last one if there are not as many
 * @returns {Layout}
 */
export function layout(shapes, width, height, mode, page = 0) {
  const large = mode === 'grid' ? -1 : shapes.findIndex((shape) => shape.role === 'large');
  if (!shapes.length || width <= 0 || height <= 0) {
    return { places: shapes.map(() => null), page: 0, pages: 1 };
  }
  if (large < 0 || mode === 'grid') {
    return paged(shapes, -1, MAX_TILES, page, (count) => grid(count, width, height));
  }
  const side = stripSide(shapes, large, width, height, mode);
  const thickness = stripThickness(width, height, mode, side);
  const rest = largeArea(shapes.length, width, height, thickness, side);
  const room = strip(shapes.length - 1, width, height, thickness, side);
  const result = paged(shapes, large, room.capacity, page, room.cells);
  result.places[large] = fit(shapes[large]?.aspect ?? null, rest, narrowest(width, height));
  return result;
}

/**
 * How thick a strip is at that side.
 * @param {number} width
 * @param {number} height
 * @param {'speaker' | 'screen'} mode
 * @param {Side} side
 */
export function stripThickness(width, height, mode, side) {
  const across = side === 'bottom' ? height : width;
  const wanted = Math.max(STRIP_PIXELS.least, across * STRIP_SHARE[mode]);
  return Math.min(wanted, STRIP_PIXELS.most, across * STRIP_MOST_SHARE);
}

/**
 * @param {readonly Shape[]} shapes
 * @param {number} except the index of the tile that has a place of its own, or -1
 * @param {number} capacity how many fit on a page
 * @param {number} page
 * @param {(count: number) => Rectangle[]} cellsOf
 * @returns {Layout}
 */
function paged(shapes, except, capacity, page, cellsOf) {
  const small = shapes.length - (except < 0 ? 0 : 1);
  const pages = Math.max(1, Math.ceil(small / capacity));
  const shown = Math.min(Math.max(0, page), pages - 1);
  const cells = cellsOf(Math.min(capacity, small - shown * capacity));
  let next = -shown * capacity;
  const places = shapes.map(({ aspect }, index) => {
    if (index === except) return null;
    const cell = cells[next];
    next += 1;
    return cell ? (aspect ? fit(aspect, cell, aspect) : cell) : null;
  });
  return { places, page: shown, pages };
}

/**
 * The equal cells that are largest; the last row is centred.
 * @param {number} count
 * @param {number} width
 * @param {number} height
 * @returns {Rectangle[]}
 */
function grid(count, width, height) {
  const least = narrowest(width, height);
  let best = { columns: 1, width: 0, height: 0 };
  for (let columns = 1; columns <= count; columns += 1) {
    const rows = Math.ceil(count / columns);
    const across = Math.max(0, (width - GAP * (columns - 1)) / columns);
    const down = Math.max(0, (height - GAP * (rows - 1)) / rows);
    const cell = {
      columns,
      width: Math.min(across, down * WIDEST),
      height: Math.min(down, across / least),
    };
    if (cell.width * cell.height > best.width * best.height) best = cell;
  }
  const { width: cellWidth, height: cellHeight } = best;
  const rows = Math.ceil(count / best.columns);
  const top = (height - rows * cellHeight - (rows - 1) * GAP) / 2;
  return Array.from({ length: count }, (_, index) => {
    const row = Math.floor(index / best.columns);
    const inRow = Math.min(best.columns, count - row * best.columns);
    const left = (width - inRow * cellWidth - (inRow - 1) * GAP) / 2;
    return {
      left: left + (index % best.columns) * (cellWidth + GAP),
      top: top + row * (cellHeight + GAP),
      width: cellWidth,
      height: cellHeight,
    };
  });
}

/**
 * The side at which a strip costs the large tile less.
 * @param {readonly Shape[]} shapes
 * @param {number} large
 * @param {number} width
 * @param {number} height
 * @param {'speaker' | 'screen'} mode
 * @returns {Side}
 */
function stripSide(shapes, large, width, height, mode) {
  const area = (/** @type {Side} */ side) => {
    const thickness = stripThickness(width, height, mode, side);
    const rest = largeArea(shapes.length, width, height, thickness, side);
    const place = fit(shapes[large]?.aspect ?? null, rest, narrowest(width, height));
    return place.width * place.height;
  };
  return area('right') > area('bottom') ? 'right' : 'bottom';
}

/**
 * What a strip leaves of the stage.
 * @param {number} count of all tiles
 * @param {number} width
 * @param {number} height
 * @param {number} thickness
 * @param {Side} side
 * @returns {Rectangle}
 */
function largeArea(count, width, height, thickness, side) {
  const taken = count > 1 ? thickness + GAP : 0;
  const [across, down] = side === 'bottom' ? [0, taken] : [taken, 0];
  return { left: 0, top: 0, width: Math.max(0, width - across), height: Math.max(0, height - down) };
}

/**
 * The cells of a strip: equal, in one line, centred.
 * @param {number} count of all tiles that are to be in it, on all pages
 * @param {number} width of the stage
 * @param {number} height
 * @param {number} thickness
 * @param {Side} side
 * @returns {{capacity: number, cells: (count: number) => Rectangle[]}}
 */
function strip(count, width, height, thickness, side) {
  const least = narrowest(width, height);
  const bottom = side === 'bottom';
  const length = bottom ? width : height;
  // In the direction of the line.
  const [shortest, longest] = bottom
    ? [thickness * least, thickness * WIDEST]
    : [thickness / WIDEST, thickness / least];
  const fitting = Math.floor((length + GAP) / (shortest + GAP));
  const capacity = Math.max(1, Math.min(fitting, MAX_TILES - 1));
  const most = Math.min(count, capacity);
  const along = Math.min(longest, (length - (most - 1) * GAP) / most);
  // A stage too short for even one tile makes it thinner.
  const across = Math.min(thickness, bottom ? along / least : along * WIDEST);
  return {
    capacity,
    cells: (shown) => {
      const start = (length - shown * along - (shown - 1) * GAP) / 2;
      return Array.from({ length: shown }, (_, index) => {
        const place = start + index * (along + GAP);
        return bottom
          ? { left: place, top: height - across, width: along, height: across }
          : { left: width - across, top: place, width: across, height: along };
      });
    },
  };
}

/**
 * The largest rectangle in the middle of another.
 * @param {number | null} aspect to keep; null: from `least` to `WIDEST`
 * @param {Rectangle} area
 * @param {number} least
 * @returns {Rectangle}
 */
function fit(aspect, area, least) {
  const width = Math.min(area.width, area.height * (aspect ?? WIDEST));
  const height = Math.min(area.height, area.width / (aspect ?? least));
  return {
    left: area.left + (area.width - width) / 2,
    top: area.top + (area.height - height) / 2,
    width,
    height,
  };
}

/**
 * @param {number} width
 * @param {number} height
 */
function narrowest(width, height) {
  return height > width ? NARROWEST_UPRIGHT : NARROWEST;
}
