/** One person in the list: who it is, what is on, and what can be done with them. */

import { icon } from './icons.js';
import { PeopleDetails } from './peopledetails.js';
import { displayName, initials, tileLabel } from './sentences.js';
import { list, number, t } from './text.js';
import { hue } from './tile.js';

/** @typedef {import('./icons.js').IconName} IconName */
/** @typedef {import('./peopledetails.js').Wishes} Wishes */
/** @typedef {import('./peoplestates.js').Person} Person */

/**
 * @typedef {object} Shown besides the person
 * @property {boolean} open whether it is seen what can be done
 * @property {boolean} host whether we are one
 * @property {boolean} pinned
 * @property {number} volume
 * @property {boolean} writes whether we may
 */

export class PeopleRow {
  element = document.createElement('li');
  #face = part('face');
  #name = document.createElement('bdi');
  #role = part('role');
  #state = part('hidden');
  #raised = part('raised');
  #icons = part('icons');
  #more = document.createElement('button');
  /** @type {PeopleDetails | null} */
  #details = null;
  #painted = '';

  /**
   * @param {string} id
   * @param {() => void} toggle what can be done is to be seen, or no more
   * @param {Wishes} wishes
   */
  constructor(id, toggle, wishes) {
    this.wishes = wishes;
    this.element.className = 'person';
    this.element.dataset.participant = id;
    const line = part('line', 'div');
    const who = part('who');
    const named = part('name');
    named.append(this.#name);
    this.#face.style.setProperty('--hue', String(hue(id)));
    for (const each of [this.#face, this.#raised, this.#icons]) {
      each.setAttribute('aria-hidden', 'true'); // the hidden sentence says it
    }
    this.#more.type = 'button';
    this.#more.className = 'more-of';
    this.#more.append(icon('more'));
    this.#more.addEventListener('click', toggle);
    who.append(named, this.#role, this.#state);
    line.append(this.#face, who, this.#raised, this.#icons, this.#more);
    this.element.append(line);
  }

  /**
   * @param {Person} person
   * @param {Shown} shown
   */
  show(person, shown) {
    const painted = JSON.stringify([person, shown]);
    if (painted === this.#painted) return;
    this.#painted = painted;
    const name = displayName(person.name);
    this.element.dataset.name = person.name;
    this.element.classList.toggle('speaking', person.speaking);
    this.#face.textContent = initials(name);
    this.#name.textContent = tileLabel({ name: person.name, source: 'camera', self: person.self });
    this.#role.textContent = person.host ? t('people.host') : '';
    this.#state.textContent = list(states(person));
    this.#raised.replaceChildren(...(person.hand ? [icon('hand'), number(person.hand)] : []));
    this.#icons.replaceChildren(...marks(person).map(icon));
    this.#more.hidden = person.self;
    const label = t('people.more', { name });
    this.#more.setAttribute('aria-label', label);
    this.#more.title = label;
    this.#more.setAttribute('aria-expanded', String(shown.open));
    this.element.classList.toggle('open', shown.open);
    if (shown.open) this.#open().show(person, shown);
    else this.#close();
  }

  /** Where the focus is when it is here. */
  get button() {
    return this.#more;
  }

  #open() {
    if (!this.#details) {
      this.#details = new PeopleDetails(this.wishes);
      this.element.append(this.#details.element);
    }
    return this.#details;
  }

  #close() {
    this.#details?.element.remove();
    this.#details = null;
  }
}

/** @param {Person} person */
function states({ microphone, camera, screen, hand }) {
  return [
    t(microphone ? 'people.microphone-on' : 'people.microphone-off'),
    t(camera ? 'people.camera-on' : 'people.camera-off'),
    ...(screen ? [t('people.screen-on')] : []),
    ...(hand ? [t('hands.place', { place: hand })] : []),
  ];
}

/**
 * @param {Person} person
 * @returns {IconName[]}
 */
function marks({ microphone, camera, screen }) {
  return [
    ...(screen ? /** @type {IconName[]} */ (['screen']) : []),
    camera ? 'camera' : 'camera-off',
    microphone ? 'microphone' : 'microphone-off',
  ];
}

/**
 * @param {string} name
 * @param {'span' | 'div'} type
 */
function part(name, type = 'span') {
  const place = document.createElement(type);
  place.className = name;
  return place;
}
