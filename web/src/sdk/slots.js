/** Which participant is in which slot, and the media stream that a slot's receivers make. */

/** @typedef {import('./messages.d.ts').Slot} Slot */
/** @typedef {import('./messages.d.ts').Source} Source */

/**
 * @typedef {object} Picture what one tile can show
 * @property {string} participant
 * @property {Source} source `camera` (with the microphone) or `screen` (with its sound)
 * @property {MediaStream} stream
 */

/** Maps the server's `slots` messages to media streams; a slot keeps its stream for ever. */
export class Slots {
  /** @type {Map<string, MediaStream>} by the slot's m-lines */
  #streams = new Map();
  /** @type {Slot[]} */
  #slots = [];

  /**
   * @param {(mid: string) => MediaStreamTrack | undefined} track of the receiver of an m-line
   * @param {(tracks: MediaStreamTrack[]) => MediaStream} [makeStream]
   */
  constructor(track, makeStream = (tracks) => new MediaStream(tracks)) {
    this.track = track;
    this.makeStream = makeStream;
  }

  /** @param {Slot[]} slots the server's whole mapping */
  update(slots) {
    this.#slots = slots;
  }

  /** @returns {Picture[]} everybody who is in a slot now */
  pictures() {
    const pictures = [];
    for (const slot of this.#slots) {
      if (slot.participant === null) continue;
      pictures.push({
        participant: slot.participant,
        source: slot.source,
        stream: this.#stream(slot),
      });
    }
    return pictures;
  }

  /** @param {Slot} slot */
  #stream(slot) {
    const key = `${slot.audio} ${slot.video}`;
    let stream = this.#streams.get(key);
    if (!stream) {
      const tracks = [this.track(slot.audio), this.track(slot.video)].filter(
        (track) => track !== undefined,
      );
      stream = this.makeStream(tracks);
      this.#streams.set(key, stream);
    }
    return stream;
  }
}
