/** Before the call: a preview, the name, which devices to take along. Nothing connects here. */

import { ALL } from './devices.js';
import { remember, remembered } from './memory.js';
import { element, say, show } from './page.js';
import { deviceProblem } from './sentences.js';
import { paintToggle } from './toggle.js';

/** @typedef {import('./devices.js').Devices} Devices */
/** @typedef {import('./devices.js').Device} Device */
/** @typedef {{name: string, off: Record<Device, boolean>}} Choices */

const NAME_KEY = 'name';

export class Prejoin {
  #problem = element('device-problem', HTMLElement);
  #again = element('try-devices', HTMLButtonElement);
  #preview = element('preview', HTMLVideoElement);
  #shown = false;

  /**
   * @param {Devices} devices
   * @param {Choices} choices changed in place
   */
  constructor(devices, choices) {
    this.devices = devices;
    this.choices = choices;
    devices.addEventListener('changed', () => this.#paint());
  }

  /**
   * Ask for the chosen devices and show what came of it.
   * @returns {Promise<string>} what went wrong, for people; empty when nothing did
   */
  async openDevices() {
    const wanted = ALL.filter((device) => !this.choices.off[device]);
    const problem = await this.devices.open(wanted);
    for (const device of problem?.devices ?? []) this.choices.off[device] = true;
    const text = problem ? deviceProblem(problem) : '';
    say(this.#problem, text);
    this.#again.hidden = !problem || problem.name === 'insecure';
    this.#paint();
    return text;
  }

  /** Resolves when the person wants to join. */
  async show() {
    show('prejoin');
    this.#shown = true;
    const name = element('name', HTMLInputElement);
    name.value = this.choices.name || remembered(NAME_KEY);
    this.#paint();
    for (const device of ALL) {
      element(`preview-${device}`, HTMLButtonElement).onclick = () => this.#toggle(device);
    }
    this.#again.onclick = () => {
      for (const device of ALL) this.choices.off[device] = false;
      void this.openDevices();
    };
    const joined = new Promise((resolve) => {
      element('join-form', HTMLFormElement).onsubmit = (event) => {
        event.preventDefault();
        resolve(undefined);
      };
    });
    void this.openDevices();
    await joined;
    this.choices.name = name.value.trim();
    remember(NAME_KEY, this.choices.name);
    this.#shown = false;
    this.#preview.srcObject = null;
  }

  /** @param {Device} device */
  async #toggle(device) {
    this.choices.off[device] = !this.choices.off[device];
    if (this.choices.off[device]) this.devices.close(device);
    this.#paint();
    if (!this.choices.off[device]) await this.openDevices();
  }

  #paint() {
    if (!this.#shown) return;
    for (const device of ALL) {
      const off = this.choices.off[device];
      paintToggle(element(`preview-${device}`, HTMLButtonElement), device, off);
    }
    const camera = this.devices.tracks.camera;
    const seen = /** @type {MediaStream | null} */ (this.#preview.srcObject);
    if ((seen?.getVideoTracks()[0] ?? null) !== camera) {
      this.#preview.srcObject = camera && new MediaStream([camera]);
    }
    element('preview-off', HTMLElement).hidden = Boolean(camera);
  }
}
