/** Before the call: a preview, the name, which devices to take along. Nothing connects here. */

import { ALL } from './devices.js';
import { remember, remembered } from './memory.js';
import { element, say } from './parts.js';
import { deviceProblem } from './sentences.js';
import { paintToggle } from './toggle.js';

/** @typedef {import('./devices.js').Devices} Devices */
/** @typedef {import('./devices.js').Device} Device */
/** @typedef {{name: string, off: Record<Device, boolean>}} Choices */

const NAME_KEY = 'name';

export class Prejoin {
  #problem;
  #again;
  #preview;
  #name;
  /** What it shows while the camera is off. */
  #off;
  #shown = false;

  /**
   * @param {ShadowRoot} root
   * @param {Devices} devices
   * @param {Choices} choices changed in place
   */
  constructor(root, devices, choices) {
    this.#problem = element(root, 'device-problem', HTMLElement);
    this.#again = element(root, 'try-devices', HTMLButtonElement);
    this.#preview = element(root, 'preview', HTMLVideoElement);
    this.#name = element(root, 'name', HTMLInputElement);
    this.#off = element(root, 'preview-off', HTMLElement);
    this.devices = devices;
    this.choices = choices;
    this.buttons = {
      microphone: element(root, 'preview-microphone', HTMLButtonElement),
      camera: element(root, 'preview-camera', HTMLButtonElement),
    };
    for (const device of ALL) {
      this.buttons[device].onclick = () => this.setOff(device, !choices.off[device]);
    }
    this.#again.onclick = () => {
      for (const device of ALL) this.choices.off[device] = false;
      void this.openDevices();
    };
    element(root, 'join-form', HTMLFormElement).onsubmit = (event) => {
      event.preventDefault();
      this.accept();
    };
    devices.addEventListener('changed', () => this.repaint());
  }

  /** Join with what is chosen, as if the person had said so. */
  accept() {}

  /** @param {string} name */
  setName(name) {
    this.choices.name = name;
    this.#name.value = name;
  }

  /**
   * @param {Device} device
   * @param {boolean} off
   */
  setOff(device, off) {
    if (this.choices.off[device] === off) return;
    this.choices.off[device] = off;
    if (off) this.devices.close(device);
    this.repaint();
    if (!off && this.#shown) void this.openDevices();
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
    this.repaint();
    return text;
  }

  /** Resolves when the person wants to join. */
  async show() {
    this.#shown = true;
    this.#name.value = this.choices.name || remembered(NAME_KEY);
    this.repaint();
    void this.openDevices();
    await new Promise((resolve) => (this.accept = () => resolve(undefined)));
    this.choices.name = this.#name.value.trim();
    remember(NAME_KEY, this.choices.name);
    this.#shown = false;
    this.#preview.srcObject = null;
  }

  /** Go on with the preview, should it have stopped. */
  play() {
    if (this.#preview.srcObject) void this.#preview.play().catch(() => {});
  }

  /** Something has changed, or another language is spoken. */
  repaint() {
    if (!this.#shown) return;
    for (const device of ALL) {
      paintToggle(this.buttons[device], device, this.choices.off[device]);
    }
    const camera = this.devices.tracks.camera;
    const seen = /** @type {MediaStream | null} */ (this.#preview.srcObject);
    if ((seen?.getVideoTracks()[0] ?? null) !== camera) {
      this.#preview.srcObject = camera && new MediaStream([camera]);
    }
    this.#off.hidden = Boolean(camera);
  }
}
