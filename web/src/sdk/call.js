/** A call: joins a room, keeps everybody's state, and comes back by itself after an outage. */

import { Peer } from './peer.js';
import { Signaling } from './signaling.js';
import { Slots } from './slots.js';

/** @typedef {import('./messages.d.ts').Participant} Participant */
/** @typedef {import('./messages.d.ts').ServerMessage} ServerMessage */
/** @typedef {import('./messages.d.ts').Source} Source */
/** @typedef {import('./messages.d.ts').Speaker} Speaker */
/** @typedef {import('./slots.js').Picture} Picture */
/** @typedef {'idle' | 'joining' | 'joined' | 'reconnecting' | 'ended' | 'failed'} CallState */

/** Seconds before each attempt to come back; the last one repeats. */
const RETRY_SECONDS = [0.3, 1, 2, 4, 5];
/** A network change heals within a few seconds by itself; after that a new join is faster. */
const DISCONNECTED_SECONDS = 8;
/** How long leaving waits for the server's word. */
const LEAVE_SECONDS = 0.5;
/** Why the server may hang up on us although we want to stay. */
const COME_BACK = new Set(['media-lost', 'server-stopping', 'internal-error', 'slow-reader']);

/**
 * Events: `state`, `participants`, `pictures`, `speakers`. Read the properties of the same names.
 */
export class Call extends EventTarget {
  /** @type {CallState} */
  state = 'idle';
  /** Why the state is `failed` or `ended`: a code of the protocol. */
  reason = '';
  /** The server's sentence for `reason`. */
  message = '';
  /** Our own participant id. */
  you = '';
  /** @type {Map<string, Participant>} the others */
  participants = new Map();
  /** @type {Speaker[]} */
  speakers = [];
  /** @type {Peer | null} */
  peer = null;

  /** @type {Signaling | null} */
  #signaling = null;
  /** @type {Slots | null} */
  #slots = null;
  /** @type {Map<Source, {track: MediaStreamTrack | null, muted: boolean}>} */
  #local = new Map();
  #stream = new MediaStream();
  #room = '';
  #name = '';
  #attempt = 0;
  #retry = 0;
  #watch = 0;

  /** @param {string} url of the server's `/ws` */
  constructor(url) {
    super();
    this.url = url;
  }

  /** @returns {Picture[]} what there is to see and hear now */
  get pictures() {
    return this.#slots?.pictures() ?? [];
  }

  /**
   * Enter `room`. Resolves when we are in it (or come to be, after retries); see `state`.
   * @param {string} room
   * @param {string} name
   */
  async join(room, name) {
    this.#room = room;
    this.#name = name;
    this.#attempt = 0;
    this.#become('joining');
    await this.#enter();
  }

