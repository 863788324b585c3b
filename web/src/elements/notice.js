/** After the call: why it is over, and the way on. */

import { element, say } from './parts.js';
import { notice } from './sentences.js';
import { t } from './text.js';

/**
 * @typedef {object} WayOn
 * @property {string} home address of the start page; empty: there is none
 * @property {() => Promise<unknown> | null} newCall starts another call; null: nobody here can
 */

export class Notice {
  #title;
  #text;
  #action;
  #home;
  /** @type {import('../sdk/call.js').Call | null} the last one */
  #over = null;

  /** @param {ShadowRoot} root */
  constructor(root) {
    this.#title = element(root, 'notice-title', HTMLElement);
    this.#text = element(root, 'notice-text', HTMLElement);
    this.#action = element(root, 'notice-action', HTMLButtonElement);
    this.#home = element(root, 'notice-home', HTMLButtonElement);
  }

  /**
   * Resolves when the person wants to join again.
   * @param {import('../sdk/call.js').Call} call that is over
   * @param {WayOn} way
   * @returns {Promise<void>}
   */
  show(call, { home, newCall }) {
    this.#over = call;
    this.repaint();
    const { does } = notice(call.reason, call.message);
    this.#home.hidden = !home;
    this.#home.onclick = () => location.assign(home);
    return new Promise((resolve) => {
      this.again = resolve;
      this.#action.onclick = () => {
        const started = does === 'new-call' ? newCall() : null;
        if (started) started.catch(() => say(this.#text, t('start.unanswered')));
        else resolve();
      };
    });
  }

  /** Another language is spoken. */
  repaint() {
    if (!this.#over) return;
    const { title, text, action } = notice(this.#over.reason, this.#over.message);
    this.#title.textContent = title;
    this.#text.textContent = text;
    this.#action.textContent = action;
  }

  /** Join again, as if the person had said so. */
  again() {}
}
