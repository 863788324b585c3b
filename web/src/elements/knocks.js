/** Over the stage of a host: who waits to be let in, and what can be said to them. */

import { element } from './parts.js';
import { displayName, nameList } from './sentences.js';
import { t } from './text.js';

/** @typedef {import('../sdk/call.js').Call} Call */
/** @typedef {import('../sdk/messages.d.ts').Knock} Knock */

/** @typedef {{element: HTMLElement, name: HTMLElement, admit: HTMLButtonElement, deny: HTMLButtonElement}} Row */

export class Knocks {
  #section;
  #title;
  #all;
  #list;
  /** @type {Map<string, Row>} by id */
  #rows = new Map();
  /** Who has been told of. @type {Set<string>} */
  #told = new Set();

  /**
   * @param {ShadowRoot} root
   * @param {() => Call | null} call
   * @param {(sentence: string) => void} announce
   */
  constructor(root, call, announce) {
    this.root = root;
    this.call = call;
    this.announce = announce;
    this.#section = element(root, 'knocks', HTMLElement);
    this.#title = element(root, 'knocks-title', HTMLElement);
    this.#all = element(root, 'knocks-all', HTMLButtonElement);
    this.#list = element(root, 'knocks-list', HTMLElement);
    // Those who are seen, not who has come since.
    this.#all.onclick = () => call()?.admit([...this.#rows.keys()]);
  }

  /** @param {readonly Knock[]} waiting in the order of their coming */
  show(waiting) {
    const fresh = waiting.filter(({ id }) => !this.#told.has(id));
    this.#told = new Set(waiting.map(({ id }) => id));
    if (fresh.length) {
      const names = nameList(fresh.map(({ name }) => name));
      this.announce(t('lobby.knocked', { names, count: fresh.length }));
    }
    const focused = this.#list.contains(this.root.activeElement);
    for (const [id, row] of this.#rows) {
      if (this.#told.has(id)) continue;
      row.element.remove();
      this.#rows.delete(id);
    }
    for (const knock of waiting) this.#row(knock);
    this.#title.textContent = t('lobby.knocks', { count: waiting.length });
    this.#all.hidden = waiting.length < 2;
    this.#section.hidden = !waiting.length;
    const [next] = this.#rows.values();
    // Whoever lets in one by one goes on with the next.
    if (focused && !this.#list.contains(this.root.activeElement)) next?.admit.focus();
  }

  /** Another language is spoken, or the call is over. */
  repaint() {
    this.show(this.call()?.waiting ?? []);
  }

  /** @param {Knock} knock */
  #row({ id, name }) {
    const row = this.#rows.get(id) ?? this.#made(id);
    const shown = displayName(name);
    row.name.textContent = shown;
    say(row.deny, t('lobby.deny'), t('lobby.deny-name', { name: shown }));
    say(row.admit, t('lobby.admit'), t('lobby.admit-name', { name: shown }));
  }

  /** @param {string} id */
  #made(id) {
    const item = document.createElement('li');
    const who = document.createElement('span');
    const answers = document.createElement('div');
    const name = document.createElement('bdi');
    const [deny, admit] = [document.createElement('button'), document.createElement('button')];
    deny.type = admit.type = 'button';
    deny.onclick = () => this.call()?.deny([id]);
    admit.onclick = () => this.call()?.admit([id]);
    who.append(name);
    answers.append(deny, admit);
    item.append(who, answers);
    this.#list.append(item);
    const row = { element: item, name, admit, deny };
    this.#rows.set(id, row);
    return row;
  }
}

/**
 * @param {HTMLButtonElement} button
 * @param {string} text
 * @param {string} label the text, and of whom
 */
function say(button, text, label) {
  button.textContent = text;
  button.setAttribute('aria-label', label);
}
