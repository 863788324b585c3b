/** The dialog of a call in which other devices are chosen. */

import { DeviceSettings } from './devicesettings.js';
import { element, say } from './parts.js';

/** @typedef {import('./devices.js').Device} Device */

export class DevicesDialog {
  #dialog;
  #problem;

  /**
   * @param {ShadowRoot} root
   * @param {import('./devices.js').Devices} devices
   * @param {import('./speaker.js').Speaker} speaker
   * @param {(device: Device, id: string) => Promise<string>} use what is wrong with it; empty:
   *   nothing is
   */
  constructor(root, devices, speaker, use) {
    this.#dialog = element(root, 'devices-dialog', HTMLDialogElement);
    this.#problem = element(root, 'devices-problem', HTMLElement);
    const place = element(root, 'call-devices', HTMLElement);
    this.settings = new DeviceSettings(place, devices, speaker, (device, id) => {
      say(this.#problem, '');
      void use(device, id).then((problem) => say(this.#problem, problem));
    });
    element(root, 'devices-close', HTMLButtonElement).onclick = () => this.close();
    this.#dialog.addEventListener('close', () => this.settings.close());
  }

  /** The dialog keeps the focus in it, and gives it back to where it was. */
  open() {
    if (this.#dialog.open) return;
    say(this.#problem, '');
    this.#dialog.showModal();
    this.settings.open();
  }

  close() {
    this.#dialog.close();
  }
}
