/** The one line above the stage: what is wrong, and the button that helps. */

import { element, say } from './page.js';

/** @typedef {{text: string, action: string, does: () => void}} Message */

export class Banner {
  #text = element('banner-text', HTMLElement);
  #action = element('banner-action', HTMLButtonElement);
  #banner = element('banner', HTMLElement);

  /** @param {Message | null} message null: nothing is wrong */
  show(message) {
    this.#text.textContent = message?.text ?? '';
    say(this.#action, message?.action ?? '');
    this.#action.onclick = message?.does ?? null;
    this.#banner.hidden = !message;
  }
}
