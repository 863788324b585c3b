/** The one peer connection of a call: what we send, the slots we receive in, and the offers. */

import { Channels } from './channels.js';
import { hasChannels, withAudioRepair, withoutRepetition } from './description.js';
import { Sending } from './sending.js';

/** @typedef {import('./messages.d.ts').Source} Source */
/** @typedef {import('./messages.d.ts').OfferedTrack} OfferedTrack */

/** What a slot may be asked to decode; a shorter list keeps an offer with many slots small. */
const SLOT_CODECS = new Set(['video/vp8', 'video/h264', 'video/rtx', 'audio/opus']);
/** Of the profiles of H.264 those that every browser sends: Chromium lists eight, at 270 bytes. */
const SLOT_H264 = /^(?=.*packetization-mode=1).*profile-level-id=42[e0]01f/i;
/**
 * As many people as a page of the grid shows. A slot takes 2 kB of a Chromium offer, everything of
 * our own 10 kB, and the server reads descriptions of at most 64 KiB: a longer one ends the call.
 */
export const MAX_SLOTS = 25;

/**
 * The browser is the only side that offers, one offer at a time. Emits `state` when the
 * connection's state changes.
 */
export class Peer extends EventTarget {
  /** @type {Map<Source, Sending>} */
  #sending = new Map();
  /** @type {Set<Source>} */
  #muted = new Set();
  #slots = 0;
  #negotiating = false;
  #dirty = false;
  #closed = false;

  /**
   * @param {(sdp: string, tracks: OfferedTrack[]) => Promise<string>} exchange sends an offer and
   *   resolves to the answer
   * @param {RTCIceServer[]} iceServers
   */
  constructor(exchange, iceServers = []) {
    super();
    this.exchange = exchange;
    this.connection = new RTCPeerConnection({ bundlePolicy: 'max-bundle', iceServers });
    this.channels = new Channels(this.connection);
    this.connection.addEventListener('connectionstatechange', () =>
      this.dispatchEvent(new Event('state')),
    );
    this.connection.addEventListener('iceconnectionstatechange', () =>
      this.dispatchEvent(new Event('state')),
    );
  }

  /** How many slots there are. */
  get slots() {
    return this.#slots;
  }

  /**
   * Send `track` as `source`; takes effect with the next `negotiate`.
   * @param {Source} source
   * @param {MediaStreamTrack} track
   * @param {MediaStream} stream
   */
  publish(source, track, stream) {
    const ended = this.#sending.get(source);
    if (ended) void ended.resume(track).catch(() => {}); // refused only by a closed connection
    else this.#sending.set(source, new Sending(this.connection, source, track, stream));
  }

  /**
   * Publish `source` no more; takes effect with the next `negotiate`.
   * @param {Source} source
   * @returns {boolean} whether it was published
   */
  unpublish(source) {
    if (this.#closed || !this.publishes(source)) return false;
    void this.#sending.get(source)?.end().catch(() => {});
    return true;
  }

  /**
   * Send another track (or nothing) as `source`, without an offer.
   * @param {Source} source
   * @param {MediaStreamTrack | null} track
   */
  async replace(source, track) {
    if (this.#closed) return;
    await this.#sending.get(source)?.replace(track);
  }

  /**
   * Which encodings of `source` anybody watches: the others are switched off.
   * @param {Source} source
   * @param {readonly string[]} rids
   */
  setWanted(source, rids) {
    void this.#sending.get(source)?.want(rids);
  }

  /** @param {Source} source */
  publishes(source) {
    return this.#sending.get(source)?.transceiver.direction === 'sendonly';
  }

  /**
   * Whether the server knows that we publish `source`.
   * @param {Source} source
   */
  agreed(source) {
    return this.#sending.get(source)?.transceiver.currentDirection === 'sendonly';
  }

  /**
   * What the next offer says of `source`.
   * @param {Source} source
   * @param {boolean} muted
   */
  setMuted(source, muted) {
    if (muted) this.#muted.add(source);
    else this.#muted.delete(source);
  }

  /**
   * Have at least `count` slots (but no more than `MAX_SLOTS`); takes effect with the next
   * `negotiate`.
   * @param {number} count
   * @returns {boolean} whether there are more than before
   */
  addSlots(count) {
    const before = this.#slots;
    for (; this.#slots < Math.min(count, MAX_SLOTS); this.#slots += 1) {
      for (const kind of ['audio', 'video']) {
        const transceiver = this.connection.addTransceiver(kind, { direction: 'recvonly' });
        preferSlotCodecs(transceiver, kind);
      }
    }
    return this.#slots > before;
  }

  /**
   * The track that arrives in the m-line `mid`.
   * @param {string} mid
   */
  track(mid) {
    return this.connection.getTransceivers().find((each) => each.mid === mid)?.receiver.track;
  }

  /**
   * Offer what has changed. Calls while an offer is under way lead to one more offer, after it.
   * Rejects when the offer is refused or the connection ends.
   */
  async negotiate() {
    this.#dirty = true;
    if (this.#negotiating) return;
    this.#negotiating = true;
    try {
      while (this.#dirty && !this.#closed) {
        this.#dirty = false;
        await this.#offer();
      }
    } finally {
      this.#negotiating = false;
    }
  }

  /**
   * Take other TURN servers, or other words that open them, from the next `restart` on.
   * @param {RTCIceServer[]} iceServers
   */
  configure(iceServers) {
    if (this.#closed) return;
    this.connection.setConfiguration({ bundlePolicy: 'max-bundle', iceServers });
  }

  /** Look for another way for media with the next `negotiate`: keys and streams stay. */
  restart() {
    if (!this.#closed) this.connection.restartIce();
  }

  async #offer() {
    const offer = await this.connection.createOffer();
    if (this.#closed) return;
    await this.connection.setLocalDescription(offer);
    const sdp = withAudioRepair(withoutRepetition(offer.sdp ?? ''));
    const answer = await this.exchange(sdp, this.tracks());
    if (this.#closed) return;
    await this.connection.setRemoteDescription({ type: 'answer', sdp: answer });
    if (!hasChannels(answer)) this.channels.close();
    for (const sending of this.#sending.values()) void sending.negotiated();
  }

  /** @returns {OfferedTrack[]} what we send, by m-line */
  tracks() {
    const tracks = [];
    for (const [source, { mid }] of this.#sending) {
      if (mid !== null) tracks.push({ mid, source, muted: this.#muted.has(source) });
    }
    return tracks;
  }

  close() {
    if (this.#closed) return;
    this.#closed = true;
    this.channels.close();
    this.connection.close();
  }
}

/**
 * @param {RTCRtpTransceiver} transceiver
 * @param {string} kind
 */
function preferSlotCodecs(transceiver, kind) {
  const all = RTCRtpReceiver.getCapabilities(kind)?.codecs ?? [];
  const few = all.filter(
    ({ mimeType, sdpFmtpLine = '' }) =>
      SLOT_CODECS.has(mimeType.toLowerCase()) &&
      (mimeType.toLowerCase() !== 'video/h264' || SLOT_H264.test(sdpFmtpLine)),
  );
  try {
    if (few.length && transceiver.setCodecPreferences) transceiver.setCodecPreferences(few);
  } catch {
    // An older browser: the offer is longer, nothing else.
  }
}
