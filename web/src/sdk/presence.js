/** Our being in the room: getting in, coming back after an outage, and the end of it. */

import { Outages } from './outages.js';
import { Retry, comesBack } from './retry.js';
import { Session } from './session.js';

/** @typedef {import('./media.js').Media} Media */
/** @typedef {import('./messages.d.ts').ClientMessage} ClientMessage */
/** @typedef {import('./messages.d.ts').Joined} Joined */
/** @typedef {import('./messages.d.ts').ServerMessage} ServerMessage */
/** @typedef {import('./session.js').Lost} Lost */
/** @typedef {import('./signaling.js').Received} Received */
/** @typedef {'idle' | 'joining' | 'waiting' | 'joined' | 'reconnecting' | 'ended' | 'failed'} CallState */

/**
 * @typedef {object} Witness who is told
 * @property {(session: Session, joined: Joined) => void} admitted the server let us in, the first
 *   time or again: the session has `media` that went on, or is to be started
 * @property {(message: ServerMessage) => void} received since then
 * @property {(media: Media | null) => void} disconnected nobody hears us, until we are admitted
 *   again; `media` may go on
 * @property {() => void} changed the state
 * @property {(resumed: boolean) => void} entered after all that; `resumed`: nobody noticed
 */

/** The server hangs up on a connection that does not join within 30 s. */
const WARM_SECONDS = 25;
/** A connection that lasted less is not taken for a success when it breaks. */
const STEADY_SECONDS = 5;
/** What somebody does within an outage that is not shown; more is not done. */
const MAX_UNSAID = 50;
/** The server closed our media as well. */
const WITHOUT_MEDIA = new Set(['media-lost', 'server-stopping']);

