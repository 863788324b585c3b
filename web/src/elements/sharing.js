/** The person's own screen: asked for, and given back. */

/** @typedef {'screen' | 'screen-audio'} Shared */
/** @typedef {{name: string, message: string}} SharingProblem */

export const SHARED = /** @type {Shared[]} */ (['screen', 'screen-audio']);

/** More frames show nothing new of slides, and a film is better watched elsewhere. */
const MOST_FRAMES = 30;

/** Emits `changed` when sharing begins and when it ends, here or with the browser's own button. */
export class Sharing extends EventTarget {
  /** @type {Record<Shared, MediaStreamTrack | null>} */
  tracks = { screen: null, 'screen-audio': null };
  /** Counts the ends: what was asked for before one is not wanted any more. */
  #ends = 0;
  #asking = false;

  /** Whether this browser can share at all; those of phones cannot. */
  get available() {
    return Boolean(navigator.mediaDevices?.getDisplayMedia);
  }

  get active() {
    return this.tracks.screen !== null;
  }

  /**
   * Ask which screen, window or tab to share. Must be called from a click or a key.
   * @returns {Promise<SharingProblem | null>} why nothing is shared
   */
  async start() {
    if (this.#asking || this.active) return null;
    const ends = this.#ends;
    this.#asking = true;
    try {
      const stream = await navigator.mediaDevices.getDisplayMedia(wanted());
      if (ends === this.#ends) this.#take(stream);
      else for (const track of stream.getTracks()) track.stop();
      return null;
    } catch (error) {
      const { name, message } = error instanceof Error ? error : { name: '', message: '' };
      return { name, message };
    } finally {
      this.#asking = false;
    }
  }

  stop() {
    this.#ends += 1;
    if (!this.active) return;
    for (const shared of SHARED) {
      this.tracks[shared]?.stop();
      this.tracks[shared] = null;
    }
    this.dispatchEvent(new Event('changed'));
  }

  /** @param {MediaStream} stream */
  #take(stream) {
    const [screen = null] = stream.getVideoTracks();
    const [audio = null] = stream.getAudioTracks();
    this.tracks = { screen, 'screen-audio': audio };
    screen?.addEventListener('ended', () => {
      if (this.tracks.screen === screen) this.stop();
    });
    this.dispatchEvent(new Event('changed'));
  }
}

/**
 * Sound as it is, without what cleans up voices. All sound of the computer only where the browser
 * leaves out this page's own: else the others would hear themselves.
 * @returns {DisplayMediaStreamOptions}
 */
function wanted() {
  const known = navigator.mediaDevices.getSupportedConstraints();
  const apart = 'restrictOwnAudio' in known;
  const options = {
    video: { frameRate: { max: MOST_FRAMES } },
    audio: {
      echoCancellation: false,
      noiseSuppression: false,
      autoGainControl: false,
      ...(apart ? { restrictOwnAudio: true } : {}),
    },
    selfBrowserSurface: 'exclude', // a call in itself is an endless corridor
    surfaceSwitching: 'include',
    systemAudio: apart ? 'include' : 'exclude',
  };
  return options;
}
