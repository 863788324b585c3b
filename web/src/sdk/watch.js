/** Whether sound and pictures get through: tells when they begin to, and when they are lost. */

/** A network change heals within a few seconds by itself; after that a new join is faster. */
const DISCONNECTED_SECONDS = 8;
/** How long connecting may take the first time; ICE itself gives up later. */
const CONNECTING_SECONDS = 15;

/** Watches one peer connection until `stop`. Emits `connected`, each time, and `lost`, once. */
export class MediaWatch extends EventTarget {
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;
  #stopped = false;

  /** @param {import('./peer.js').Peer} peer */
  constructor(peer) {
    super();
    this.#wait(CONNECTING_SECONDS);
    peer.addEventListener('state', () => this.#look(peer.connection));
  }

  stop() {
    this.#stopped = true;
    clearTimeout(this.#timer);
  }

  /** @param {RTCPeerConnection} connection */
  #look({ connectionState, iceConnectionState }) {
    if (this.#stopped) return;
    if (connectionState === 'failed' || iceConnectionState === 'failed') {
      this.#lost();
    } else if (iceConnectionState === 'disconnected') {
      this.#wait(DISCONNECTED_SECONDS);
    } else if (connectionState === 'connected') {
      clearTimeout(this.#timer);
      this.dispatchEvent(new Event('connected'));
    }
  }

  /** @param {number} seconds */
  #wait(seconds) {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#lost(), seconds * 1000);
  }

  #lost() {
    this.stop();
    this.dispatchEvent(new Event('lost'));
  }
}