  /**
   * Send `track` as `source` from now on; null stops sending but keeps the place.
   * @param {Source} source
   * @param {MediaStreamTrack | null} track
   */
  async setTrack(source, track) {
    const muted = track === null || !track.enabled;
    this.#local.set(source, { track, muted });
    const peer = this.peer;
    if (!peer) return;
    if (peer.publishes(source)) {
      await peer.replace(source, track);
      this.#tellMuted(source, muted);
    } else if (track) {
      peer.setMuted(source, muted);
      peer.publish(source, track, this.#stream);
      await this.#negotiate();
    }
  }

  /**
   * Send silence or blackness instead of what `source` captures.
   * @param {Source} source
   * @param {boolean} muted
   */
  setMuted(source, muted) {
    const local = this.#local.get(source);
    if (!local) return;
    local.muted = muted;
    if (local.track) local.track.enabled = !muted;
    if (this.peer?.publishes(source)) this.#tellMuted(source, muted);
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

  /** Do not wait for the next attempt to come back. */
  retryNow() {
    if (this.state !== 'reconnecting' || this.#signaling) return;
    clearTimeout(this.#retry);
    void this.#enter();
  }

  async #enter() {
    const signaling = new Signaling(this.url);
    this.#signaling = signaling;
    signaling.addEventListener('close', () => this.#lost(signaling));
    try {
      await signaling.opened;
      const reply = signaling.next('joined', 'error', 'closed');
      signaling.send({ type: 'join', room: this.#room, name: this.#name });
      const joined = await reply;
      if (signaling !== this.#signaling) return;
      if (joined.type !== 'joined') {
        this.#end('failed', joined.code, joined.message);
        return;
      }
      this.you = joined.you;
      this.participants = new Map(joined.participants.map((each) => [each.id, each]));
      signaling.addEventListener('message', (event) =>
        this.#received(/** @type {CustomEvent<ServerMessage>} */ (event).detail),
      );
      this.#connect(signaling, joined.iceServers, joined.slots);
      this.#attempt = 0;
      this.#become('joined');
      this.dispatchEvent(new Event('participants'));
      await this.#negotiate();
    } catch {
      this.#lost(signaling);
    }
  }

  /**
   * @param {Signaling} signaling
   * @param {RTCIceServer[]} iceServers
   * @param {number} slots
   */
  #connect(signaling, iceServers, slots) {
    const peer = new Peer(async (sdp, tracks) => {
      const reply = signaling.next('answer', 'error');
      signaling.send({ type: 'offer', sdp, tracks });
      const answer = await reply;
      if (answer.type === 'error') throw new Error(answer.message);
      return answer.sdp;
    }, iceServers);
    this.peer = peer;
    this.#slots = new Slots((mid) => peer.track(mid));
    for (const [source, { track, muted }] of this.#local) {
      if (!track) continue;
      peer.setMuted(source, muted);
      peer.publish(source, track, this.#stream);
    }
    peer.addSlots(slots);
    peer.addEventListener('state', () => this.#watchPeer(peer));
  }

  async #negotiate() {
    const signaling = this.#signaling;
    try {
      await this.peer?.negotiate();
    } catch (error) {
      console.warn('The media connection could not be set up.', error);
      if (signaling) this.#lost(signaling);
    }
  }

  /** @param {Peer} peer */
  #watchPeer(peer) {
    if (peer !== this.peer) return;
    clearTimeout(this.#watch);
    const { connectionState, iceConnectionState } = peer.connection;
    const lose = () => {
      if (peer === this.peer && this.#signaling) this.#lost(this.#signaling);
    };
    if (connectionState === 'failed') lose();
    else if (iceConnectionState === 'disconnected') {
      this.#watch = setTimeout(lose, DISCONNECTED_SECONDS * 1000);
    }
  }

  /** @param {ServerMessage} message */
  #received(message) {
    switch (message.type) {
      case 'participant-joined':
        this.participants.set(message.participant.id, message.participant);
        this.dispatchEvent(new Event('participants'));
        break;
      case 'participant-left':
        this.participants.delete(message.participant);
        this.speakers = this.speakers.filter((each) => each.participant !== message.participant);
        this.dispatchEvent(new Event('participants'));
        break;
      case 'track-published':
      case 'track-updated':
        this.#setTracks(message.participant, (tracks) => [
          ...tracks.filter((track) => track.id !== message.track.id),
          message.track,
        ]);
        break;
      case 'track-unpublished':
        this.#setTracks(message.participant, (tracks) =>
          tracks.filter((track) => track.id !== message.track),
        );
        break;
      case 'slots':
        this.#slots?.update(message.slots);
        this.dispatchEvent(new Event('pictures'));
        break;
      case 'need-slots':
        this.peer?.addSlots(message.count);
        void this.#negotiate();
        break;
      case 'speakers':
        this.speakers = message.speakers;
        this.dispatchEvent(new Event('speakers'));
        break;
      case 'error':
        if (message.fatal) this.#end('failed', message.code, message.message);
        break;
      case 'closed':
        if (COME_BACK.has(message.code) && this.#signaling) this.#lost(this.#signaling);
        else if (this.state === 'joined') this.#end('ended', message.code, message.message);
        break;
    }
  }

  /**
   * @param {string} participant
   * @param {(tracks: Participant['tracks']) => Participant['tracks']} change
   */
  #setTracks(participant, change) {
    const known = this.participants.get(participant);
    if (!known) return;
    this.participants.set(participant, { ...known, tracks: change(known.tracks) });
    this.dispatchEvent(new Event('participants'));
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
    this.#disconnect();
    this.#become('reconnecting');
    const seconds = RETRY_SECONDS[Math.min(this.#attempt, RETRY_SECONDS.length - 1)] ?? 5;
    this.#attempt += 1;
    // Spread out, so that a restarted server does not get everybody at once.
    this.#retry = setTimeout(() => void this.#enter(), seconds * (0.8 + 0.4 * Math.random()) * 1000);
  }

  #disconnect() {
    const signaling = this.#signaling;
    this.#signaling = null;
    clearTimeout(this.#watch);
    this.peer?.close();
    this.peer = null;
    this.#slots = null;
    this.speakers = [];
    signaling?.close();
  }

  /**
   * @param {'ended' | 'failed'} state
   * @param {string} reason
   * @param {string} message
   */
  #end(state, reason, message) {
    if (this.state === 'ended' || this.state === 'failed') return;
    clearTimeout(this.#retry);
    this.#disconnect();
    this.participants = new Map();
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

/** @param {number} seconds */
function sleep(seconds) {
  return new Promise((resolve) => setTimeout(resolve, seconds * 1000));
}
