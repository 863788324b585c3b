/** How many pixels of a picture there are to see. */

/** A picture whose tile grows by less than this is not worth asking for another one. */
const STEP = 8;
/** What cameras see, until we know. */
export const USUAL_ASPECT = 16 / 9;

/**
 * The height, in device pixels, of the whole picture in a tile of `width` by `height`; what the
 * tile cuts off of it counts too, as it is sent with the rest. Pure.
 * @param {{width: number, height: number}} tile in CSS pixels
 * @param {{width: number, height: number}} picture in its own pixels, 0 when not known
 * @param {'cover' | 'contain'} fit whether it fills the tile or stands in it whole
 * @param {number} ratio of device pixels to CSS pixels
 * @returns {number} a multiple of 8; 0 only when there is no tile
 */
export function shownHeight(tile, picture, fit, ratio) {
  if (tile.width <= 0 || tile.height <= 0) return 0;
  const aspect = picture.width && picture.height ? picture.width / picture.height : USUAL_ASPECT;
  const across = tile.width / aspect;
  const height = fit === 'cover' ? Math.max(tile.height, across) : Math.min(tile.height, across);
  return Math.max(1, Math.round((height * ratio) / STEP)) * STEP;
}
