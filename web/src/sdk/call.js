/** A call, as a page sees it: join a room, see and hear the others, be seen and heard. */

import { Chat } from './chat.js';
import { DataEvent, MutedEvent, ReactionEvent, RefusedEvent } from './events.js';
import { Presence } from './presence.js';
import { Publishing } from './publishing.js';
import { Requests } from './requests.js';
import { Roster } from './roster.js';
import { Wishes } from './wishes.js';

/** @typedef {import('./messages.d.ts').Participant} Participant */
/** @typedef {import('./presence.js').CallState} CallState */
/** @typedef {import('./messages.d.ts').Source} Source */

/**
 * Keeps everybody's state, and comes back by itself after an outage. Events: `state`, `room` (of
 * `role`, `may`, `locked`, `lobby` and `until`), `waiting`, `participants` (and hands), `pictures`, `speakers`, `quality`: read the
 * properties. What is kept nowhere is in the event: `reaction` (a ReactionEvent), `muted` (a
 * MutedEvent), `refused` (a RefusedEvent), `data` (a DataEvent).
 */
export class Call extends Requests {
  /** What is written and sent to each other; it outlives outages. */
  chat = new Chat((participant) => this.#nameOf(participant));
  #roster = new Roster();
  #wishes = new Wishes(
    (participant, source) => this.#roster.track(participant, source),
    (tracks) => this.#ask({ type: 'subscribe', tracks }),
  );
  #publishing = new Publishing(
    () => this.#media,
    (message) => this.#ask(message),
  );
  #presence;

  /** @param {string} url of the server's `/ws` */
  constructor(url) {
    super((message) => this.#ask(message));
    this.#presence = new Presence(url, {
      admitted: (session, joined) => this.#admitted(session, joined),
      received: (message) => this.#received(message),
      disconnected: (media) => this.#disconnected(media !== null),
      changed: () => this.#changed(),
      entered: (resumed) => this.#entered(resumed),
    });
  }

  /** @returns {CallState} */
  get state() {
    return this.#presence.state;
  }

  /** Why the state is `failed` or `ended`: one of `CODES`. */
  get reason() {
    return this.#presence.reason;
  }

  /** The server's sentence for `reason`. */
  get message() {
    return this.#presence.message;
  }

  /** Our own participant id. */
  get you() {
    return this.#roster.you;
  }

  /** Ours: hosts may call `muteOther`, `remove`, `lock` and `endForAll`. */
  get role() {
    return this.#roster.role;
  }

  /** @returns {Readonly<import('./messages.d.ts').May> | null} what we may do; null: everything */
  get may() {
    return this.#roster.may;
  }

  /** Our raised hand: 0, or its place in the order of raising. */
  get hand() {
    return this.#roster.hand;
  }

  /** @returns {string[]} the participants with raised hands, earliest first, perhaps us too */
  get hands() {
    return this.#roster.hands;
  }

  /** Whether nobody else is let in. */
  get locked() {
    return this.#roster.locked;
  }

  /** Whether who comes has to be let in by a host. */
  get lobby() {
    return this.#roster.lobby;
  }

  /** @returns {readonly import('./messages.d.ts').Knock[]} who waits for that, if we are a host */
  get waiting() {
    return this.#roster.waiting;
  }

  /** While we wait to be let in: whether a host is there; null: we are out of reach, and knock anew. */
  get hosted() {
    return this.#presence.hosted;
  }

  /** @returns {Date | null} when the server stops and this call starts anew elsewhere, if it will */
  get until() {
    return this.#roster.until;
  }

  /** @returns {import('./messages.d.ts').LoadState} `normal`, or how much too much the server has to do */
  get load() {
    return this.#roster.load;
  }

  /** The peer connection; null while there is none. */
  get peer() {
    return this.#media?.peer ?? null;
  }

  /** @returns {readonly import('./outages.js').Outage[]} of the way to the server, the latest */
  get outages() {
    return this.#presence.outages.list;
  }

  /** @returns {ReadonlyMap<string, Participant>} the others */
  get participants() {
    return this.#roster.participants;
  }

  /** Loudest first. */
  get speakers() {
    return this.#roster.speakers;
  }

  /**
   * How well a source gets through, by `${participant} ${source}`; ours: on its way to the server.
   * @returns {ReadonlyMap<string, import('./messages.d.ts').TrackQuality>}
   */
  get quality() {
    return this.#roster.quality;
  }

  /** @returns {import('./slots.js').Picture[]} what there is to see and hear now */
  get pictures() {
    return this.#media?.slots.pictures() ?? [];
  }

  /** Open the way to the server while somebody is about to join; may be called again and again. */
  warmUp() {
    this.#presence.warmUp();
  }

  /**
   * Enter `room`. Resolves when the first attempt is over, perhaps after we were let in; `state`
   * tells how.
   * @param {string} room
   * @param {string} name
   * @param {string} [token] says what we may do: whoever made the room has one that makes a host
   */
  async join(room, name, token = '') {
    await this.#presence.enter({ room, name, token });
  }

  /**
   * Send `track` as `source` from now on; null stops sending but keeps the place.
   * @param {Source} source
   * @param {MediaStreamTrack | null} track
   */
  async setTrack(source, track) {
    await this.#publishing.setTrack(source, track);
  }

  /**
   * Publish `source` no more: to the others it is gone, not muted.
   * @param {Source} source
   */
  async unpublish(source) {
    await this.#publishing.unpublish(source);
  }

  /**
   * Send silence or blackness instead of what `source` captures.
   * @param {Source} source
   * @param {boolean} muted
   */
  setMuted(source, muted) {
    this.#publishing.setMuted(source, muted);
  }

  /**
   * Say how the pictures of the others are shown, all of them: the server sends what fits. The
   * sound of everybody is sent in any case.
   * @param {readonly import('./wishes.js').Wish[]} wishes
   */
  show(wishes) {
    this.#wishes.show(wishes);
  }

  /**
   * Show a newer token of the same identity: what it allows, and nothing else, is allowed from now
   * on, and it is shown whenever we join again.
   * @param {string} token
   */
  refresh(token) {
    this.#presence.renew(token);
    this.#ask({ type: 'refresh', token });
  }

  /** Leave for good; resolves when the server knows, or soon anyway. */
  async leave() {
    await this.#presence.leave();
  }

  /** Leave at once, for a page that is being closed. */
  leaveNow() {
    this.#presence.end('ended', 'left');
  }

  /** The network may be back, or another one: do not wait to come back, look for a way at once. */
  retryNow() {
    this.#presence.retryNow();
  }

  /**
   * @param {import('./session.js').Session} session
   * @param {import('./messages.d.ts').Joined} joined
   */
  #admitted(session, joined) {
    const raised = this.hand > 0;
    this.#roster.enter(joined);
    void this.#publishing.allow(this.may?.publish ?? null);
    for (const { source, by } of joined.silenced) this.#silenced(source, by);
    if (session.media) return;
    this.chat.attach(session.start(joined, this.#publishing.local).channels, joined.you);
    if (raised && !this.hand) session.send({ type: 'hand', raised });
  }

  #changed() {
    if (this.state === 'ended' || this.state === 'failed') this.#roster.clear();
    this.dispatchEvent(new Event('state'));
  }

  /** @param {boolean} resumed whether the server knows us, except for what got lost */
  #entered(resumed) {
    for (const changed of ['participants', 'room', 'waiting']) this.dispatchEvent(new Event(changed));
    this.#wishes.start(resumed);
    if (resumed) this.#publishing.repeat();
    else void this.#media?.negotiate();
  }

  /** @param {boolean} mediaGoOn */
  #disconnected(mediaGoOn) {
    this.#wishes.stop();
    if (mediaGoOn) return;
    this.#roster.disconnect();
    this.chat.detach();
  }

  /**
   * A host switched off what we send.
   * @param {Source} source
   * @param {string} by
   */
  #silenced(source, by) {
    if (this.#publishing.silence(source)) this.dispatchEvent(new MutedEvent(source, by));
  }

  /** @param {import('./messages.d.ts').ServerMessage} message */
  #received(message) {
    for (const changed of this.#roster.take(message)) {
      this.dispatchEvent(new Event(changed));
      // After the event, in which the page may wish for something else.
      if (changed === 'participants') this.#wishes.refresh();
    }
    switch (message.type) {
      case 'slots':
        this.#media?.slots.update(message.slots);
        this.dispatchEvent(new Event('pictures'));
        break;
      case 'layers':
        this.peer?.setWanted(message.source, message.wanted);
        break;
      case 'need-slots':
        if (this.peer?.addSlots(message.count)) void this.#media?.negotiate();
        break;
      case 'reacted':
        this.dispatchEvent(new ReactionEvent(message.participant, message.reaction));
        break;
      case 'muted':
        this.#silenced(message.source, message.by);
        break;
      case 'data':
        this.dispatchEvent(new DataEvent(message.topic, message.data));
        break;
      case 'permissions':
        void this.#publishing.allow(message.may.publish);
        break;
      case 'error':
        if (!message.fatal) this.dispatchEvent(new RefusedEvent(message.code, message.message));
        break;
    }
  }

  get #media() {
    return this.#presence.media;
  }

  /** @param {import('./messages.d.ts').ClientMessage} message */
  #ask(message) {
    if (this.state === 'joined') this.#presence.send(message);
  }

  /** @param {string} participant */
  #nameOf(participant) {
    if (participant === this.you) return this.#presence.name;
    return this.participants.get(participant)?.name ?? '';
  }
}
