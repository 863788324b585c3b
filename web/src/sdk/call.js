/** A call: joins a room, keeps everybody's state, and comes back by itself after an outage. */

import { Local } from './local.js';
import { Media } from './media.js';
import { Retry, comesBack, sleep } from './retry.js';
import { Roster } from './roster.js';
import { Signaling } from './signaling.js';
import { Wishes } from './wishes.js';

/** @typedef {import('./messages.d.ts').Participant} Participant */
/** @typedef {import('./messages.d.ts').ServerMessage} ServerMessage */
/** @typedef {import('./messages.d.ts').Source} Source */
/** @typedef {import('./slots.js').Picture} Picture */
/** @typedef {import('./wishes.js').Wish} Wish */
/** @typedef {'idle' | 'joining' | 'joined' | 'reconnecting' | 'ended' | 'failed'} CallState */

/** How long leaving waits for the server's word. */
const LEAVE_SECONDS = 0.5;
/** How long the way to the server may take before we call it lost and try again. */
const JOIN_SECONDS = 10;

/**
 * Events: `state`, `participants`, `pictures`, `speakers`, `quality`. Read the properties of the same names.
 */
export class Call extends EventTarget {
  /** @type {CallState} */
  state = 'idle';
  /**
   * Why the state is `failed` or `ended`: a code of the protocol, or `unreachable` (the server does
   * not answer) or `no-media` (it does, but sound and pictures do not get through).
   */
  reason = '';
  /** The server's sentence for `reason`. */
  message = '';
  /** Our own participant id. */
  you = '';

