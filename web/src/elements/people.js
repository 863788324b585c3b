/** The panel with everybody in the call: who they are, and what can be done with each and with all. */

import { forbidden } from './may.js';
import { element } from './parts.js';
import { PeopleRow } from './peoplerow.js';
import { matching, people } from './peoplestates.js';
import { number, t } from './text.js';
import { paintButton } from './toggle.js';

/** @typedef {import('../sdk/call.js').Call} Call */
/** @typedef {import('./moderation.js').Moderation} Moderation */
/** @typedef {import('./panel.js').Panels} Panels */
/** @typedef {import('./peopledetails.js').Deed} Deed */
/** @typedef {import('./peoplestates.js').Oneself} Oneself */
/** @typedef {import('./peoplestates.js').Person} Person */

/**
 * @typedef {object} Ways what can be done with somebody, by others of the page
 * @property {(participant: string) => void} pin
 * @property {(participant: string) => boolean} isPinned
 * @property {(participant: string) => void} write
 * @property {(participant: string) => number} volume
 * @property {(participant: string, volume: number) => void} setVolume
 */

/** From so many on nobody looks through them all. */
const SEARCHED_FROM = 10;

export class People {
  /** @type {Map<string, PeopleRow>} */
  #rows = new Map();
  /** Of whom it is seen what can be done. */
  #open = '';
  /** @type {{call: Call, self: Oneself} | null} */
  #shown = null;
  #button;
  #section;
  #title;
  #search;
  #found;
  #list;

