/** Who is in the room, what each of them sends, who speaks, and how well it gets through. */

/** @typedef {import('./messages.d.ts').Participant} Participant */
/** @typedef {import('./messages.d.ts').ServerMessage} ServerMessage */
/** @typedef {import('./messages.d.ts').Speaker} Speaker */
/** @typedef {import('./messages.d.ts').Source} Source */
/** @typedef {import('./messages.d.ts').Track} Track */
/** @typedef {import('./messages.d.ts').TrackQuality} TrackQuality */

/** What the server last said about the other participants. */
export class Roster {
  /** @type {Map<string, Participant>} by id, in the order of their coming */
  participants = new Map();
  /** @type {Speaker[]} loudest first */
  speakers = [];
  /** @type {Map<string, TrackQuality>} the last word on each track, by participant and source */
  quality = new Map();
  #you = '';

  /**
   * @param {Participant[]} participants
   * @param {string} you who is told: our own quality is of interest too
   */
  reset(participants = [], you = '') {
    this.participants = new Map(participants.map((each) => [each.id, each]));
    this.#you = you;
    this.speakers = [];
    this.quality.clear();
  }

  /**
   * What `participant` sends of `source` now.
   * @param {string} participant
   * @param {Source} source
   * @returns {Track | undefined}
   */
  track(participant, source) {
    return this.participants.get(participant)?.tracks.find((each) => each.source === source);
  }

  /**
   * Take one message of the server.
   * @param {ServerMessage} message
   * @returns {'participants' | 'speakers' | 'quality' | null} what it changed
   */
  take(message) {
    switch (message.type) {
      case 'participant-joined':
        this.participants.set(message.participant.id, message.participant);
        return 'participants';
      case 'participant-left':
        this.participants.delete(message.participant);
        this.speakers = this.speakers.filter((each) => each.participant !== message.participant);
        this.#prune();
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
      case 'quality':
        for (const each of message.tracks) {
          this.quality.set(`${each.participant} ${each.source}`, each);
        }
        this.#prune();
        return 'quality';
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
    this.#prune();
    return 'participants';
  }

  /** Forget the quality of what nobody sends (any more). */
  #prune() {
    for (const [key, { participant, source }] of this.quality) {
      if (participant !== this.#you && !this.track(participant, source)) this.quality.delete(key);
    }
  }
}
