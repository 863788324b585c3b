/** The one line above the stage: what is wrong, and the button that helps. */

import { element, say } from './parts.js';

/**
 * @typedef {object} Message
 * @property {string} text
 * @property {string} action what helps
 * @property {() => void} does it
 * @property {() => void} [close] the person has read it; without, it stays until it is settled
 */

/** What it may be about, the most urgent first: only that is shown. */
const KINDS = /** @type {const} */ (['connection', 'sound', 'host', 'problem', 'restart', 'load']);
/** @typedef {(typeof KINDS)[number]} Kind */

export class Banner {
  #text;
  #action;
  #close;
  #banner;
  /** @type {Map<Kind, Message>} */
  #messages = new Map();

  /** @param {ShadowRoot} root */
  constructor(root) {
    this.#text = element(root, 'banner-text', HTMLElement);
    this.#action = element(root, 'banner-action', HTMLButtonElement);
    this.#close = element(root, 'banner-close', HTMLButtonElement);
    this.#banner = element(root, 'banner', HTMLElement);
  }

  /**
   * @param {Kind} kind
   * @param {Message | null} told null: that is settled
   */
  show(kind, told) {
    if (told) this.#messages.set(kind, told);
    else this.#messages.delete(kind);
    const message = KINDS.map((each) => this.#messages.get(each)).find(Boolean);
    this.#text.textContent = message?.text ?? '';
    say(this.#action, message?.action ?? '');
    this.#action.onclick = message?.does ?? null;
    this.#close.hidden = !message?.close;
    this.#close.onclick = message?.close ?? null;
    this.#banner.hidden = !message;
  }
}
