/** Which speaker is heard: chosen by the person, where the browser lets them choose. */

import { remember, remembered } from './memory.js';

const MEMORY = 'speaker-id';

/** Emits `changed` when another one is chosen. */
export class Speaker extends EventTarget {
  /** Empty: the one that the system takes. */
  id = remembered(MEMORY);

  /** Whether this browser can be told. */
  get available() {
    return typeof HTMLMediaElement !== 'undefined' && 'setSinkId' in HTMLMediaElement.prototype;
  }

  /** @param {string} id */
  use(id) {
    if (id === this.id) return;
    this.id = id;
    remember(MEMORY, id);
    this.dispatchEvent(new Event('changed'));
  }

  /**
   * Have an element play where it should; one that is gone by now leaves it where it is.
   * @param {HTMLMediaElement} media
   */
  async give(media) {
    if (!this.available || media.sinkId === this.id) return;
    await media.setSinkId(this.id).catch(() => media.setSinkId('')).catch(() => {});
  }
}
