/** Whether sound and pictures get through: tells when they begin to, stumble, and are lost. */

/** A moment of radio silence heals by itself; after that another way is looked for. */
const DISCONNECTED_SECONDS = 1;
/** How long looking for another way may take; after that a new connection is faster. */
const INTERRUPTED_SECONDS = 8;
/** How long connecting may take the first time; ICE itself gives up later. */
const CONNECTING_SECONDS = 15;

/**
 * Watches one peer connection until `stop`. Emits `connected` and `interrupted`, each time, and
 * `lost`, once. An interruption is worth an ICE restart.
 */
export class MediaWatch extends EventTarget {
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;
  #stopped = false;
  #paused = false;
  #wasConnected = false;
  #interrupted = false;

  /** @param {import('./peer.js').Peer} peer */
  constructor(peer) {
    super();
    this.connection = peer.connection;
    this.#wait(CONNECTING_SECONDS, () => this.#lost());
    peer.addEventListener('state', () => this.#look());
  }

  stop() {
    this.#stopped = true;
    clearTimeout(this.#timer);
  }

  /** Without a way to the server nothing can be done about media, nor given up. */
  pause() {
    this.#paused = true;
    clearTimeout(this.#timer);
  }

  /** There is a way to the server again. */
  resume() {
    this.#paused = this.#interrupted = false;
    if (!this.#wasConnected) this.#wait(CONNECTING_SECONDS, () => this.#lost());
    else if (!this.#works) this.interrupted();
  }

  /** Something says that media may not get through any more. */
  interrupted() {
    if (this.#stopped || this.#paused || this.#interrupted || !this.#wasConnected) return;
    this.#interrupted = true;
    this.#wait(INTERRUPTED_SECONDS, () => {
      this.#interrupted = false;
      if (!this.#works) this.#lost();
    });
    this.dispatchEvent(new Event('interrupted'));
  }

  get #works() {
    const { connectionState, iceConnectionState } = this.connection;
    return connectionState === 'connected' && !isBad(iceConnectionState);
  }

  #look() {
    if (this.#stopped) return;
    const { connectionState, iceConnectionState } = this.connection;
    if (this.#works) {
      this.#wasConnected = true;
      this.#interrupted = false;
      clearTimeout(this.#timer);
      this.dispatchEvent(new Event('connected'));
    } else if (this.#paused || this.#interrupted) {
      // Nothing to be done, or it is being done.
    } else if (connectionState === 'failed' || iceConnectionState === 'failed') {
      if (this.#wasConnected) this.interrupted();
      else this.#lost();
    } else if (isBad(iceConnectionState) || isBad(connectionState)) {
      this.#wait(DISCONNECTED_SECONDS, () => this.interrupted());
    }
  }

  /**
   * @param {number} seconds
   * @param {() => void} action
   */
  #wait(seconds, action) {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(action, seconds * 1000);
  }

  #lost() {
    this.stop();
    this.dispatchEvent(new Event('lost'));
  }
}

/** @param {string} state */
function isBad(state) {
  return state === 'disconnected' || state === 'failed';
}
