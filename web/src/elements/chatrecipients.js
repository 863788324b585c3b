/** To whom one writes: everybody, or one person. Who leaves stays chosen: others must not read it. */

import { element } from './parts.js';
import { displayName } from './sentences.js';
import { t } from './text.js';

/** @typedef {{id: string | null, name: string, here: boolean}} Recipient `id` null: everybody */

export class Recipients {
  #select;
  /** @type {Map<string, string>} names by participant */
  #people = new Map();
  /** @type {Recipient} */
  chosen = { id: null, name: '', here: true };
  #shown = '';

  /**
   * @param {ShadowRoot} root
   * @param {() => void} changed
   */
  constructor(root, changed) {
    this.#select = element(root, 'chat-recipient', HTMLSelectElement);
    this.#select.onchange = () => {
      this.choose(this.#select.value || null);
      changed();
    };
  }

  /** @param {string | null} id of a participant who is here; null: everybody */
  choose(id) {
    const name = this.#people.get(id ?? '');
    if (id === null) this.chosen = { id, name: '', here: true };
    else if (name !== undefined) this.chosen = { id, name, here: true };
    this.#paint();
  }

  /** @param {string | null} id of somebody who has left, and is who is written to all the same */
  lose(id) {
    this.chosen = { id, name: t('people.guest'), here: false };
    this.#paint();
  }

  /** @param {Iterable<{id: string, name: string}>} participants who are here */
  update(participants) {
    this.#people = new Map([...participants].map(({ id, name }) => [id, displayName(name)]));
    const { id, name } = this.chosen;
    if (id !== null) {
      this.chosen = { id, name: this.#people.get(id) ?? name, here: this.#people.has(id) };
    }
    this.#paint();
  }

  clear() {
    this.chosen = { id: null, name: '', here: true };
    this.update([]);
  }

  /** Another language is spoken. */
  repaint() {
    this.#shown = '';
    this.#paint();
  }

  #paint() {
    const { id, name, here } = this.chosen;
    const options = [['', t('chat.everybody')], ...this.#people];
    if (id !== null && !here) options.push([id, t('chat.has-left', { name })]);
    const shown = JSON.stringify(options);
    // Options that are made anew close the menu that is open.
    if (shown !== this.#shown) {
      this.#shown = shown;
      this.#select.replaceChildren(
        ...options.map(([value, label]) => {
          const option = document.createElement('option');
          option.value = value ?? '';
          option.textContent = label ?? '';
          return option;
        }),
      );
    }
    this.#select.value = id ?? '';
  }
}
