/** Where tiles go: the grid with the largest tiles that fit. */

/** Tiles are as wide as cameras see, or narrower where that fills the stage better. */
export const WIDEST = 16 / 9;
export const NARROWEST = 4 / 3;
/** On an upright screen that would leave most of it empty: there more of the sides may go. */
export const NARROWEST_UPRIGHT = 3 / 4;
const GAP = 8;

/** @typedef {{left: number, top: number, width: number, height: number}} Rectangle in pixels */

/**
 * Rectangles of `count` equal tiles in a stage of `width` by `height` pixels; the last row is
 * centred. Pure.
 * @param {number} count
 * @param {number} width
 * @param {number} height
 * @returns {Rectangle[]}
 */
export function layout(count, width, height) {
  if (count < 1 || width <= 0 || height <= 0) return [];
  const narrowest = height > width ? NARROWEST_UPRIGHT : NARROWEST;
  let best = { columns: 1, width: 0, height: 0 };
  for (let columns = 1; columns <= count; columns += 1) {
    const rows = Math.ceil(count / columns);
    const across = Math.max(0, (width - GAP * (columns - 1)) / columns);
    const down = Math.max(0, (height - GAP * (rows - 1)) / rows);
    const tile = {
      columns,
      width: Math.min(across, down * WIDEST),
      height: Math.min(down, across / narrowest),
    };
    if (tile.width * tile.height > best.width * best.height) best = tile;
  }
  const { width: tileWidth, height: tileHeight } = best;
  const rows = Math.ceil(count / best.columns);
  const top = (height - rows * tileHeight - (rows - 1) * GAP) / 2;
  return Array.from({ length: count }, (_, index) => {
    const row = Math.floor(index / best.columns);
    const inRow = Math.min(best.columns, count - row * best.columns);
    const left = (width - inRow * tileWidth - (inRow - 1) * GAP) / 2;
    return {
      left: left + (index % best.columns) * (tileWidth + GAP),
      top: top + row * (tileHeight + GAP),
      width: tileWidth,
      height: tileHeight,
    };
  });
}
