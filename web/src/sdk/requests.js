/** What a page asks of the server during a call: one message each, and nothing is kept here. */

/** @typedef {import('./messages.d.ts').ClientMessage} ClientMessage */
/** @typedef {import('./messages.d.ts').Source} Source */

/** The part of a Call that only asks; what comes of it, the server tells everybody. */
export class Requests extends EventTarget {
  #ask;

  /** @param {(message: ClientMessage) => void} ask says it to the server, if we are in the room */
  constructor(ask) {
    super();
    this.#ask = ask;
  }

  /** @param {boolean} raised whether our hand is */
  raiseHand(raised) {
    this.#ask({ type: 'hand', raised });
  }

  /** @param {import('./messages.d.ts').Reaction} reaction one of `REACTIONS`, for a moment */
  react(reaction) {
    this.#ask({ type: 'react', reaction });
  }

  /**
   * As a host, switch off what somebody sends; only they can switch it on again.
   * @param {string} participant
   * @param {Source} source
   */
  muteOther(participant, source) {
    this.#ask({ type: 'mute-other', participant, source });
  }

  /** @param {string} participant to be sent out of the room, by a host */
  remove(participant) {
    this.#ask({ type: 'remove', participant });
  }

  /** @param {boolean} locked whether, as a host, to let nobody else in */
  lock(locked) {
    this.#ask({ type: 'lock', locked });
  }

  /** @param {boolean} on whether, as a host, to have who comes wait; off lets all in who do */
  setLobby(on) {
    this.#ask({ type: 'lobby', on });
  }

  /** @param {readonly string[]} ids of `waiting`, to be let in by a host */
  admit(ids) {
    if (ids.length) this.#ask({ type: 'admit', ids: [...ids] });
  }

  /** @param {readonly string[]} ids of `waiting`, to be sent away by a host */
  deny(ids) {
    if (ids.length) this.#ask({ type: 'deny', ids: [...ids] });
  }

  /** As a host, end the call for everybody. */
  endForAll() {
    this.#ask({ type: 'end' });
  }
}
