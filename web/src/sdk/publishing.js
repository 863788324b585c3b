/** What we send: kept and muted here, published over the media there are, told to the server. */

import { Local } from './local.js';

/** @typedef {import('./messages.d.ts').ClientMessage} ClientMessage */
/** @typedef {import('./messages.d.ts').Source} Source */

export class Publishing {
  /** Outlives outages. */
  local = new Local();

  /**
   * @param {() => import('./media.js').Media | null} media as they are now
   * @param {(message: ClientMessage) => void} ask
   */
  constructor(media, ask) {
    this.media = media;
    this.ask = ask;
  }

  /**
   * Send `track` as `source` from now on; null stops sending but keeps the place.
   * @param {Source} source
   * @param {MediaStreamTrack | null} track
   */
  async setTrack(source, track) {
    const muted = this.local.set(source, track);
    const media = this.media();
    if (media?.peer.publishes(source)) {
      await media.peer.replace(source, track);
      this.#tellMuted(source, muted);
    } else if (media && this.local.publish(media.peer)) {
      await media.negotiate();
    }
  }

  /**
   * Publish `source` no more: to the others it is gone, not muted.
   * @param {Source} source
   */
  async unpublish(source) {
    this.local.end(source);
    const media = this.media();
    if (media?.peer.unpublish(source)) await media.negotiate();
  }

  /**
   * Send silence or blackness instead of what `source` captures.
   * @param {Source} source
   * @param {boolean} muted
   */
  setMuted(source, muted) {
    this.local.mute(source, muted);
    if (this.media()?.peer.publishes(source)) this.#tellMuted(source, muted);
  }

  /**
   * A host switched off `source`, and the server knows.
   * @param {Source} source
   * @returns {boolean} whether it was on
   */
  silence(source) {
    if (this.local.isMuted(source)) return false;
    this.local.mute(source, true);
    this.media()?.peer.setMuted(source, true);
    return true;
  }

  /**
   * The server lets us publish these and no others, perhaps from now on; what we capture besides is
   * kept until it does.
   * @param {readonly Source[] | null} sources null: everything
   */
  async allow(sources) {
    const { local } = this;
    local.allowed = sources;
    const media = this.media();
    if (!media) return;
    const forbidden = local.sources.filter((source) => !local.mayPublish(source));
    const ended = forbidden.filter((source) => media.peer.unpublish(source));
    if (local.publish(media.peer) || ended.length) await media.negotiate();
  }

  /** Say again what the server may have missed. */
  repeat() {
    for (const source of this.local.sources) {
      if (this.media()?.peer.agreed(source)) this.#tellMuted(source, this.local.isMuted(source));
    }
  }

  /**
   * @param {Source} source
   * @param {boolean} muted
   */
  #tellMuted(source, muted) {
    this.media()?.peer.setMuted(source, muted);
    this.ask({ type: 'mute', source, muted });
  }
}
