/** A sound to hear whether the speaker is the right one: three rising notes, made here. */

const NOTES = [523.25, 659.25, 783.99]; // hertz: a chord that nobody takes for an alarm
const NOTE_SECONDS = 0.22;
const FADE_SECONDS = 0.5;
const VOLUME = 0.18;

/** @typedef {import('./speaker.js').Speaker} Speaker */

export class SpeakerTest {
  /** @type {AudioContext | null} while it is heard */
  #context = null;

  /** @param {Speaker} speaker */
  constructor(speaker) {
    this.speaker = speaker;
  }

  /** Resolves when it is over; once is enough at a time. */
  async play() {
    if (this.#context) return;
    const context = new AudioContext();
    this.#context = context;
    try {
      const out = context.createMediaStreamDestination();
      for (const [index, hertz] of NOTES.entries()) note(context, out, hertz, index * NOTE_SECONDS);
      // Through an element: only those can be told which speaker.
      const audio = new Audio();
      audio.srcObject = out.stream;
      await this.speaker.give(audio);
      await audio.play();
      const seconds = NOTES.length * NOTE_SECONDS + FADE_SECONDS;
      await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
      audio.srcObject = null;
    } catch {
      // A speaker that is gone by now is silent, as the person hears.
    } finally {
      this.#context = null;
      void context.close();
    }
  }
}

/**
 * @param {AudioContext} context
 * @param {AudioNode} out
 * @param {number} hertz
 * @param {number} after in seconds
 */
function note(context, out, hertz, after) {
  const [tone, volume] = [context.createOscillator(), context.createGain()];
  const start = context.currentTime + 0.05 + after;
  tone.frequency.value = hertz;
  volume.gain.setValueAtTime(0, start);
  volume.gain.linearRampToValueAtTime(VOLUME, start + 0.02);
  volume.gain.exponentialRampToValueAtTime(0.001, start + FADE_SECONDS);
  tone.connect(volume).connect(out);
  tone.start(start);
  tone.stop(start + FADE_SECONDS);
}
