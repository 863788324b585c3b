/** What we capture: kept over outages, so that it is sent again when the server is back. */

/** @typedef {import('./messages.d.ts').Source} Source */
/** @typedef {import('./peer.js').Peer} Peer */

export class Local {
  /** @type {Map<Source, {track: MediaStreamTrack | null, muted: boolean}>} */
  #sources = new Map();
  #stream = new MediaStream();
  /** What may be published; null: everything. @type {readonly Source[] | null} */
  allowed = null;

  /**
   * @param {Source} source
   * @param {MediaStreamTrack | null} track null: the source is off
   * @returns {boolean} whether it is muted now
   */
  set(source, track) {
    const muted = track === null || !track.enabled;
    this.#sources.set(source, { track, muted });
    return muted;
  }

  /** @param {Source} source that is not to be sent again after an outage */
  end(source) {
    this.#sources.delete(source);
  }

  /**
   * Silence or blacken what is captured.
   * @param {Source} source
   * @param {boolean} muted
   */
  mute(source, muted) {
    const local = this.#sources.get(source);
    if (!local) return;
    local.muted = muted;
    if (local.track) local.track.enabled = !muted;
  }

  /** @param {Source} source */
  isMuted(source) {
    return this.#sources.get(source)?.muted ?? true;
  }

  /** @param {Source} source */
  mayPublish(source) {
    return this.allowed === null || this.allowed.includes(source);
  }

  /** What there is to send, perhaps muted. */
  get sources() {
    return [...this.#sources.keys()];
  }

  /**
   * Send over `peer` what it may and does not send yet; takes effect with its next `negotiate`.
   * @param {Peer} peer
   * @returns {boolean} whether there was anything
   */
  publish(peer) {
    let any = false;
    for (const [source, { track, muted }] of this.#sources) {
      if (!track || !this.mayPublish(source) || peer.publishes(source)) continue;
      peer.setMuted(source, muted);
      peer.publish(source, track, this.#stream);
      any = true;
    }
    return any;
  }
}
