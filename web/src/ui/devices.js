/** The person's own microphone and camera: asked for, switched, and given back. */

/** @typedef {'microphone' | 'camera'} Device */
/** @typedef {{devices: Device[], name: string}} DeviceProblem */

const KINDS = /** @type {const} */ ({ microphone: 'audio', camera: 'video' });

export class Devices {
  /** @type {Record<Device, MediaStreamTrack | null>} */
  tracks = { microphone: null, camera: null };

  /** @param {MediaTrackConstraints} cameraConstraints */
  constructor(cameraConstraints) {
    this.cameraConstraints = cameraConstraints;
  }

  /** Whether this page may ask for devices at all. */
  get available() {
    return Boolean(navigator.mediaDevices?.getUserMedia);
  }

  /**
   * Ask for devices: both at once (one question to the person), else each for itself, so that a
   * missing camera does not cost the microphone.
   * @param {Device[]} wanted
   * @returns {Promise<DeviceProblem | null>} what could not be had
   */
  async open(wanted) {
    const missing = wanted.filter((device) => this.tracks[device]?.readyState !== 'live');
    if (!missing.length) return null;
    if (!this.available) return { devices: missing, name: 'insecure' };
    const problem = await this.#ask(missing);
    if (!problem || missing.length === 1) return problem;
    /** @type {Device[]} */
    const failed = [];
    let name = problem.name;
    for (const device of missing) {
      const single = await this.#ask([device]);
      if (single) {
        failed.push(device);
        name = single.name;
      }
    }
    return failed.length ? { devices: failed, name } : null;
  }

  /**
   * Give a device back; its light goes out.
   * @param {Device} device
   */
  close(device) {
    this.tracks[device]?.stop();
    this.tracks[device] = null;
  }

  closeAll() {
    this.close('microphone');
    this.close('camera');
  }

  /**
   * @param {Device[]} devices
   * @returns {Promise<DeviceProblem | null>}
   */
  async #ask(devices) {
    try {
      const stream = await navigator.mediaDevices.getUserMedia({
        audio: devices.includes('microphone'),
        video: devices.includes('camera') ? this.cameraConstraints : false,
      });
      for (const device of devices) {
        this.tracks[device] =
          stream.getTracks().find((track) => track.kind === KINDS[device]) ?? null;
      }
      return null;
    } catch (error) {
      return { devices, name: error instanceof Error ? error.name : 'unknown' };
    }
  }
}
