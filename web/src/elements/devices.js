/** The person's own microphone and camera: asked for, switched, and given back. */

/** @typedef {'microphone' | 'camera'} Device */
/** @typedef {{devices: Device[], name: string, message: string}} DeviceProblem */

export const ALL = /** @type {Device[]} */ (['microphone', 'camera']);

/** Emits `changed` when a device was opened, closed or lost; `lost` when it was unplugged. */
export class Devices extends EventTarget {
  /** @type {Record<Device, MediaStreamTrack | null>} */
  tracks = { microphone: null, camera: null };
  /** Counts how often each was closed: what was asked for before that is not wanted any more. */
  #closings = { microphone: 0, camera: 0 };
  /** @type {Promise<unknown>} one question at a time */
  #asked = Promise.resolve();

  /** @param {MediaTrackConstraints} cameraConstraints */
  constructor(cameraConstraints) {
    super();
    this.cameraConstraints = cameraConstraints;
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
        audio: devices.includes('microphone'),
        video: devices.includes('camera') ? this.cameraConstraints : false,
      });
      for (const track of stream.getTracks()) {
        const device = track.kind === 'audio' ? 'microphone' : 'camera';
        if (isWanted(device)) this.#take(device, track);
        else track.stop();
      }
      return null;
    } catch (error) {
      const { name, message } = error instanceof Error ? error : { name: 'unknown', message: '' };
      return { devices, name, message };
    }
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
