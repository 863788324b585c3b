/** What can be done with one person of the list: how loud, how large, a word, and what hosts may. */

import { LOUDEST } from './sound.js';
import { displayName } from './sentences.js';
import { number, t } from './text.js';

/** @typedef {import('./peoplerow.js').Shown} Shown */
/** @typedef {import('./peoplestates.js').Person} Person */
/** @typedef {'pin' | 'write' | 'microphone' | 'camera' | 'screen' | 'remove'} Deed */

/**
 * @typedef {object} Wishes
 * @property {(person: Person, deed: Deed) => void} act
 * @property {(person: Person, volume: number) => void} setVolume
 */

/** In per cent; fine enough for a finger, and the keys of the keyboard get through in thirty. */
const STEP = 5;

export class PeopleDetails {
  element = document.createElement('div');
  #volume = document.createElement('input');
  #value = document.createElement('output');
  #caption = document.createElement('span');
  /** @type {Map<Deed, HTMLButtonElement>} */
  #buttons = new Map();
  /** @type {Person | null} */
  #person = null;

  /** @param {Wishes} wishes */
  constructor(wishes) {
    this.element.className = 'details';
    this.element.setAttribute('role', 'group');
    const label = document.createElement('label');
    label.className = 'volume';
    Object.assign(this.#volume, { type: 'range', min: '0', max: String(LOUDEST * 100), step: String(STEP) });
    label.append(this.#caption, this.#volume, this.#value);
    this.#value.setAttribute('aria-hidden', 'true'); // the slider says it
    this.#volume.addEventListener('input', () => {
      this.#showVolume();
      if (this.#person) wishes.setVolume(this.#person, this.#volume.valueAsNumber / 100);
    });
    this.element.append(label);
    for (const deed of /** @type {Deed[]} */ (['pin', 'write', 'microphone', 'camera', 'screen', 'remove'])) {
      const button = document.createElement('button');
      button.type = 'button';
      button.className = deed === 'remove' ? 'deed harsh' : 'deed';
      button.dataset.deed = deed;
      button.addEventListener('click', () => {
        if (this.#person) wishes.act(this.#person, deed);
      });
      this.#buttons.set(deed, button);
      this.element.append(button);
    }
  }

  /**
   * @param {Person} person
   * @param {Shown} shown
   */
  show(person, { host, pinned, volume, writes }) {
    const name = displayName(person.name);
    this.#person = person;
    this.element.setAttribute('aria-label', name);
    this.#caption.textContent = t('people.volume');
    this.#volume.setAttribute('aria-label', t('people.volume-of', { name }));
    this.#volume.value = String(Math.round(volume * 100));
    this.#showVolume();
    this.#button('pin', t(pinned ? 'people.unpin' : 'people.pin'), true);
    this.#button('write', t('people.write'), writes);
    this.#button('microphone', t('people.mute-microphone'), host && person.microphone);
    this.#button('camera', t('people.stop-camera'), host && person.camera);
    this.#button('screen', t('people.stop-screen'), host && person.screen);
    this.#button('remove', t('people.remove'), host);
  }

  /**
   * @param {Deed} deed
   * @param {string} text
   * @param {boolean} possible
   */
  #button(deed, text, possible) {
    const button = this.#buttons.get(deed);
    if (!button) return;
    button.textContent = text;
    if (!possible && button.matches(':focus')) this.#volume.focus({ preventScroll: true });
    button.hidden = !possible;
  }

  #showVolume() {
    const text = t('statistics.percent', { value: number(this.#volume.valueAsNumber) });
    this.#value.textContent = text;
    this.#volume.setAttribute('aria-valuetext', text);
  }
}