  /**
   * @param {ShadowRoot} root
   * @param {Panels} panels
   * @param {Moderation} moderation
   * @param {Ways} ways
   */
  constructor(root, panels, moderation, ways) {
    this.root = root;
    this.panels = panels;
    this.moderation = moderation;
    this.ways = ways;
    this.#button = element(root, 'people-button', HTMLButtonElement);
    this.#section = element(root, 'people', HTMLElement);
    this.#title = element(root, 'people-title', HTMLElement);
    this.#search = element(root, 'people-search', HTMLInputElement);
    this.#found = element(root, 'people-found', HTMLElement);
    this.#list = element(root, 'people-list', HTMLElement);
    this.#search.oninput = () => this.#paint();
    this.#press('people-lock', () => moderation.toggleLock());
    this.#press('people-lobby', () => moderation.toggleLobby());
    this.#press('people-mute', () => moderation.muteAll());
    this.#press('people-end', () => moderation.end());
    paintButton(this.#button, 'people', t('call.people'));
    panels.register('people', {
      button: this.#button,
      element: this.#section,
      opened: () => this.#paint(),
      closed: () => this.#clear(),
    });
  }

  /**
   * @param {Call} call
   * @param {Oneself} self
   */
  show(call, self) {
    this.#shown = { call, self };
    const count = number(call.participants.size + 1);
    const title = t('people.title', { count });
    paintButton(this.#button, 'people', title);
    this.#button.dataset.count = count;
    this.#title.textContent = title;
    this.#paint();
  }

  /** The call is over. */
  reset() {
    this.#shown = null;
    this.#clear();
  }

  /** Another language is spoken. */
  repaint() {
    const open = this.#open;
    const { activeElement } = this.root;
    const focused = [...this.#rows].find(([, row]) => row.element.contains(activeElement));
    this.#clear();
    this.#open = open;
    if (this.#shown) this.show(this.#shown.call, this.#shown.self);
    if (focused) this.#rows.get(focused[0])?.button.focus({ preventScroll: true });
  }

  #clear() {
    this.#open = '';
    this.#search.value = '';
    this.#rows.clear();
    this.#list.replaceChildren();
  }

  /**
   * @param {string} id
   * @param {() => void} does
   */
  #press(id, does) {
    element(this.root, id, HTMLButtonElement).onclick = does;
  }

  /** Only while it is seen: it changes whenever somebody speaks. */
  #paint() {
    if (!this.#shown || this.#section.hidden) return;
    const { call, self } = this.#shown;
    const all = people(call, self);
    const searched = all.length >= SEARCHED_FROM;
    if (!searched && this.#search.matches(':focus')) this.#keepFocus();
    if (!searched) this.#search.value = '';
    this.#search.hidden = !searched;
    const words = this.#search.value.trim();
    const seen = matching(all, words);
    this.#found.hidden = !words;
    this.#found.textContent = words ? t('people.found', { count: seen.length }) : '';
    this.#paintRows(seen, call.role === 'host', !forbidden(call.may, 'data'));
    this.#paintRoom(call);
  }

  /**
   * @param {Person[]} seen
   * @param {boolean} host
   * @param {boolean} writes whether we may
   */
  #paintRows(seen, host, writes) {
    const ids = new Set(seen.map(({ id }) => id));
    for (const [id, row] of this.#rows) {
      if (ids.has(id)) continue;
      if (row.element.contains(this.root.activeElement)) this.#keepFocus();
      row.element.remove();
      this.#rows.delete(id);
      if (id === this.#open) this.#open = '';
    }
    for (const person of seen) {
      const { id } = person;
      const pinned = this.ways.isPinned(id);
      const volume = this.ways.volume(id);
      this.#row(id).show(person, { open: id === this.#open, host, pinned, volume, writes });
    }
    arrange(
      this.#list,
      seen.map(({ id }) => this.#row(id).element),
      this.root.activeElement,
    );
  }

  /** @param {Call} call */
  #paintRoom({ role, locked, lobby }) {
    const host = role === 'host';
    const all = element(this.root, 'people-all', HTMLElement);
    if (!host && all.contains(this.root.activeElement)) this.#keepFocus();
    all.hidden = !host;
    element(this.root, 'people-locked', HTMLElement).hidden = !locked;
    element(this.root, 'people-waiting', HTMLElement).hidden = !lobby || locked;
    const waiting = t(lobby ? 'people.lobby-off' : 'people.lobby-on');
    element(this.root, 'people-lobby', HTMLButtonElement).textContent = waiting;
    const lock = t(locked ? 'people.unlock' : 'people.lock');
    element(this.root, 'people-lock', HTMLButtonElement).textContent = lock;
  }

  /** @param {string} id */
  #row(id) {
    let row = this.#rows.get(id);
    if (!row) {
      row = new PeopleRow(id, () => this.#toggle(id), {
        act: (person, deed) => this.#act(person, deed),
        setVolume: ({ id: participant }, volume) => this.ways.setVolume(participant, volume),
      });
      this.#rows.set(id, row);
    }
    return row;
  }

  /** @param {string} id */
  #toggle(id) {
    this.#open = this.#open === id ? '' : id;
    this.#paint();
    if (this.#open) this.#rows.get(id)?.element.scrollIntoView({ block: 'nearest' });
  }

  /**
   * @param {Person} person
   * @param {Deed} deed
   */
  #act(person, deed) {
    if (deed === 'pin') this.ways.pin(person.id);
    else if (deed === 'write') this.ways.write(person.id);
    else if (deed === 'remove') this.moderation.remove(person);
    else this.moderation.mute(person, deed);
    this.#paint();
  }

  /** What has the focus goes away. */
  #keepFocus() {
    this.#section.querySelector('button')?.focus({ preventScroll: true });
  }
}

/**
 * Have these children in this order. What holds the focus is not moved: it would lose it.
 * @param {HTMLElement} parent
 * @param {HTMLElement[]} wanted
 * @param {Element | null} focus
 */
function arrange(parent, wanted, focus) {
  /** @type {HTMLElement | null} */
  let next = null;
  for (const child of wanted.toReversed()) {
    const held = child.parentNode === parent && child.contains(focus);
    const right = child.parentNode === parent && child.nextElementSibling === next;
    if (!held && !right) parent.insertBefore(child, next);
    next = child;
  }
}
