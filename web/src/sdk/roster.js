/** Who is in the room, what each of them sends, and who speaks. */

/** @typedef {import('./messages.d.ts').Participant} Participant */
/** @typedef {import('./messages.d.ts').ServerMessage} ServerMessage */
/** @typedef {import('./messages.d.ts').Speaker} Speaker */

/** What the server last said about the other participants. */
export class Roster {
  /** @type {Map<string, Participant>} by id, in the order of their coming */
  participants = new Map();
  /** @type {Speaker[]} loudest first */
  speakers = [];

  /** @param {Participant[]} participants */
  reset(participants = []) {
    this.participants = new Map(participants.map((each) => [each.id, each]));
    this.speakers = [];
  }

  /**
   * Take one message of the server.
   * @param {ServerMessage} message
   * @returns {'participants' | 'speakers' | null} what it changed
   */
  take(message) {
    switch (message.type) {
      case 'participant-joined':
        this.participants.set(message.participant.id, message.participant);
        return 'participants';
      case 'participant-left':
        this.participants.delete(message.participant);
        this.speakers = this.speakers.filter((each) => each.participant !== message.participant);
        return 'participants';
      case 'track-published':
      case 'track-updated':
        return this.#setTracks(message.participant, (tracks) => [
          ...tracks.filter((track) => track.id !== message.track.id),
          message.track,
        ]);
      case 'track-unpublished':
        return this.#setTracks(message.participant, (tracks) =>
          tracks.filter((track) => track.id !== message.track),
        );
      case 'speakers':
        this.speakers = message.speakers;
        return 'speakers';
      default:
        return null;
    }
  }

  /**
   * @param {string} participant
   * @param {(tracks: Participant['tracks']) => Participant['tracks']} change
   */
  #setTracks(participant, change) {
    const known = this.participants.get(participant);
    if (!known) return null;
    this.participants.set(participant, { ...known, tracks: change(known.tracks) });
    return 'participants';
  }
}
