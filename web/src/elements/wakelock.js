/** Keeps the display on during a call; the browser takes it back whenever the page is hidden. */

export class WakeLock {
  /** @type {WakeLockSentinel | null} */
  #lock = null;
  #wanted = false;

  /** @param {AbortSignal} signal ends it */
  constructor(signal) {
    document.addEventListener('visibilitychange', () => void this.#take(), { signal });
    signal.addEventListener('abort', () => this.release());
  }

  hold() {
    if (this.#wanted) return;
    this.#wanted = true;
    void this.#take();
  }

  release() {
    this.#wanted = false;
    void this.#lock?.release().catch(() => {});
    this.#lock = null;
  }

  async #take() {
    if (!this.#wanted || document.hidden || !navigator.wakeLock) return;
    if (this.#lock && !this.#lock.released) return;
    try {
      const lock = await navigator.wakeLock.request('screen');
      if (this.#wanted) this.#lock = lock;
      else await lock.release();
    } catch {
      // A battery that is nearly empty has other wishes.
    }
  }
}
