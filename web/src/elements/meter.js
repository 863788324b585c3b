/** How loud the person's own microphone is, while somebody looks at it. */

/** From silence to a voice that is close, in decibels of full scale. */
const RANGE = { silent: -60, loud: -14 };
/** Above the noise of a quiet room. */
const HEARD = 0.3;
/** A click or a knock is shorter than a word. */
const HEARD_LOOKS = 3;
const LOOK_SECONDS = 0.06;

/**
 * The level of some sound. Pure.
 * @param {Float32Array} samples from -1 to 1
 * @returns {number} from 0, silence, to 1, loud
 */
export function level(samples) {
  let sum = 0;
  for (const sample of samples) sum += sample * sample;
  const decibels = 10 * Math.log10(sum / Math.max(1, samples.length) + 1e-10);
  return Math.min(1, Math.max(0, (decibels - RANGE.silent) / (RANGE.loud - RANGE.silent)));
}

export class Meter {
  /** @type {MediaStreamTrack | null} */
  #track = null;
  /** @type {AudioContext | null} */
  #context = null;
  /** @type {ReturnType<typeof setInterval> | undefined} */
  #looking;
  /** @type {MediaStreamAudioSourceNode | null} */
  #source = null;
  #looks = 0;
  /** Whether the present microphone was heard at all. */
  heard = false;

  /** @param {(level: number) => void} show from 0 to 1 */
  constructor(show) {
    this.show = show;
  }

  /** @param {MediaStreamTrack | null} track to be measured from now on; null: none */
  measure(track) {
    if (track === this.#track) {
      if (track && this.#context?.state === 'suspended') void this.#context.resume();
      return;
    }
    this.#track = track;
    this.#source?.disconnect();
    this.#source = null;
    clearInterval(this.#looking);
    this.#looks = 0;
    this.heard = false;
    this.show(0);
    if (track) this.#listen(track);
    else this.#rest();
  }

  /** @param {MediaStreamTrack} track */
  #listen(track) {
    this.#context ??= new AudioContext();
    void this.#context.resume();
    const analyser = this.#context.createAnalyser();
    analyser.fftSize = 1024;
    this.#source = this.#context.createMediaStreamSource(new MediaStream([track]));
    this.#source.connect(analyser);
    const samples = new Float32Array(analyser.fftSize);
    this.#looking = setInterval(() => {
      analyser.getFloatTimeDomainData(samples);
      const value = level(samples);
      this.#looks = value > HEARD ? this.#looks + 1 : 0;
      this.heard ||= this.#looks >= HEARD_LOOKS;
      this.show(value);
    }, LOOK_SECONDS * 1000);
  }

  /** Browsers allow few contexts, and one that runs costs power. */
  #rest() {
    void this.#context?.close();
    this.#context = null;
  }
}
