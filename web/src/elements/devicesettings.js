/** Which microphone, camera and speaker: chosen from lists, tried at once. */

import { Meter } from './meter.js';
import { SpeakerTest } from './speakertest.js';
import { language, t } from './text.js';

/** @typedef {import('./devices.js').Device} Device */
/** @typedef {import('./devices.js').Devices} Devices */
/** @typedef {import('./speaker.js').Speaker} Speaker */
/** @typedef {'audioinput' | 'videoinput' | 'audiooutput'} Kind */

/** @type {Record<'audioinput' | 'videoinput', Device>} */
const DEVICE = { audioinput: 'microphone', videoinput: 'camera' };

/** The system's own choice has this id, in browsers that list it. */
const USUAL = 'default';

export class DeviceSettings {
  #shown = false;
  #test;
  #meter;
  #heard;
  /** What is being listed, so that only the latest list counts. */
  #lists = 0;

  /**
   * @param {HTMLElement} place holds the markup of devicemarkup.js
   * @param {Devices} devices
   * @param {Speaker} speaker
   * @param {(device: Device, id: string) => void} use the person has chosen
   */
  constructor(place, devices, speaker, use) {
    this.place = place;
    this.devices = devices;
    this.speaker = speaker;
    this.#test = new SpeakerTest(speaker);
    this.#heard = one(place, '.heard', HTMLElement);
    const bar = one(place, '.meter > span', HTMLElement);
    this.#meter = new Meter((level) => {
      bar.style.setProperty('transform', `scaleX(${level})`);
      this.#paintHeard();
    });
    for (const [kind, device] of Object.entries(DEVICE)) {
      const select = this.#select(/** @type {Kind} */ (kind));
      select.onchange = () => use(device, select.value);
    }
    const speakers = this.#select('audiooutput');
    speakers.onchange = () => this.speaker.use(speakers.value);
    one(place, '[data-test]', HTMLButtonElement).onclick = () => void this.#test.play();
    const refresh = () => this.repaint();
    devices.addEventListener('changed', refresh);
    devices.addEventListener('list', refresh);
    speaker.addEventListener('changed', refresh);
  }

  open() {
    this.#shown = true;
    this.repaint();
  }

  /** Nobody looks at it: nothing is measured. */
  close() {
    this.#shown = false;
    this.#meter.measure(null);
  }

  /** Something has changed, or another language is spoken. */
  repaint() {
    if (!this.#shown) return;
    const { microphone } = this.devices.tracks;
    this.#meter.measure(microphone);
    this.#paintHeard();
    void this.#list();
  }

  #paintHeard() {
    const { microphone } = this.devices.tracks;
    const state = !microphone?.enabled ? 'off' : this.#meter.heard ? 'heard' : 'listening';
    const text = t(`devices.state.${state}`);
    // What is said twice is read twice.
    if (this.#heard.textContent !== text) this.#heard.textContent = text;
    this.#heard.dataset.state = state;
  }

  async #list() {
    const list = (this.#lists += 1);
    const all = await this.devices.list();
    if (list !== this.#lists || !this.#shown) return;
    for (const kind of /** @type {Kind[]} */ (['audioinput', 'videoinput', 'audiooutput'])) {
      const listed = all.filter((each) => each.kind === kind);
      const device = kind === 'audiooutput' ? null : DEVICE[kind];
      const id = device ? this.devices.idOf(device) : this.speaker.id || USUAL;
      fill(this.#select(kind), kind, listed, id);
    }
    const choice = this.#select('audiooutput').closest('label');
    // Firefox lists no speakers before it is asked for one.
    if (choice) choice.hidden = !this.speaker.available || !this.#select('audiooutput').length;
  }

  /** @param {Kind} kind */
  #select(kind) {
    return one(this.place, `[data-pick=${kind}]`, HTMLSelectElement);
  }
}

/**
 * @param {HTMLSelectElement} select
 * @param {Kind} kind
 * @param {MediaDeviceInfo[]} listed
 * @param {string} id of the one that is used
 */
function fill(select, kind, listed, id) {
  // A list that changes under the pointer is chosen from wrongly.
  const key = JSON.stringify([language(), ...listed.map((each) => [each.deviceId, each.label])]);
  if (select.dataset.listed !== key) {
    select.dataset.listed = key;
    const options = listed.map(
      ({ label, deviceId }, index) => new Option(label || unnamed(kind, index + 1), deviceId),
    );
    if (!options.length && kind !== 'audiooutput') options.push(new Option(t('devices.none'), ''));
    select.replaceChildren(...options);
    select.disabled = !listed.some((each) => each.deviceId);
  }
  if ([...select.options].some(({ value }) => value === id)) select.value = id;
}

/**
 * @param {Kind} kind
 * @param {number} number
 */
function unnamed(kind, number) {
  if (kind === 'audiooutput') return t('devices.unnamed.speaker', { number });
  return t(`devices.unnamed.${DEVICE[kind]}`, { number });
}

/**
 * @template {HTMLElement} T
 * @param {HTMLElement} place
 * @param {string} selector
 * @param {new () => T} type
 * @returns {T}
 */
function one(place, selector, type) {
  const found = place.querySelector(selector);
  if (!(found instanceof type)) throw new TypeError(`There is no ${type.name} ${selector}`);
  return found;
}
