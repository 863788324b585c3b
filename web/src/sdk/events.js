/** What happens for a moment and is kept nowhere: events that carry what they are about. */

/** @typedef {import('./messages.d.ts').Reaction} Reaction */
/** @typedef {import('./messages.d.ts').Source} Source */

/** What somebody may show for a moment, in the order in which to offer it. */
export const REACTIONS = Object.freeze(
  /** @type {const} */ (['thumbs-up', 'heart', 'laugh', 'wow', 'clap', 'party']),
);

/** Somebody shows a reaction; it may be us. */
export class ReactionEvent extends Event {
  /**
   * @param {string} participant
   * @param {Reaction} reaction
   */
  constructor(participant, reaction) {
    super('reaction');
    this.participant = participant;
    this.reaction = reaction;
  }
}

/** A host switched off what we send; only we can switch it on again. */
export class MutedEvent extends Event {
  /**
   * @param {Source} source
   * @param {string} by the host's participant id
   */
  constructor(source, by) {
    super('muted');
    this.source = source;
    this.by = by;
  }
}

/** The application that runs these calls says something, through the server's HTTP API. */
export class DataEvent extends Event {
  /**
   * @param {string} topic
   * @param {string} data
   */
  constructor(topic, data) {
    super('data');
    this.topic = topic;
    this.data = data;
  }
}

/** Something we asked for was not done; nothing else has changed. */
export class RefusedEvent extends Event {
  /**
   * @param {string} code one of `CODES`
   * @param {string} message the server's sentence for developers, or empty
   * @param {{text: string, to: string | null} | null} [said] the chat message that it is about
   */
  constructor(code, message, said = null) {
    super('refused');
    this.code = code;
    this.message = message;
    this.said = said;
  }
}
