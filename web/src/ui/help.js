/** The dialog with the keys of a call, and the way to its figures. */

import { KEYS } from './keys.js';
import { element } from './page.js';
import { HOLD_TO_TALK, KEY_SENTENCES } from './sentences.js';

/** @typedef {import('./keys.js').Keys} Keys */

export class Help {
  #dialog = element('help-dialog', HTMLDialogElement);

  /**
   * @param {Keys} keys
   * @param {() => void} showStatistics
   */
  constructor(keys, showStatistics) {
    const list = element('key-list', HTMLElement);
    for (const [key, action] of Object.entries(KEYS)) {
      list.append(...row(key.toUpperCase(), KEY_SENTENCES[action]));
    }
    list.append(...row('Space', HOLD_TO_TALK));
    const use = element('use-keys', HTMLInputElement);
    use.checked = keys.on;
    use.onchange = () => keys.set(use.checked);
    element('help-close', HTMLButtonElement).onclick = () => this.close();
    element('help-statistics', HTMLButtonElement).onclick = () => {
      this.close();
      showStatistics();
    };
  }

  /** The dialog keeps the focus in it, and gives it back to where it was. */
  open() {
    if (!this.#dialog.open) this.#dialog.showModal();
  }

  close() {
    this.#dialog.close();
  }
}

/**
 * @param {string} key
 * @param {string} sentence
 */
function row(key, sentence) {
  const [name, meaning] = [document.createElement('dt'), document.createElement('dd')];
  const cap = document.createElement('kbd');
  cap.textContent = key;
  name.append(cap);
  meaning.textContent = sentence;
  return [name, meaning];
}
