/** One stay of the element in a page: before the call, in it, after it, and again. */

import { CallPage } from './callpage.js';
import { ALL, Devices } from './devices.js';
import { Notice } from './notice.js';
import { Prejoin } from './prejoin.js';
import { Speaker } from './speaker.js';
import { fill } from './template.js';
import { Views } from './views.js';

/** @typedef {import('./settings.js').Settings} Settings */
/** @typedef {import('./prejoin.js').Choices} Choices */

/**
 * Tells the page around us something; false: somebody there takes care of the rest.
 * @typedef {(name: string, detail: object) => boolean} Emit
 */

export class Visit {
  #gone = new AbortController();
  /** Whether the next join asks for name and devices first. */
  #asks;
  #roomGiven = () => {};

  /**
   * @param {ShadowRoot} root
   * @param {Settings} settings
   * @param {Emit} emit
   */
  constructor(root, settings, emit) {
    const ready = fill(root);
    const { signal } = this.#gone;
    this.settings = settings;
    this.emit = emit;
    this.#asks = !settings.auto;
    this.views = new Views(root, ready, () => {
      const { state, reason } = this.views;
      emit('sfu-state', { state, reason });
    });
    this.devices = new Devices(settings.camera);
    /** @type {Choices} */
    this.choices = { name: '', off: { microphone: false, camera: false } };
    this.devices.watch(signal);
    const speaker = new Speaker();
    this.prejoin = new Prejoin(root, this.devices, this.choices, {
      speaker,
      ready,
      link: () => settings.link,
      nearing: () => this.page.warmUp(),
    });
    this.notice = new Notice(root);
    const { views, devices, choices } = this;
    this.page = new CallPage(root, { settings, views, devices, speaker, choices, emit, signal });
    for (const attribute of ['name', ...ALL]) this.changed(attribute);
    void this.#run();
  }

  /**
   * An attribute has changed: it counts until the next join, and from then on for the one after.
   * @param {string} attribute
   */
  changed(attribute) {
    if (attribute === 'room' && this.settings.room) this.#roomGiven();
    if (attribute === 'name' && this.settings.name) this.prejoin.setName(this.settings.name);
    for (const device of ALL) {
      const before = ['idle', 'prejoin'].includes(this.views.state);
      if (attribute === device && before) this.prejoin.setOff(device, this.settings.off(device));
    }
  }

  /**
   * Switch a device of ours off or on, before the call or in it.
   * @param {import('./devices.js').Device} device
   * @param {boolean} off
   */
  async mute(device, off) {
    const { own } = this.page;
    if (['idle', 'prejoin'].includes(this.views.state)) this.prejoin.setOff(device, off);
    else if (own.off[device] !== off) await own.toggle(device);
  }

  /** Another language is spoken. */
  repaint() {
    this.prejoin.repaint();
    this.page.repaint();
    this.notice.repaint();
  }

  /** The element is elsewhere in the page: what is moved stops playing. */
  moved() {
    this.prejoin.play();
    this.page.play();
  }

  /** Join without asking, from wherever we are. */
  join() {
    this.#asks = false;
    this.prejoin.accept();
    this.notice.again();
  }

  /** The element leaves the page: so do we leave the call, and every device goes off. */
  end() {
    this.#gone.abort();
    this.page.end();
    this.devices.closeAll();
    this.views.show('idle');
  }

  async #run() {
    const { signal } = this.#gone;
    while (!signal.aborted) {
      await this.#untilRoom();
      const problem = await this.#prepare();
      if (signal.aborted) return;
      const call = await this.page.join(problem);
      if (signal.aborted) return;
      this.#asks = true;
      this.views.show(call.state === 'failed' ? 'error' : 'ended', call.reason);
      await this.notice.show(call, { home: this.settings.home, newCall: () => this.#newCall() });
    }
  }

  async #untilRoom() {
    if (this.settings.room) return;
    await new Promise((resolve) => (this.#roomGiven = () => resolve(undefined)));
  }

  /**
   * @returns {Promise<import('./devices.js').DeviceProblem | null>} what is wrong with the devices,
   *   if nobody has read it yet
   */
  async #prepare() {
    if (this.#asks) {
      this.views.show('prejoin');
      await this.prejoin.show();
      return null;
    }
    this.views.show('joining');
    return this.prejoin.openDevices();
  }

  /** @returns {Promise<unknown> | null} */
  #newCall() {
    /** @type {Promise<unknown> | null} */
    let started = null;
    const until = (/** @type {Promise<unknown>} */ promise) => void (started = promise);
    this.emit('sfu-new-call', { until });
    return started;
  }
}
