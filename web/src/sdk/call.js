/** A call, as a page sees it: join a room, see and hear the others, be seen and heard. */

import { Chat } from './chat.js';
import { MutedEvent, ReactionEvent, RefusedEvent } from './events.js';
import { Local } from './local.js';
import { Presence } from './presence.js';
import { Roster } from './roster.js';
import { Wishes } from './wishes.js';

/** @typedef {import('./messages.d.ts').Participant} Participant */
/** @typedef {import('./presence.js').CallState} CallState */
/** @typedef {import('./messages.d.ts').Source} Source */

/**
 * Keeps everybody's state, and comes back by itself after an outage. Events: `state`, `room` (of
 * `role` and `locked`), `participants` (and hands), `pictures`, `speakers`, `quality`: read the
 * properties. What is kept nowhere is in the event: `reaction` (a ReactionEvent), `muted` (a
 * MutedEvent), `refused` (a RefusedEvent).
 */
export class Call extends EventTarget {
  /** What is written and sent to each other; it outlives outages. */
  chat = new Chat((participant) => this.#nameOf(participant));
  #roster = new Roster();
  #wishes = new Wishes(
    (participant, source) => this.#roster.track(participant, source),
    (tracks) => this.#ask({ type: 'subscribe', tracks }),
  );
  #local = new Local();
  #presence;

  /** @param {string} url of the server's `/ws` */
  constructor(url) {
    super();
    this.#presence = new Presence(url, {
      admitted: (session, joined) => this.#admitted(session, joined),
      received: (message) => this.#received(message),
      disconnected: () => this.#disconnected(),
      changed: () => this.#changed(),
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

  /** The peer connection; null while there is none. */
  get peer() {
    return this.#session?.peer ?? null;
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
    return this.#session?.media?.slots.pictures() ?? [];
  }

  /** Open the way to the server while somebody is about to join; may be called again and again. */
  warmUp() {
    this.#presence.warmUp();
  }

  /**
   * Enter `room`. Resolves when the first attempt is over; `state` tells how.
   * @param {string} room
   * @param {string} name
   * @param {string} [token] makes us a host: whoever made the room has got it
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
    const muted = this.#local.set(source, track);
    const peer = this.peer;
    if (peer?.publishes(source)) {
      await peer.replace(source, track);
      this.#tellMuted(source, muted);
    } else if (peer && this.#local.publish(peer)) {
      await this.#session?.negotiate();
    }
  }

  /**
   * Publish `source` no more: to the others it is gone, not muted.
   * @param {Source} source
   */
  async unpublish(source) {
    this.#local.end(source);
    if (this.peer?.unpublish(source)) await this.#session?.negotiate();
  }

  /**
   * Send silence or blackness instead of what `source` captures.
   * @param {Source} source
   * @param {boolean} muted
   */
  setMuted(source, muted) {
    this.#local.mute(source, muted);
    if (this.peer?.publishes(source)) this.#tellMuted(source, muted);
  }

  /**
   * Say how the pictures of the others are shown, all of them: the server sends what fits. The
   * sound of everybody is sent in any case.
   * @param {readonly import('./wishes.js').Wish[]} wishes
   */
  show(wishes) {
    this.#wishes.show(wishes);
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

  /** As a host, end the call for everybody. */
  endForAll() {
    this.#ask({ type: 'end' });
  }

  /** Leave for good; resolves when the server knows, or soon anyway. */
  async leave() {
    await this.#presence.leave();
  }

  /** Leave at once, for a page that is being closed. */
  leaveNow() {
    this.#presence.end('ended', 'left');
  }

  /** Do not wait for the next attempt to come back, nor for one that hangs. */
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
    this.chat.attach(session.start(joined, this.#local).channels, joined.you);
    if (raised) session.send({ type: 'hand', raised });
  }

  #changed() {
    if (this.state === 'ended' || this.state === 'failed') this.#roster.clear();
    this.dispatchEvent(new Event('state'));
    if (this.state !== 'joined') return;
    this.dispatchEvent(new Event('participants'));
    this.dispatchEvent(new Event('room'));
    this.#wishes.start();
    void this.#session?.negotiate();
  }

  #disconnected() {
    this.#wishes.stop();
    this.#roster.disconnect();
    this.chat.detach();
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
        this.#session?.media?.slots.update(message.slots);
        this.dispatchEvent(new Event('pictures'));
        break;
      case 'layers':
        this.peer?.setWanted(message.source, message.wanted);
        break;
      case 'need-slots':
        if (this.peer?.addSlots(message.count)) void this.#session?.negotiate();
        break;
      case 'reacted':
        this.dispatchEvent(new ReactionEvent(message.participant, message.reaction));
        break;
      case 'muted':
        this.#local.mute(message.source, true);
        this.peer?.setMuted(message.source, true);
        this.dispatchEvent(new MutedEvent(message.source, message.by));
        break;
      case 'error':
        if (!message.fatal) this.dispatchEvent(new RefusedEvent(message.code, message.message));
        break;
    }
  }

  get #session() {
    return this.#presence.session;
  }

  /** @param {import('./messages.d.ts').ClientMessage} message */
  #ask(message) {
    if (this.state === 'joined') this.#session?.send(message);
  }

  /**
   * @param {Source} source
   * @param {boolean} muted
   */
  #tellMuted(source, muted) {
    this.peer?.setMuted(source, muted);
    this.#ask({ type: 'mute', source, muted });
  }

  /** @param {string} participant */
  #nameOf(participant) {
    if (participant === this.you) return this.#presence.name;
    return this.participants.get(participant)?.name ?? '';
  }
}
