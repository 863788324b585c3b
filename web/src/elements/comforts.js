/** What makes a call easier on this device: other devices, a small picture, a display that stays on. */

import { DevicesDialog } from './devicesdialog.js';
import { element } from './parts.js';
import { PictureInPicture } from './pip.js';
import { t } from './text.js';
import { paintButton } from './toggle.js';
import { WakeLock } from './wakelock.js';

/**
 * @typedef {object} Surroundings
 * @property {import('./devices.js').Devices} devices
 * @property {import('./speaker.js').Speaker} speaker
 * @property {import('./own.js').Own} own
 * @property {import('./stage.js').Stage} stage
 * @property {import('./popup.js').Popup} popup holds the buttons
 * @property {(sentence: string) => void} announce
 * @property {AbortSignal} signal ends it
 */

export class Comforts {
  #dialog;
  #pip;
  #wakeLock;
  #float;
  #stage;

  /**
   * @param {ShadowRoot} root
   * @param {Surroundings} around
   */
  constructor(root, { devices, speaker, own, stage, popup, announce, signal }) {
    this.#stage = stage;
    this.#wakeLock = new WakeLock(signal);
    this.#dialog = new DevicesDialog(root, devices, speaker, (device, id) => own.use(device, id));
    element(root, 'devices-button', HTMLButtonElement).onclick = () => {
      popup.close(); // first: the dialog gives the focus back to where it was
      this.#dialog.open();
    };
    this.#pip = new PictureInPicture(element(root, 'pip', HTMLButtonElement), stage);
    this.#float = element(root, 'float', HTMLButtonElement);
    this.#float.onclick = () => stage.selfView.toggle();
    stage.addEventListener('self', () => this.#paintFloat());
    stage.selfView.addEventListener('moved', () => announce(t(`self.moved.${stage.selfView.corner}`)));
    stage.addEventListener('shown', () => this.#paintFloat());
    const listen = () => stage.listenTo(speaker);
    speaker.addEventListener('changed', listen);
    listen();
  }

  /** A call begins. */
  enter() {
    this.#wakeLock.hold();
    this.repaint();
  }

  /** It is over. */
  leave() {
    this.#dialog.close();
    this.#pip.close();
    this.#wakeLock.release();
  }

  repaint() {
    this.#paintFloat();
    this.#pip.repaint();
    this.#dialog.settings.repaint();
  }

  #paintFloat() {
    const { floating, canFloat } = this.#stage;
    this.#float.hidden = !canFloat;
    paintButton(this.#float, floating ? 'return' : 'float', t(floating ? 'self.return' : 'self.float'));
  }
}
