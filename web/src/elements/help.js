/** The dialog with the keys of a call. */

import { KEYS } from './keys.js';
import { element } from './parts.js';
import { t } from './text.js';

/** @typedef {import('./keys.js').Keys} Keys */

export class Help {
  #dialog;
  #list;

  /**
   * @param {ShadowRoot} root
   * @param {Keys} keys
   */
  constructor(root, keys) {
    this.#dialog = element(root, 'help-dialog', HTMLDialogElement);
    this.#list = element(root, 'key-list', HTMLElement);
    const use = element(root, 'use-keys', HTMLInputElement);
    use.checked = keys.on;
    use.onchange = () => keys.set(use.checked);
    element(root, 'help-close', HTMLButtonElement).onclick = () => this.close();
  }

  /** The dialog keeps the focus in it, and gives it back to where it was. */
  open() {
    if (this.#dialog.open) return;
    this.repaint();
    this.#dialog.showModal();
  }

  /** Another language is spoken. */
  repaint() {
    const keys = Object.entries(KEYS).flatMap(([key, action]) =>
      row(key.toUpperCase(), t(`keys.${action}`)),
    );
    this.#list.replaceChildren(...keys, ...row(t('help.space'), t('help.hold-to-talk')));
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