  #roster = new Roster();
  #wishes = new Wishes(
    (participant, source) => this.#roster.track(participant, source),
    (tracks) => this.#signaling?.send({ type: 'subscribe', tracks }),
  );
  /** @type {Signaling | null} */
  #signaling = null;
  /** @type {Media | null} */
  #media = null;
  #local = new Local();
  #room = '';
  #name = '';
  #lostAt = 0;
  #wasConnected = false;
  #retry = new Retry();

  /** @param {string} url of the server's `/ws` */
  constructor(url) {
    super();
    this.url = url;
  }

  /** The peer connection; null while there is none. */
  get peer() {
    return this.#media?.peer ?? null;
  }

  /** @returns {ReadonlyMap<string, Participant>} the others */
  get participants() {
    return this.#roster.participants;
  }

  /** @returns {readonly import('./messages.d.ts').Speaker[]} */
  get speakers() {
    return this.#roster.speakers;
  }

  /**
   * @returns {ReadonlyMap<string, import('./messages.d.ts').TrackQuality>} how well a source gets
   *   through, by `${participant} ${source}`; ours is about our way to the server
   */
  get quality() {
    return this.#roster.quality;
  }

  /** @returns {Picture[]} what there is to see and hear now */
  get pictures() {
    return this.#media?.slots.pictures() ?? [];
  }

  /**
   * Enter `room`. Resolves when the first attempt is over; `state` tells how.
   * @param {string} room
   * @param {string} name
   */
  async join(room, name) {
    this.#room = room;
    this.#name = name;
    this.#retry.reset();
    this.#wasConnected = false;
    this.#become('joining');
    await this.#enter();
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
      await this.#negotiate();
    }
  }

  /**
   * Publish `source` no more: to the others it is gone, not muted.
   * @param {Source} source
   */
  async unpublish(source) {
    this.#local.end(source);
    if (this.peer?.unpublish(source)) await this.#negotiate();
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
   * @param {readonly Wish[]} wishes
   */
  show(wishes) {
    this.#wishes.show(wishes);
  }

  /** Leave for good; resolves when the server knows, or soon anyway. */
  async leave() {
    const signaling = this.#signaling;
    if (signaling) {
      const closed = signaling.next('closed').catch(() => {});
      signaling.send({ type: 'leave' });
      await Promise.race([closed, sleep(LEAVE_SECONDS)]);
    }
    this.#end('ended', 'left', '');
  }

  /** Leave at once, for a page that is being closed. */
  leaveNow() {
    this.#signaling?.send({ type: 'leave' });
    this.#end('ended', 'left', '');
  }

  /** Do not wait for the next attempt to come back, nor for one that hangs. */
  retryNow() {
    if (this.state !== 'reconnecting') return;
    this.#disconnect();
    this.#retry.cancel();
    void this.#enter();
  }

  async #enter() {
    const signaling = new Signaling(this.url);
    this.#signaling = signaling;
    signaling.addEventListener('close', () => this.#lost(signaling));
    const deadline = setTimeout(() => signaling.close(), JOIN_SECONDS * 1000);
    try {
      const joined = await signaling.join(this.#room, this.#name);
      if (signaling !== this.#signaling) return;
      if (joined.type !== 'joined') {
        if (comesBack(joined.code, this.#lostAt)) this.#lost(signaling);
        else this.#end('failed', joined.code, joined.message);
        return;
      }
      this.you = joined.you;
      this.#roster.reset(joined.participants, joined.you);
      signaling.addEventListener('message', (event) =>
        this.#received(/** @type {import('./signaling.js').Received} */ (event).message),
      );
      this.#connect(signaling, joined);
      this.#become('joined');
      this.dispatchEvent(new Event('participants'));
      this.#wishes.start();
      await this.#negotiate();
    } catch {
      this.#lost(signaling);
    } finally {
      clearTimeout(deadline);
    }
  }

  /**
   * @param {Signaling} signaling
   * @param {import('./messages.d.ts').Joined} joined
   */
  #connect(signaling, joined) {
    const media = new Media(signaling, joined, this.#local);
    this.#media = media;
    media.addEventListener('connected', () => {
      this.#wasConnected = true;
      this.#retry.reset();
      this.#lostAt = 0;
    });
    // Where media never got through, trying for ever would only hide why.
    media.addEventListener('lost', () => {
      if (this.#wasConnected) this.#lost(signaling);
      else this.#end('failed', 'no-media', '');
    });
  }

  async #negotiate() {
    const signaling = this.#signaling;
    try {
      await this.peer?.negotiate();
    } catch (error) {
      if (!signaling || signaling !== this.#signaling) return;
      if (this.#wasConnected) this.#lost(signaling);
      else this.#end('failed', 'bad-sdp', error instanceof Error ? error.message : '');
    }
  }

  /** @param {ServerMessage} message */
  #received(message) {
    const changed = this.#roster.take(message);
    if (changed) this.dispatchEvent(new Event(changed));
    // After the event, in which the page may wish for something else.
    if (changed === 'participants') this.#wishes.refresh();
    switch (message.type) {
      case 'slots':
        this.#media?.slots.update(message.slots);
        this.dispatchEvent(new Event('pictures'));
        break;
      case 'layers':
        this.peer?.setWanted(message.source, message.wanted);
        break;
      case 'need-slots':
        if (this.peer?.addSlots(message.count)) void this.#negotiate();
        break;
      case 'error':
        if (message.fatal) this.#end('failed', message.code, message.message);
        break;
      case 'closed':
        if (comesBack(message.code) && this.#signaling) this.#lost(this.#signaling);
        else if (this.state === 'joined') this.#end('ended', message.code, message.message);
        break;
    }
  }

  /**
   * @param {Source} source
   * @param {boolean} muted
   */
  #tellMuted(source, muted) {
    this.peer?.setMuted(source, muted);
    this.#signaling?.send({ type: 'mute', source, muted });
  }

  /**
   * The server is out of reach: try again, sooner at first.
   * @param {Signaling} signaling the connection that was lost; an older one changes nothing
   */
  #lost(signaling) {
    if (signaling !== this.#signaling) return;
    if (this.state === 'joining') {
      this.#end('failed', 'unreachable', '');
      return;
    }
    this.#disconnect();
    this.#lostAt ||= Date.now();
    if (this.state !== 'reconnecting') this.#become('reconnecting');
    this.#retry.schedule(() => void this.#enter());
  }

  #disconnect() {
    const signaling = this.#signaling;
    this.#signaling = null;
    this.#wishes.stop();
    // Frees our seat at once if the server still hears us.
    signaling?.send({ type: 'leave' });
    this.#media?.close();
    this.#media = null;
    this.#roster.speakers = [];
    this.#roster.quality.clear();
    signaling?.close();
  }

  /**
   * @param {'ended' | 'failed'} state
   * @param {string} reason
   * @param {string} message
   */
  #end(state, reason, message) {
    if (this.state === 'ended' || this.state === 'failed') return;
    this.#retry.cancel();
    this.#disconnect();
    this.#roster.reset();
    this.reason = reason;
    this.message = message;
    this.#become(state);
  }

  /** @param {CallState} state */
  #become(state) {
    this.state = state;
    this.dispatchEvent(new Event('state'));
  }
}
