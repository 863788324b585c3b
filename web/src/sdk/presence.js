/** Our being in the room: getting in, coming back after an outage, and the end of it. */

import { Retry, comesBack } from './retry.js';
import { Session } from './session.js';

/** @typedef {import('./messages.d.ts').Joined} Joined */
/** @typedef {import('./messages.d.ts').ServerMessage} ServerMessage */
/** @typedef {import('./session.js').Lost} Lost */
/** @typedef {import('./signaling.js').Received} Received */
/** @typedef {'idle' | 'joining' | 'joined' | 'reconnecting' | 'ended' | 'failed'} CallState */

/**
 * @typedef {object} Witness who is told
 * @property {(session: Session, joined: Joined) => void} admitted the server let us in, the first
 *   time or again
 * @property {(message: ServerMessage) => void} received since then
 * @property {() => void} disconnected nobody hears us, until we are admitted again
 * @property {() => void} changed the state
 */

/** The server hangs up on a connection that does not join within 30 s. */
const WARM_SECONDS = 25;

export class Presence {
  /** @type {CallState} */
  state = 'idle';
  /** Why the state is `failed` or `ended`. */
  reason = '';
  /** The server's sentence for it. */
  message = '';
  /** The connection; null while there is none. @type {Session | null} */
  session = null;

  /** A connection that waits for `enter`. @type {Session | null} */
  #warm = null;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #warmTimer;
  #door = { room: '', name: '', token: '' };
  #lostAt = 0;
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

  /** Our name. */
  get name() {
    return this.#door.name;
  }

  /** Open the way to the server before it is needed. */
  warmUp() {
    if (this.session || this.#warm) return;
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
    this.#lostAt = 0;
    this.#wasConnected = false;
    this.reason = this.message = '';
    this.#become('joining');
    await this.#attempt();
  }

  /** Leave for good; resolves when the server knows, or soon anyway. */
  async leave() {
    await this.session?.leave();
    this.end('ended', 'left');
  }

  /** Do not wait for the next attempt to come back, nor for one that hangs. */
  retryNow() {
    if (this.state !== 'reconnecting') return;
    this.#disconnect();
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
    this.#disconnect();
    this.reason = reason;
    this.message = message;
    this.#become(state);
  }

  async #attempt() {
    const warm = this.#takeWarm();
    const session = warm ?? new Session(this.url);
    this.session = session;
    try {
      const reply = await session.join(this.#door);
      if (session !== this.session) return;
      if (reply.type === 'joined') await this.#admitted(session, reply);
      else if (comesBack(reply.code, this.#lostAt)) this.#outage();
      else this.end('failed', reply.code, reply.message);
    } catch {
      if (session !== this.session) return;
      if (warm) await this.#attempt(); // it had waited for too long
      else this.#outage();
    }
  }

  /**
   * @param {Session} session
   * @param {Joined} joined
   */
  async #admitted(session, joined) {
    session.addEventListener('connected', () => {
      this.#wasConnected = true;
      this.#retry.reset();
      this.#lostAt = 0;
    });
    session.addEventListener('lost', (event) => this.#lost(/** @type {Lost} */ (event)));
    session.addEventListener('message', (event) =>
      this.#received(/** @type {Received} */ (event).message),
    );
    this.witness.admitted(session, joined);
    this.#become('joined');
  }

  /** @param {ServerMessage} message */
  #received(message) {
    this.witness.received(message);
    if (message.type === 'error' && message.fatal) {
      this.end('failed', message.code, message.message);
    } else if (message.type === 'closed') {
      if (comesBack(message.code)) this.#outage();
      else this.end('ended', message.code, message.message);
    }
  }

  /** @param {Lost} lost */
  #lost({ code, message }) {
    // Where media never got through, trying for ever would only hide why.
    if (code === 'unreachable' || this.#wasConnected) this.#outage();
    else this.end('failed', code, message);
  }

  /** The server is out of reach: try again, sooner at first. */
  #outage() {
    if (this.state === 'joining') {
      this.end('failed', 'unreachable');
      return;
    }
    this.#disconnect();
    this.#lostAt ||= Date.now();
    if (this.state !== 'reconnecting') this.#become('reconnecting');
    this.#retry.schedule(() => void this.#attempt());
  }

  #disconnect() {
    const session = this.session;
    this.session = null;
    session?.close();
    this.witness.disconnected();
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