export class Presence {
  /** @type {CallState} */
  state = 'idle';
  /** Why the state is `failed` or `ended`. */
  reason = '';
  /** The server's sentence for it. */
  message = '';
  /** Of who waits: whether anybody is there to let us in; null: the connection broke. @type {boolean | null} */
  hosted = null;
  /** The connection by which we are in the room; null while there is none. @type {Session | null} */
  session = null;
  outages = new Outages(() => this.#showOutage());

  /** A connection on its way into the room. @type {Session | null} */
  #trying = null;
  /** What goes on while there is no connection. @type {Media | null} */
  #kept = null;
  /** What leads back to our seat. */
  #resume = '';
  /** @type {ClientMessage[]} said while nobody noticed that nobody hears us */
  #unsaid = [];

  /** A connection that waits for `enter`. @type {Session | null} */
  #warm = null;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #warmTimer;
  #door = { room: '', name: '', token: '' };
  #admittedAt = 0;
  #wasConnected = false;
  #retry = new Retry();

  /**
   * @param {string} url of the server's `/ws`
   * @param {Witness} witness
   */
  constructor(url, witness) {
    this.url = url;
    this.witness = witness;
  }

  /** Sound and pictures: they may go on while there is no connection. */
  get media() {
    return this.session?.media ?? this.#kept;
  }

  /** Our name. */
  get name() {
    return this.#door.name;
  }

  /** Open the way to the server before it is needed. */
  warmUp() {
    if (this.session || this.#trying || this.#warm) return;
    const session = new Session(this.url);
    this.#warm = session;
    const coolDown = () => {
      if (session === this.#warm) this.#takeWarm()?.close();
    };
    session.addEventListener('lost', coolDown);
    this.#warmTimer = setTimeout(coolDown, WARM_SECONDS * 1000);
  }

  /**
   * Resolves when the first attempt is over.
   * @param {{room: string, name: string, token: string}} door
   */
  async enter(door) {
    this.#door = door;
    this.#retry.reset();
    this.outages.end();
    this.#resume = '';
    this.#wasConnected = false;
    this.reason = this.message = '';
    this.#become('joining');
    await this.#attempt();
  }

  /** @param {string} token to be shown at the door from now on */
  renew(token) {
    this.#door = { ...this.#door, token };
  }

  /** Leave for good; resolves when the server knows, or soon anyway. */
  async leave() {
    await this.session?.leave();
    this.end('ended', 'left');
  }

  /** @param {ClientMessage} message may have to wait, but not for long */
  send(message) {
    if (this.session) this.session.send(message);
    else if (this.#unsaid.length < MAX_UNSAID && message.type !== 'mute') {
      this.#unsaid.push(message); // whether we are muted is said again in any case
    }
  }

  /**
   * The network is back, or another one: do not wait for the next attempt to come back, nor for one
   * that hangs, and look for another way for media.
   */
  retryNow() {
    this.session?.media?.checkNetwork();
    if (this.session || !(this.outages.since || this.state === 'waiting')) return;
    this.#giveUpTrying();
    this.#retry.cancel();
    void this.#attempt();
  }

  /**
   * @param {'ended' | 'failed'} state
   * @param {string} reason
   * @param {string} [message]
   */
  end(state, reason, message = '') {
    this.#takeWarm()?.close();
    if (this.state === 'ended' || this.state === 'failed') return;
    this.#retry.cancel();
    this.#giveUpTrying();
    const { session } = this;
    this.session = null;
    session?.close();
    this.#forgetMedia();
    this.outages.end();
    this.witness.disconnected(null);
    this.reason = reason;
    this.message = message;
    this.#become(state);
  }

  async #attempt() {
    const warm = this.#takeWarm();
    const session = warm ?? new Session(this.url);
    this.#trying = session;
    try {
      const waits = (/** @type {boolean} */ hosted) => this.#wait(session, hosted);
      const reply = await session.join(this.#words(), this.#retry.patience, waits);
      if (session !== this.#trying) return;
      if (reply.type === 'joined') {
        this.#admitted(session, reply);
        return;
      }
      this.#giveUpTrying();
      if (comesBack(reply.code, this.outages.since)) this.#outage();
      else this.end('failed', reply.code, reply.message);
    } catch {
      if (session !== this.#trying) return;
      this.#giveUpTrying();
      if (warm) await this.#attempt(); // it had waited for too long
      else this.#outage();
    }
  }

  /**
   * Somebody has to let us in: whatever we had in the room is gone.
   * @param {Session} session
   * @param {boolean} hosted
   */
  #wait(session, hosted) {
    if (session !== this.#trying) return;
    this.hosted = hosted;
    if (this.state !== 'waiting') {
      this.#resume = '';
      this.#forgetMedia();
      this.witness.disconnected(null);
    }
    this.#retry.reset();
    this.outages.end();
    this.#become('waiting');
  }

  /** What we say at the door. */
  #words() {
    const { room, name, token } = this.#door;
    const back = this.#resume ? { resume: this.#resume, media: this.#kept !== null } : {};
    return { room, name, ...(token ? { token } : {}), ...back };
  }

  /**
   * @param {Session} session
   * @param {Joined} joined
   */
  #admitted(session, joined) {
    this.#trying = null;
    this.session = session;
    this.#resume = joined.resume;
    this.#admittedAt = Date.now();
    const media = joined.resumed ? this.#kept : null;
    if (media) {
      this.#kept = null;
      session.adopt(media, joined);
    } else {
      this.#forgetMedia();
    }
    this.outages.admitted(media !== null);
    session.addEventListener('connected', () => {
      this.#wasConnected = true;
      this.#retry.reset();
      this.outages.end();
    });
    session.addEventListener('lost', (event) => this.#lost(/** @type {Lost} */ (event)));
    session.addEventListener('message', (event) =>
      this.#received(/** @type {Received} */ (event).message),
    );
    this.witness.admitted(session, joined);
    if (this.state !== 'joined') this.#become('joined');
    if (session !== this.session) return;
    this.witness.entered(media !== null);
    const unsaid = this.#unsaid.splice(0);
    if (media) for (const message of unsaid) session.send(message);
  }

  /** @param {ServerMessage} message */
  #received(message) {
    this.witness.received(message);
    if (message.type === 'error' && message.fatal) {
      this.end('failed', message.code, message.message);
    } else if (message.type === 'closed') {
      if (comesBack(message.code)) this.#drop(!WITHOUT_MEDIA.has(message.code));
      else this.end('ended', message.code, message.message);
    }
  }

  /** @param {Lost} lost */
  #lost({ code, message }) {
    // Where media never got through, trying for ever would only hide why.
    if (code === 'unreachable') this.#drop(true);
    else if (this.#wasConnected) this.#drop(false);
    else this.end('failed', code, message);
  }

  /** @param {boolean} keep whether sound and pictures may go on without the connection */
  #drop(keep) {
    const { session } = this;
    this.session = null;
    const media = session?.drop() ?? null;
    if (!keep) media?.close();
    this.#kept = keep ? media : null;
    if (Date.now() - this.#admittedAt > STEADY_SECONDS * 1000) this.#retry.reset();
    this.#unsaid = [];
    this.witness.disconnected(this.#kept);
    this.#outage();
  }

  /** The server is out of reach: try again, sooner at first. */
  #outage() {
    if (this.state === 'joining') {
      this.end('failed', 'unreachable');
      return;
    }
    if (this.state === 'waiting') {
      this.hosted = null;
      this.witness.changed();
    } else {
      this.outages.begin(this.#kept !== null);
    }
    this.#retry.schedule(() => void this.#attempt());
  }

  #showOutage() {
    if (this.state !== 'reconnecting') this.#become('reconnecting');
  }

  #giveUpTrying() {
    const trying = this.#trying;
    this.#trying = null;
    trying?.drop();
  }

  #forgetMedia() {
    this.#kept?.close();
    this.#kept = null;
  }

  #takeWarm() {
    const warm = this.#warm;
    this.#warm = null;
    clearTimeout(this.#warmTimer);
    return warm;
  }

  /** @param {CallState} state */
  #become(state) {
    this.state = state;
    this.witness.changed();
  }
}
