/** One source on its way to the server: its codec, its encodings, and which of them are on. */

import { encodingsFor, layersOf } from './encodings.js';

/** @typedef {import('./messages.d.ts').Source} Source */

/** What everybody can decode; the other codecs stay on offer behind it. */
const FIRST_CODEC = 'video/vp8';
/**
 * Seconds before what a sender has refused is set again: an answer, or another track, that came in
 * between is over then. Who waits for a picture would notice more.
 */
const AGAIN_SECONDS = [0.05, 0.2, 1, 3];

export class Sending {
  /** @type {readonly string[] | null} the encodings that anybody watches; null: nobody said */
  #wanted = null;
  #negotiated = false;
  #applying = false;
  #dirty = false;
  #refusals = 0;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #again;

  /**
   * @param {RTCPeerConnection} connection gets a further m-line
   * @param {Source} source
   * @param {MediaStreamTrack} track
   * @param {MediaStream} stream
   */
  constructor(connection, source, track, stream) {
    this.source = source;
    this.#hint(track);
    this.transceiver = addTransceiver(connection, track, stream, layersOf(source, track));
    preferCodec(this.transceiver, track.kind);
  }

  /** @param {MediaStreamTrack | null} track */
  #hint(track) {
    if (track && this.source === 'screen') track.contentHint = 'detail'; // sharp before smooth
  }

  /** The m-line; null before the first offer, and when it sends no more. */
  get mid() {
    return this.transceiver.direction === 'sendonly' ? this.transceiver.mid : null;
  }

  /**
   * Send another track (or nothing). The encodings stay and are made to fit its size.
   * @param {MediaStreamTrack | null} track
   */
  async replace(track) {
    this.#hint(track);
    await this.transceiver.sender.replaceTrack(track);
    await this.#apply();
  }

  /** Send nothing more, and let go of the m-line; takes effect with the next offer. */
  async end() {
    this.transceiver.direction = 'inactive';
    await this.transceiver.sender.replaceTrack(null);
  }

  /**
   * Send again after `end`, in the same m-line; takes effect with the next offer.
   * @param {MediaStreamTrack} track
   */
  async resume(track) {
    this.transceiver.direction = 'sendonly';
    this.#wanted = null; // it was said of what has ended
    await this.replace(track);
  }

  /**
   * Have these encodings on and the others off, as soon as the server has agreed to them.
   * @param {readonly string[]} rids
   */
  async want(rids) {
    this.#wanted = rids;
    await this.#apply();
  }

  /** The server has answered: parameters may be set now (an answer voids what was read before). */
  async negotiated() {
    this.#negotiated = true;
    await this.#apply();
  }

  async #apply() {
    this.#refusals = 0;
    await this.#change();
  }

  /** One change at a time: parameters that were read before another change are refused. */
  async #change() {
    this.#dirty = true;
    if (this.#applying || !this.#negotiated) return;
    this.#applying = true;
    while (this.#dirty) {
      this.#dirty = false;
      try {
        await this.#set();
      } catch {
        this.#changeAgain();
      }
    }
    this.#applying = false;
  }

  /** Refused, because of an answer that came in between, or for good: it has been stopped. */
  #changeAgain() {
    const seconds = AGAIN_SECONDS[this.#refusals];
    if (seconds === undefined) return;
    this.#refusals += 1;
    clearTimeout(this.#again);
    this.#again = setTimeout(() => void this.#change(), seconds * 1000);
  }

  async #set() {
    const { sender } = this.transceiver;
    if (!sender.track) return;
    const parameters = sender.getParameters();
    const { encodings } = parameters;
    const layers = layersOf(this.source, sender.track, encodings.length);
    if (!layers.length) return;
    const before = JSON.stringify(encodings);
    for (const [index, encoding] of encodings.entries()) {
      Object.assign(encoding, layers[index]);
      encoding.active = index < layers.length && this.#watches(encoding.rid);
    }
    if (JSON.stringify(encodings) !== before) await sender.setParameters(parameters);
  }

  /** @param {string | undefined} rid */
  #watches(rid) {
    if (!this.#wanted) return true;
    return rid ? this.#wanted.includes(rid) : this.#wanted.length > 0;
  }
}

/**
 * @param {RTCPeerConnection} connection
 * @param {MediaStreamTrack} track
 * @param {MediaStream} stream
 * @param {import('./encodings.js').Layer[]} layers
 */
function addTransceiver(connection, track, stream, layers) {
  /** @type {RTCRtpTransceiverInit} */
  const init = { direction: 'sendonly', streams: [stream] };
  if (!layers.length) return connection.addTransceiver(track, init);
  try {
    const sendEncodings = encodingsFor(layers, true);
    return connection.addTransceiver(track, { ...init, sendEncodings });
  } catch {
    // The browser knows temporal layers, but not these.
    const sendEncodings = encodingsFor(layers, false);
    return connection.addTransceiver(track, { ...init, sendEncodings });
  }
}

/**
 * @param {RTCRtpTransceiver} transceiver
 * @param {string} kind
 */
function preferCodec(transceiver, kind) {
  const all = RTCRtpReceiver.getCapabilities(kind)?.codecs ?? [];
  const first = all.filter(({ mimeType }) => mimeType.toLowerCase() === FIRST_CODEC);
  if (!first.length) return;
  const sorted = [...first, ...all.filter((codec) => !first.includes(codec))];
  try {
    transceiver.setCodecPreferences?.(sorted);
  } catch {
    // An older browser: its own order has VP8 first.
  }
}
