/** How loud somebody is heard here: less than they are sent, or up to half as much again. */

/** In times of what arrives; more distorts. */
export const LOUDEST = 1.5;

/** One for the page: browsers allow few. @type {AudioContext | null} */
let amplifier = null;

/** What one audio element plays, as loud as it is wanted. */
export class Sound {
  #volume = 1;
  /** @type {MediaStream | null} */
  #stream = null;
  /** Set while it is louder than the element alone can be. @type {GainNode | null} */
  #gain = null;
  /** @type {MediaStreamAudioSourceNode | null} */
  #source = null;
  /** Chromium gives a stream's sound to nodes only while an element plays it too. */
  #pump = new Audio();

  /** @param {HTMLAudioElement} audio */
  constructor(audio) {
    this.audio = audio;
    this.#pump.muted = true;
  }

  /** @param {MediaStream | null} stream that is heard from now on */
  play(stream) {
    if (stream === this.#stream) return;
    this.#stream = stream;
    this.#apply();
  }

  /** 0 to `LOUDEST`; 1 is as it was sent. */
  get volume() {
    return this.#volume;
  }

  set volume(volume) {
    if (volume === this.#volume) return;
    const amplified = this.#gain !== null;
    this.#volume = volume;
    if (amplified !== volume > 1) this.#apply();
    else if (this.#gain) this.#gain.gain.value = volume;
    else this.audio.volume = volume;
  }

  #apply() {
    this.#source?.disconnect();
    this.#gain?.disconnect();
    this.#source = this.#gain = null;
    this.#pump.srcObject = null;
    const stream = this.#stream;
    this.audio.volume = Math.min(1, this.#volume);
    if (this.#volume <= 1 || !stream?.getAudioTracks().length) {
      if (this.audio.srcObject !== stream) this.#give(stream);
      return;
    }
    amplifier ??= new AudioContext();
    void amplifier.resume();
    const out = amplifier.createMediaStreamDestination();
    this.#pump.srcObject = stream;
    void this.#pump.play().catch(() => {});
    this.#source = amplifier.createMediaStreamSource(stream);
    this.#gain = amplifier.createGain();
    this.#gain.gain.value = this.#volume;
    this.#source.connect(this.#gain).connect(out);
    this.#give(out.stream); // still through the element: it knows which speaker
  }

  /** @param {MediaStream | null} stream */
  #give(stream) {
    const playing = !this.audio.paused;
    this.audio.srcObject = stream;
    if (playing && stream) void this.audio.play().catch(() => {});
  }
}

/** How loud everybody is wanted, as long as they are there. */
export class Volumes {
  /** @type {Map<string, number>} by participant; those of usual volume are not in it */
  #volumes = new Map();

  /** @param {string} participant */
  of(participant) {
    return this.#volumes.get(participant) ?? 1;
  }

  /**
   * @param {string} participant
   * @param {number} volume
   */
  set(participant, volume) {
    const wanted = Math.min(LOUDEST, Math.max(0, volume));
    if (wanted === 1) this.#volumes.delete(participant);
    else this.#volumes.set(participant, wanted);
  }

  /** @param {(participant: string) => boolean} isHere */
  prune(isHere) {
    for (const participant of this.#volumes.keys()) {
      if (!isHere(participant)) this.#volumes.delete(participant);
    }
  }
}
