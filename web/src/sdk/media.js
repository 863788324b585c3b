/** The media side of a call: the peer, the slots, and whether it works; it outlives WebSockets. */

import { Peer } from './peer.js';
import { Ended } from './signaling.js';
import { Slots } from './slots.js';
import { MediaWatch } from './watch.js';

/** @typedef {import('./messages.d.ts').Joined} Joined */
/** @typedef {import('./messages.d.ts').OfferedTrack} OfferedTrack */
/** @typedef {import('./signaling.js').Signaling} Signaling */

/** The server does not take an offer. */
export class Refused extends Event {
  /** @param {string} message its reason */
  constructor(message) {
    super('refused');
    this.message = message;
  }
}

/** Emits `connected`, each time media gets through, `lost`, once, and `refused` (a Refused). */
export class Media extends EventTarget {
  /** Carries the offers; null while there is no way to the server. @type {Signaling | null} */
  #signaling;
  #closed = false;
  #watch;

  /**
   * @param {Signaling} signaling
   * @param {Joined} joined
   * @param {import('./local.js').Local} local is published
   */
  constructor(signaling, joined, local) {
    super();
    this.#signaling = signaling;
    const peer = new Peer((sdp, tracks) => this.#exchange(sdp, tracks), joined.iceServers);
    this.peer = peer;
    this.slots = new Slots((mid) => peer.track(mid));
    local.publish(peer);
    peer.addSlots(joined.slots);
    this.#watch = new MediaWatch(peer);
    for (const type of ['connected', 'lost']) {
      this.#watch.addEventListener(type, () => this.dispatchEvent(new Event(type)));
    }
    this.#watch.addEventListener('interrupted', () => {
      peer.restart();
      void this.negotiate();
    });
  }

  /** Offer what has changed, as soon as there is a way to the server. */
  async negotiate() {
    try {
      await this.peer.negotiate();
    } catch (error) {
      if (error instanceof Ended) return;
      this.dispatchEvent(new Refused(error instanceof Error ? error.message : ''));
    }
  }

  /** The way to the server is gone: sound and pictures may go on. */
  detach() {
    this.#signaling = null;
    this.#watch.pause();
  }

  /**
   * @param {Signaling} signaling a new way to a server that still has our media
   * @param {RTCIceServer[]} iceServers what opened them before may have run out
   */
  attach(signaling, iceServers) {
    this.#signaling = signaling;
    this.peer.configure(iceServers);
    this.dispatchEvent(new Event('attached'));
    this.#watch.resume();
  }

  /** The network may be another one. */
  checkNetwork() {
    if (this.#signaling) this.#watch.interrupted();
  }

  close() {
    this.#closed = true;
    this.#signaling = null;
    this.#watch.stop();
    this.peer.close();
    this.dispatchEvent(new Event('attached'));
  }

  /**
   * Send an offer, again when the connection ends before the answer has come.
   * @param {string} sdp
   * @param {OfferedTrack[]} tracks
   */
  async #exchange(sdp, tracks) {
    for (;;) {
      const signaling = this.#signaling;
      if (this.#closed) throw new Ended('the call ended');
      try {
        if (signaling) return await signaling.offer(sdp, tracks);
      } catch (error) {
        if (!(error instanceof Ended)) throw error;
      }
      if (this.#signaling === signaling) await this.#attached();
    }
  }

  /** @returns {Promise<unknown>} that there is another way to the server, or none any more */
  #attached() {
    return new Promise((resolve) => this.addEventListener('attached', resolve, { once: true }));
  }
}
