/** The person's own microphone and camera: asked for, chosen, switched, and given back. */

import { remember, remembered } from './memory.js';

/** @typedef {'microphone' | 'camera'} Device */
/** @typedef {{devices: Device[], name: string, message: string}} DeviceProblem */

export const ALL = /** @type {Device[]} */ (['microphone', 'camera']);

/** Where the ids of the chosen ones are kept. */
const MEMORY = { microphone: 'microphone-id', camera: 'camera-id' };

/**
 * Emits `changed` when a device was opened, closed or lost; `lost` when it was unplugged; `list`
 * when there may be others to choose from.
 */
export class Devices extends EventTarget {
  /** @type {Record<Device, MediaStreamTrack | null>} */
  tracks = { microphone: null, camera: null };
  /** Which ones are wanted, by id; empty: whichever the browser takes. @type {Record<Device, string>} */
  #chosen = { microphone: remembered(MEMORY.microphone), camera: remembered(MEMORY.camera) };
  /** Chosen just now, so that no other one will do. @type {Set<Device>} */
  #firm = new Set();
  /** Counts how often each was closed: what was asked for before that is not wanted any more. */
  #closings = { microphone: 0, camera: 0 };
  /** @type {Promise<unknown>} one question at a time */
  #asked = Promise.resolve();

  /** @param {MediaTrackConstraints} cameraConstraints */
  constructor(cameraConstraints) {
    super();
    this.cameraConstraints = cameraConstraints;
  }

  /** @param {AbortSignal} signal ends the listening for what is plugged in and out */
  watch(signal) {
    const changed = () => this.dispatchEvent(new Event('list'));
    navigator.mediaDevices?.addEventListener?.('devicechange', changed, { signal });
  }

  /** Whether this page may ask for devices at all. */
  get available() {
    return Boolean(navigator.mediaDevices?.getUserMedia);
  }

  /**
   * Ask for devices: both at once (one question to the person), else each for itself, so that a
   * missing camera does not cost the microphone. Closing a device takes the question back.
   * @param {readonly Device[]} wanted
   * @returns {Promise<DeviceProblem | null>} what could not be had
   */
  open(wanted) {
    const closings = { ...this.#closings };
    const isWanted = (/** @type {Device} */ device) => closings[device] === this.#closings[device];
    const result = this.#asked.then(() => this.#open(wanted, isWanted));
    this.#asked = result;
    return result;
  }

  /**
   * What there is to choose from; without names before the person has allowed one of its kind.
   * @returns {Promise<MediaDeviceInfo[]>}
   */
  async list() {
    try {
      return await navigator.mediaDevices.enumerateDevices();
    } catch {
      return []; // a page that may not ask
    }
  }

  /**
   * The id of the one that is in use, or would be; empty: nobody knows.
   * @param {Device} device
   */
  idOf(device) {
    return this.tracks[device]?.getSettings().deviceId ?? this.#chosen[device];
  }

  /**
   * Take another one from now on, now and in later calls.
   * @param {Device} device
   * @param {string} id
   * @returns {Promise<DeviceProblem | null>} why it could not be had
   */
  async use(device, id) {
    this.#choose(device, id);
    this.#firm.add(device);
    if (!this.tracks[device]) return null;
    // First: a phone opens one camera at a time.
    this.close(device);
    return this.open([device]);
  }

  /**
   * Give a device back; its light goes out.
   * @param {Device} device
   */
  close(device) {
    this.#closings[device] += 1;
    const track = this.tracks[device];
    if (!track) return;
    track.stop();
    this.#set(device, null);
  }

  closeAll() {
    for (const device of ALL) this.close(device);
  }

  /**
   * @param {readonly Device[]} wanted
   * @param {(device: Device) => boolean} isWanted
   * @returns {Promise<DeviceProblem | null>}
   */
  async #open(wanted, isWanted) {
    const missing = wanted.filter((device) => isWanted(device) && !this.tracks[device]);
    if (!missing.length) return null;
    if (!this.available) return { devices: missing, name: 'insecure', message: '' };
    const forbidden = missing.filter(isForbidden);
    if (forbidden.length) {
      const rest = await this.#open(missing.filter((each) => !forbidden.includes(each)), isWanted);
      return { devices: [...forbidden, ...(rest?.devices ?? [])], name: 'forbidden', message: '' };
    }
    const problem = await this.#ask(missing, isWanted);
    if (!problem || missing.length === 1) return problem;
    /** @type {DeviceProblem} */
    const rest = { ...problem, devices: [] };
    for (const device of missing) {
      // Whoever just said no is not asked again.
      const refused = problem.name === 'NotAllowedError' && !(await isGranted(device));
      const single = refused ? problem : await this.#ask([device], isWanted);
      if (!single) continue;
      rest.devices.push(device);
      rest.name = single.name;
      rest.message = single.message;
    }
    return rest.devices.length ? rest : null;
  }

