/** Who is in the room and in which role, what each of them sends, who speaks, and how well. */

/** @typedef {import('./messages.d.ts').Joined} Joined */
/** @typedef {import('./messages.d.ts').Knock} Knock */
/** @typedef {import('./messages.d.ts').LoadState} LoadState */
/** @typedef {import('./messages.d.ts').May} May */
/** @typedef {import('./messages.d.ts').Participant} Participant */
/** @typedef {import('./messages.d.ts').Role} Role */
/** @typedef {import('./messages.d.ts').ServerMessage} ServerMessage */
/** @typedef {import('./messages.d.ts').Speaker} Speaker */
/** @typedef {import('./messages.d.ts').Source} Source */
/** @typedef {import('./messages.d.ts').Track} Track */
/** @typedef {import('./messages.d.ts').TrackQuality} TrackQuality */

/** @typedef {'participants' | 'room' | 'waiting' | 'speakers' | 'quality'} Change */

/** What the server last said about the room, the other participants and us. */
export class Roster {
  /** Our own participant id. */
  you = '';
  /** @type {Role} ours */
  role = 'member';
  /** What we may do; null: everything. @type {May | null} */
  may = null;
  /** Our raised hand: its number, or 0. */
  hand = 0;
  /** Whether nobody else is let in. */
  locked = false;
  /** Whether who comes has to be let in. */
  lobby = false;
  /** @type {readonly Knock[]} who waits to be let in, as hosts are told */
  waiting = [];
  /** @type {Date | null} until when the server lets this call go on; null: it does not stop */
  until = null;
  /** @type {LoadState} how much the server has to do: pictures are smaller, or few, while it is a lot */
  load = 'normal';
  /** @type {Map<string, Participant>} by id, in the order of their coming */
  participants = new Map();
  /** @type {Speaker[]} loudest first */
  speakers = [];
  /** @type {Map<string, TrackQuality>} the last word on each track, by participant and source */
  quality = new Map();

  /** Nobody is there, we neither. */
  clear() {
    this.participants = new Map();
    this.role = 'member';
    this.may = null;
    this.hand = 0;
    this.locked = false;
    this.lobby = false;
    this.waiting = [];
    this.until = null;
    this.load = 'normal';
    this.disconnect();
  }

  /** What changes by the second is not known any more. */
  disconnect() {
    this.speakers = [];
    this.quality.clear();
  }

  /** @param {Joined} joined what the server says at the door */
  enter({ you, role, may, hand, locked, lobby, participants }) {
    this.clear();
    this.you = you;
    this.role = role;
    this.may = may ?? null;
    this.hand = hand;
    this.locked = locked;
    this.lobby = lobby ?? false;
    this.participants = new Map(participants.map((each) => [each.id, each]));
  }

  /** @returns {string[]} who has a hand raised, earliest first; we may be among them */
  get hands() {
    const all = [...this.participants.values(), { id: this.you, hand: this.hand }];
    return all
      .filter((each) => each.hand > 0)
      .sort((a, b) => a.hand - b.hand)
      .map((each) => each.id);
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
   * @returns {Change[]} what it changed
   */
  take(message) {
    switch (message.type) {
      case 'participant-joined':
        this.participants.set(message.participant.id, message.participant);
        return ['participants'];
      case 'participant-left':
        this.participants.delete(message.participant);
        this.speakers = this.speakers.filter((each) => each.participant !== message.participant);
        this.#prune();
        return ['participants'];
      case 'participant-updated':
        return this.#update(message.participant);
      case 'room-updated':
        this.locked = message.locked;
        this.lobby = message.lobby ?? false;
        return ['room'];
      case 'knocks':
        this.waiting = message.waiting;
        return ['waiting'];
      case 'permissions':
        this.role = message.role;
        this.may = message.may;
        return ['participants', 'room', ...this.#noHostAnyMore()];
      case 'draining':
        this.until = message.deadline === null ? null : new Date(message.deadline * 1000);
        return ['room'];
      case 'load':
        this.load = message.state;
        return ['room'];
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
        return ['speakers'];
      case 'quality':
        for (const each of message.tracks) {
          this.quality.set(`${each.participant} ${each.source}`, each);
        }
        this.#prune();
        return ['quality'];
      default:
        return [];
    }
  }

  /**
   * @param {Participant} participant
   * @returns {Change[]}
   */
  #update(participant) {
    if (participant.id === this.you) {
      const promoted = participant.role !== this.role;
      this.role = participant.role;
      this.hand = participant.hand;
      return promoted ? ['participants', 'room', ...this.#noHostAnyMore()] : ['participants'];
    }
    if (!this.participants.has(participant.id)) return [];
    this.participants.set(participant.id, participant);
    this.#prune();
    return ['participants'];
  }

  /**
   * @param {string} participant
   * @param {(tracks: Participant['tracks']) => Participant['tracks']} change
   * @returns {Change[]}
   */
  #setTracks(participant, change) {
    const known = this.participants.get(participant);
    if (!known) return [];
    this.participants.set(participant, { ...known, tracks: change(known.tracks) });
    this.#prune();
    return ['participants'];
  }

  /** @returns {Change[]} only hosts know who waits */
  #noHostAnyMore() {
    if (this.role === 'host' || !this.waiting.length) return [];
    this.waiting = [];
    return ['waiting'];
  }

  /** Forget the quality of what nobody sends (any more). */
  #prune() {
    for (const [key, { participant, source }] of this.quality) {
      if (participant !== this.you && !this.track(participant, source)) this.quality.delete(key);
    }
  }
}
