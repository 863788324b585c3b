/** The media side of one connection to the server: the peer, the slots, and whether it works. */

import { Peer } from './peer.js';
import { Slots } from './slots.js';
import { MediaWatch } from './watch.js';

/** @typedef {import('./messages.d.ts').Joined} Joined */
/** @typedef {import('./signaling.js').Signaling} Signaling */

/** Emits `connected`, each time media gets through, and `lost`, once. */
export class Media extends EventTarget {
  #watch;

  /**
   * @param {Signaling} signaling carries the offers
   * @param {Joined} joined
   * @param {import('./local.js').Local} local is published
   */
  constructor(signaling, joined, local) {
    super();
    const peer = new Peer((sdp, tracks) => signaling.offer(sdp, tracks), joined.iceServers);
    this.peer = peer;
    this.slots = new Slots((mid) => peer.track(mid));
    local.publish(peer);
    peer.addSlots(joined.slots);
    this.#watch = new MediaWatch(peer);
    for (const type of ['connected', 'lost']) {
      this.#watch.addEventListener(type, () => this.dispatchEvent(new Event(type)));
    }
  }

  close() {
    this.#watch.stop();
    this.peer.close();
  }
}
