/** Raised hands: our own, with its button. */

import { element } from './parts.js';
import { t } from './text.js';
import { paintButton } from './toggle.js';

/** @typedef {import('../sdk/call.js').Call} Call */

export class Hands {
  #button;
  /** Whether ours was up when it was painted last. */
  #up = false;

  /**
   * @param {ShadowRoot} root
   * @param {(sentence: string) => void} announce
   */
  constructor(root, announce) {
    this.announce = announce;
    this.#button = element(root, 'hand', HTMLButtonElement);
    this.#button.hidden = false;
    this.repaint();
  }

  /** @param {Call} call whose hand, ours, goes up or down */
  toggle(call) {
    call.raiseHand(call.hand === 0);
  }

  /** @param {Call} call */
  show(call) {
    const up = call.hand > 0;
    if (up === this.#up) return;
    this.#up = up;
    this.repaint();
    this.announce(t(up ? 'hands.up' : 'hands.down'));
  }

  /** The call is over. */
  reset() {
    this.#up = false;
    this.repaint();
  }

  /** Another language is spoken, or another call begins. */
  repaint() {
    paintButton(this.#button, 'hand', t(this.#up ? 'hands.lower' : 'hands.raise'));
    this.#button.classList.toggle('on', this.#up);
  }
}
