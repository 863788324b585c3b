/** Before the call: a preview, the name, which devices to take along. Nobody is told of us yet. */

import { ALL } from './devices.js';
import { DeviceSettings } from './devicesettings.js';
import { remember, remembered } from './memory.js';
import { element, say } from './parts.js';
import { deviceLost, deviceProblem } from './sentences.js';
import { t } from './text.js';
import { paintToggle } from './toggle.js';

/** @typedef {import('./devices.js').Devices} Devices */
/** @typedef {import('./devices.js').DeviceEvent} DeviceEvent */
/** @typedef {import('./devices.js').DeviceProblem} DeviceProblem */
/** @typedef {import('./devices.js').Device} Device */
/** @typedef {{name: string, off: Record<Device, boolean>}} Choices */

const NAME_KEY = 'name';
/** What the person does with these is not meant to join. */
const BUSY = 'button, select, a, summary, dialog';

/**
 * @typedef {object} Outside
 * @property {import('./speaker.js').Speaker} speaker
 * @property {Promise<void>} ready all of it can be seen
 * @property {() => string} link opens this call in a page of its own
 * @property {() => void} nearing somebody is about to join; called often
 */

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
   * @param {Outside} outside
   */
  constructor(root, devices, choices, outside) {
    this.#problem = element(root, 'device-problem', HTMLElement);
    this.#again = element(root, 'try-devices', HTMLButtonElement);
    this.#preview = element(root, 'preview', HTMLVideoElement);
    this.#name = element(root, 'name', HTMLInputElement);
    this.#off = element(root, 'preview-off', HTMLElement);
    this.root = root;
    this.devices = devices;
    this.choices = choices;
    this.outside = outside;
    const place = element(root, 'prejoin-devices', HTMLElement);
    this.settings = new DeviceSettings(place, devices, outside.speaker, (device, id) =>
      void devices.use(device, id).then((problem) => this.#tell(problem)),
    );
    this.buttons = {
      microphone: element(root, 'preview-microphone', HTMLButtonElement),
      camera: element(root, 'preview-camera', HTMLButtonElement),
    };
    for (const device of ALL) {
      this.buttons[device].onclick = () => this.setOff(device, !choices.off[device]);
    }
    const form = element(root, 'join-form', HTMLFormElement);
    form.onsubmit = (event) => {
      event.preventDefault();
      this.accept();
    };
    const section = element(root, 'prejoin', HTMLElement);
    section.addEventListener('keydown', (event) => {
      const { target } = event;
      if (event.key !== 'Enter' || event.defaultPrevented || event.isComposing) return;
      if (target instanceof Element && !target.closest(`form, ${BUSY}`)) form.requestSubmit();
    });
    for (const sign of ['pointermove', 'focusin', 'input']) {
      section.addEventListener(sign, () => this.#shown && outside.nearing());
    }
    devices.addEventListener('changed', () => this.repaint());
    devices.addEventListener('lost', (event) => {
      const { device } = /** @type {DeviceEvent} */ (event);
      if (this.#shown) this.#complain(deviceLost(device), () => this.setOff(device, false));
    });
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
    else this.#complain('', null);
    this.repaint();
    if (!off && this.#shown) void this.openDevices();
  }

  /**
   * Ask for the chosen devices and show what came of it.
   * @returns {Promise<DeviceProblem | null>} what went wrong
   */
  async openDevices() {
    const wanted = ALL.filter((device) => !this.choices.off[device]);
    const problem = await this.devices.open(wanted);
    this.#tell(problem);
    return problem;
  }

  /** @param {DeviceProblem | null} problem */
  #tell(problem) {
    for (const device of problem?.devices ?? []) this.choices.off[device] = true;
    if (!problem) this.#complain('', null);
    else if (problem.name === 'insecure') this.#complain(deviceProblem(problem), null);
    else if (problem.name === 'forbidden') this.#offerPage(deviceProblem(problem));
    else {
      this.#complain(deviceProblem(problem), () => {
        for (const device of problem.devices) this.choices.off[device] = false;
        void this.openDevices();
      });
    }
    this.repaint();
  }

  /**
   * What the page around us may not, a page of its own may.
   * @param {string} text
   */
  #offerPage(text) {
    const framed = window.top !== window;
    this.#complain(text, framed ? () => void window.open(this.outside.link()) : null);
    this.#again.textContent = t('prejoin.open-page');
  }

  /**
   * @param {string} text empty: nothing is wrong
   * @param {(() => void) | null} again what may help
   */
  #complain(text, again) {
    const focused = this.root.activeElement === this.#again;
    say(this.#problem, text);
    this.#again.textContent = t('prejoin.try-devices');
    this.#again.hidden = !again;
    this.#again.onclick = again;
    if (focused && !again) element(this.root, 'join', HTMLButtonElement).focus();
  }

  /** Resolves when the person wants to join. */
  async show() {
    this.#shown = true;
    this.#name.value = this.choices.name || remembered(NAME_KEY);
    this.settings.open();
    this.repaint();
    void this.outside.ready.then(() => this.#focusName());
    void this.openDevices();
    await new Promise((resolve) => (this.accept = () => resolve(undefined)));
    this.choices.name = this.#name.value.trim();
    remember(NAME_KEY, this.choices.name);
    this.#shown = false;
    this.settings.close();
    this.#preview.srcObject = null;
  }

  /** A keyboard begins where there is something to write; nobody's focus is taken away. */
  #focusName() {
    if (!this.#shown) return;
    const free = !document.activeElement || document.activeElement === document.body;
    const own = this.root.activeElement?.id === 'prejoin';
    if ((free || own) && matchMedia('(hover: hover)').matches) {
      this.#name.focus({ preventScroll: true });
    }
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
    this.settings.repaint();
  }
}
