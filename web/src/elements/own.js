/** What the person sends in a call: microphone, camera, screen; switched by buttons and keys. */

import { ALL } from './devices.js';
import { forbidden } from './may.js';
import { deviceLost, deviceProblem, sharingProblem } from './sentences.js';
import { SHARED, Sharing } from './sharing.js';
import { t } from './text.js';

/** @typedef {import('../sdk/call.js').Call} Call */
/** @typedef {import('./devices.js').Devices} Devices */
/** @typedef {import('./devices.js').DeviceEvent} DeviceEvent */
/** @typedef {import('./devices.js').Device} Device */
/** @typedef {import('./prejoin.js').Choices} Choices */

/** @typedef {{action: string, does: () => void}} Way on */

/**
 * @typedef {object} Listener
 * @property {() => void} changed something is on or off now
 * @property {(problem: string, way?: Way) => void} complain a sentence for people, empty when it is
 *   settled, and what helps
 * @property {(sentence: string) => void} announce
 */

export class Own {
  sharing = new Sharing();
  /** @type {Call | null} */
  #call = null;
  /** Whether the microphone is on only while a key is held. */
  #talking = false;
  /** @type {MediaStream | null} */
  #shown = null;

  /**
   * @param {Devices} devices
   * @param {Choices} choices changed in place
   * @param {Listener} listener
   */
  constructor(devices, choices, listener) {
    this.devices = devices;
    this.choices = choices;
    this.listener = listener;
    devices.addEventListener('changed', (event) =>
      this.#send(/** @type {DeviceEvent} */ (event).device),
    );
    devices.addEventListener('lost', (event) => {
      const { device } = /** @type {DeviceEvent} */ (event);
      this.choices.off[device] = true;
      if (!this.#running) return;
      this.listener.complain(deviceLost(device), this.#turnOn(device, t('device.turn-on')));
    });
    this.sharing.addEventListener('changed', () => this.#sendScreen());
  }

  /** @param {Call} call that everything is sent to from now on */
  enter(call) {
    this.#call = call;
    for (const device of ALL) this.#send(device);
  }

  /** The call is over: nothing is captured any more. */
  leave() {
    this.#talking = false;
    this.sharing.stop();
    this.#call = null;
    this.devices.closeAll();
  }

  /** @returns {Call | null} unless it is over */
  get #running() {
    const call = this.#call;
    return !call || call.state === 'ended' || call.state === 'failed' ? null : call;
  }

  /** @returns {Record<Device, boolean>} */
  get off() {
    const { tracks } = this.devices;
    return {
      microphone: !tracks.microphone || this.choices.off.microphone,
      camera: !tracks.camera || this.choices.off.camera,
    };
  }

  /** @returns {Record<Device, boolean>} */
  get on() {
    const { microphone, camera } = this.off;
    return { microphone: !microphone, camera: !camera };
  }

  /** Our own picture, the same object while the camera is the same. */
  get stream() {
    const { camera } = this.devices.tracks;
    if (!camera) this.#shown = null;
    else if (this.#shown?.getVideoTracks()[0] !== camera) this.#shown = new MediaStream([camera]);
    return this.#shown;
  }

  /**
   * @param {'microphone' | 'camera' | 'screen'} source
   * @returns {string} why we may not send it; empty: we may
   */
  forbids(source) {
    return forbidden(this.#running?.may, source);
  }

  /** What we may send may have changed: what we may not is not captured either. */
  allow() {
    for (const device of ALL) {
      if (this.forbids(device) && this.devices.tracks[device]) this.devices.close(device);
    }
    if (this.forbids('screen')) this.sharing.stop();
    this.listener.changed();
  }

  /** @param {Device} device */
  async toggle(device) {
    const call = this.#running;
    if (!call) return;
    const turnOff = !this.off[device];
    const why = this.forbids(device);
    if (why && !turnOff) {
      this.listener.complain(why);
      return;
    }
    this.choices.off[device] = turnOff;
    this.listener.complain('');
    if (turnOff && device === 'camera') {
      this.devices.close('camera'); // its light goes out
    } else if (this.devices.tracks[device]) {
      call.setMuted(device, turnOff);
    } else {
      const problem = await this.devices.open([device]);
      if (problem) {
        this.tell(problem);
      }
    }
    this.listener.changed();
  }

  /**
   * A host has switched something off: it stays so until the person switches it on again.
   * @param {'microphone' | 'camera' | 'screen'} source
   */
  silenced(source) {
    if (source === 'screen') {
      this.sharing.stop();
      return;
    }
    this.#talking = false;
    this.choices.off[source] = true;
    if (source === 'camera') this.devices.close('camera'); // its light goes out
    this.listener.changed();
  }

  /**
   * Take another microphone or camera, also in later calls.
   * @param {Device} device
   * @param {string} id
   * @returns {Promise<string>} what is wrong with it; empty: nothing is
   */
  async use(device, id) {
    const problem = await this.devices.use(device, id);
    if (!problem) return '';
    this.choices.off[device] = true;
    this.listener.changed();
    return deviceProblem(problem);
  }

  /** @param {import('./devices.js').DeviceProblem} problem */
  tell(problem) {
    for (const device of problem.devices) this.choices.off[device] = true;
    const [device] = problem.devices;
    const helps = device && !['insecure', 'forbidden'].includes(problem.name);
    this.listener.complain(
      deviceProblem(problem),
      helps ? this.#turnOn(device, t('prejoin.try-devices')) : undefined,
    );
  }

  /**
   * @param {Device} device
   * @param {string} action
   * @returns {Way}
   */
  #turnOn(device, action) {
    return { action, does: () => void (this.off[device] && this.toggle(device)) };
  }

  /**
   * Have the microphone on while a key is held; one that is on anyway stays on.
   * @param {boolean} on
   */
  async talk(on) {
    if (on ? !this.off.microphone : !this.#talking) return;
    this.#talking = on;
    if (this.off.microphone === on) await this.toggle('microphone');
    // The browser may have asked first, and the key is up again since.
    if (!this.#talking && !this.off.microphone) await this.toggle('microphone');
  }

  async toggleShare() {
    if (this.sharing.active) {
      this.sharing.stop();
      return;
    }
    const why = this.forbids('screen');
    if (why) this.listener.complain(why);
    if (why || !this.#running || !this.sharing.available) return;
    this.listener.complain('');
    const problem = await this.sharing.start();
    if (!problem || !this.#running) return;
    const again = { action: t('sharing.again'), does: () => void this.toggleShare() };
    this.listener.complain(sharingProblem(problem), again);
  }

  /**
   * Send what a device captures now, or nothing.
   * @param {Device} device
   */
  #send(device) {
    const call = this.#running;
    if (!call) return;
    const track = this.devices.tracks[device];
    if (track) track.enabled = !this.choices.off[device];
    void call.setTrack(device, track);
    this.listener.changed();
  }

  #sendScreen() {
    const call = this.#running;
    if (!call) return;
    for (const shared of SHARED) {
      const track = this.sharing.tracks[shared];
      if (track) void call.setTrack(shared, track);
      else void call.unpublish(shared);
    }
    this.listener.announce(t(this.sharing.active ? 'call.sharing' : 'call.sharing-ended'));
    this.listener.changed();
  }
}
