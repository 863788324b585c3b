/** How a source is encoded: the simulcast encodings of a camera, the one of a screen. */

/** @typedef {import('./messages.d.ts').Source} Source */
/** @typedef {{scaleResolutionDownBy?: number, maxBitrate: number}} Layer */

/** Enough for a good picture of a moving head in VP8 at this height and 30 frames a second. */
const CAMERA_BITRATE = 1_700_000;
const CAMERA_HEIGHT = 720;
/** Small pictures take more bits per pixel: half the height needs not a quarter but 0.3 of them. */
const EXPONENT = 1.75;
/** Faces gain nothing beyond: a finer camera gets no more bitrate than one of this height. */
const FINEST_HEIGHT = 1080;
/**
 * Text must be read in its own size: a scaled-down screen helps nobody, so there is one encoding,
 * with frames that can be left out where it is too much (and browsers differ in simulcast of
 * screens). At this bitrate a new slide is sharp in about a second.
 */
const SCREEN_BITRATE = 2_500_000;
/**
 * From how many pixels Chromium sends three layers, and two: of a smaller picture with as many
 * encodings it leaves out the largest ones, which are the best it has.
 */
const THREE_LAYERS = 960 * 540;
const TWO_LAYERS = 480 * 270;
/** Three temporal layers: the server can thin out frames without asking us for anything. */
const SCALABILITY = 'L1T3';
/** By how many there are, low to high. A browser discards the name of a lone encoding. */
const RIDS = [[], [undefined], ['q', 'f'], ['q', 'h', 'f']];

/**
 * What to make of a camera picture, low to high: up to three layers, each twice as high as the
 * one before.
 * @param {number} width in pixels
 * @param {number} height
 * @param {number} most no more layers than that
 * @returns {Layer[]}
 */
export function cameraLayers(width, height, most = 3) {
  const pixels = width * height;
  const count = Math.min(most, pixels >= THREE_LAYERS ? 3 : pixels >= TWO_LAYERS ? 2 : 1);
  return Array.from({ length: count }, (_, index) => {
    const scaleResolutionDownBy = 2 ** (count - 1 - index);
    // A phone held upright sees as much as one held flat.
    const shorter = Math.min(width, height) / scaleResolutionDownBy;
    return { scaleResolutionDownBy, maxBitrate: bitrate(shorter) };
  });
}

/**
 * The layers of what a track of `source` captures; none of sound, which needs no advice.
 * @param {Source} source
 * @param {MediaStreamTrack} track
 * @param {number} [most]
 * @returns {Layer[]}
 */
export function layersOf(source, track, most) {
  if (track.kind !== 'video') return [];
  if (source === 'screen') return [{ maxBitrate: SCREEN_BITRATE }];
  // Where the browser does not say how large the picture is, it is what we asked for.
  const { width = 1280, height = 720 } = track.getSettings();
  return cameraLayers(width, height, most);
}

/**
 * The encodings for these layers, with temporal layers for browsers that know them (others ignore
 * or refuse them).
 * @param {Layer[]} layers
 * @param {boolean} temporal
 * @returns {RTCRtpEncodingParameters[]}
 */
export function encodingsFor(layers, temporal) {
  return layers.map((layer, index) => {
    const rid = RIDS[layers.length]?.[index];
    return {
      ...layer,
      ...(rid ? { rid } : {}),
      ...(temporal ? { scalabilityMode: SCALABILITY } : {}),
    };
  });
}

/** @param {number} height in pixels */
function bitrate(height) {
  const share = (Math.min(height, FINEST_HEIGHT) / CAMERA_HEIGHT) ** EXPONENT;
  return Math.round((CAMERA_BITRATE * share) / 10_000) * 10_000;
}