  /**
   * @param {Device[]} devices
   * @param {(device: Device) => boolean} isWanted
   * @returns {Promise<DeviceProblem | null>}
   */
  async #ask(devices, isWanted) {
    try {
      const stream = await navigator.mediaDevices.getUserMedia({
        audio: devices.includes('microphone') && this.#wanted('microphone'),
        video: devices.includes('camera') && this.#wanted('camera'),
      });
      for (const track of stream.getTracks()) {
        const device = track.kind === 'audio' ? 'microphone' : 'camera';
        if (isWanted(device)) this.#take(device, track);
        else track.stop();
      }
      return null;
    } catch (error) {
      const { name, message } = error instanceof Error ? error : { name: 'unknown', message: '' };
      const gone = name === 'OverconstrainedError' && devices.some((each) => this.#firm.has(each));
      // The next try takes whichever there is.
      if (gone) for (const device of devices) this.#choose(device, '');
      return { devices, name: gone ? 'gone' : name, message };
    }
  }

  /**
   * What was chosen in an earlier call may be at home: then any other will do.
   * @param {Device} device
   * @returns {MediaTrackConstraints}
   */
  #wanted(device) {
    const id = this.#chosen[device];
    const which = this.#firm.has(device) ? { exact: id } : { ideal: id };
    const rest = device === 'camera' ? this.cameraConstraints : {};
    return { ...rest, ...(id ? { deviceId: which } : {}) };
  }

  /**
   * @param {Device} device
   * @param {string} id
   */
  #choose(device, id) {
    this.#chosen[device] = id;
    this.#firm.delete(device);
    remember(MEMORY[device], id);
  }

  /**
   * @param {Device} device
   * @param {MediaStreamTrack} track
   */
  #take(device, track) {
    track.addEventListener('ended', () => {
      if (this.tracks[device] !== track) return;
      this.#set(device, null);
      this.dispatchEvent(new DeviceEvent('lost', device));
    });
    this.#set(device, track);
  }

  /**
   * @param {Device} device
   * @param {MediaStreamTrack | null} track
   */
  #set(device, track) {
    this.tracks[device] = track;
    this.dispatchEvent(new DeviceEvent('changed', device));
  }
}

/** Something happened to one device. */
export class DeviceEvent extends Event {
  /**
   * @param {'changed' | 'lost'} type
   * @param {Device} device
   */
  constructor(type, device) {
    super(type);
    this.device = device;
  }
}

/**
 * Whether the page around us, or the server of it, gives the person no say.
 * @param {Device} device
 */
function isForbidden(device) {
  const { permissionsPolicy, featurePolicy } = /** @type {any} */ (document);
  const policy = permissionsPolicy ?? featurePolicy; // a browser that does not tell has none
  return policy ? !policy.allowsFeature(device) : false;
}

/**
 * Whether the person has allowed a device for good.
 * @param {Device} device
 */
async function isGranted(device) {
  try {
    const name = /** @type {PermissionName} */ (device);
    return (await navigator.permissions.query({ name })).state === 'granted';
  } catch {
    return false; // a browser that does not tell
  }
}
