/** The WebSocket to the server: typed messages in both directions, nothing more. */

/** @typedef {import('./messages.d.ts').ClientMessage} ClientMessage */
/** @typedef {import('./messages.d.ts').OfferedTrack} OfferedTrack */
/** @typedef {import('./messages.d.ts').ServerMessage} ServerMessage */

/** One message of the server, as an event. */
export class Received extends Event {
  /** @param {ServerMessage} message */
  constructor(message) {
    super('message');
    this.message = message;
  }
}

/** There is no connection, or it ended before the answer came. */
export class Ended extends Error {
  name = 'Ended';
}

/** What we say at the door. @typedef {Omit<import('./messages.d.ts').Join, 'type'>} Door */

/**
 * The server answers an offer within milliseconds. After this long the connection is dead, which a
 * browser would not notice for minutes: it cannot ping.
 */
const ANSWER_SECONDS = 5;

/**
 * A code that says: not on purpose, we may come back (RFC 6455 section 7.4.2 leaves it to us).
 */
export const BROKEN = 4000;

/**
 * Emits `message` (a Received with a ServerMessage) and, once, `close`.
 */
export class Signaling extends EventTarget {
  /** @type {WebSocket} */
  #socket;
  #closed = false;

  /**
   * @param {string} url of the server's `/ws`
   * @param {(url: string) => WebSocket} [open] how to open a socket; tests bring their own
   */
  constructor(url, open = (address) => new WebSocket(address)) {
    super();
    this.#socket = open(url);
    this.opened = new Promise((resolve, reject) => {
      this.#socket.addEventListener('open', resolve, { once: true });
      this.#socket.addEventListener('close', () => reject(new Ended('no connection')), {
        once: true,
      });
    });
    this.opened.catch(() => {});
    this.#socket.addEventListener('message', (event) => this.#received(event.data));
    this.#socket.addEventListener('close', () => this.#ended());
  }

  /** @param {ClientMessage} message */
  send(message) {
    if (!this.#closed && this.#socket.readyState === 1) {
      this.#socket.send(JSON.stringify(message));
    }
  }

  /**
   * The next message of one of `types`. Rejects when the connection ends before.
   * @template {ServerMessage['type']} T
   * @param {T[]} types
   * @returns {Promise<Extract<ServerMessage, {type: T}>>}
   */
  next(...types) {
    return new Promise((resolve, reject) => {
      const stop = new AbortController();
      this.addEventListener(
        'message',
        (event) => {
          const message = /** @type {Received} */ (event).message;
          if (types.some((type) => type === message.type)) {
            stop.abort();
            resolve(/** @type {any} */ (message));
          }
        },
        { signal: stop.signal },
      );
      const ended = () => {
        stop.abort();
        reject(new Ended('the connection ended'));
      };
      this.addEventListener('close', ended, { signal: stop.signal });
      if (this.#closed) ended();
    });
  }

  /**
   * Enter a room. Rejects when the connection ends before the server has answered.
   * @param {Door} door
   */
  async join(door) {
    await this.opened;
    const reply = this.reply();
    this.send({ type: 'join', ...door });
    return await reply;
  }

  /** What the server says at the door. */
  async reply() {
    return await this.next('joined', 'waiting', 'error', 'closed');
  }

  /**
   * The answer to an offer. Rejects when it is refused, with `Ended` when the connection ends: a
   * server that does not answer ends it.
   * @param {string} sdp
   * @param {OfferedTrack[]} tracks
   */
  async offer(sdp, tracks) {
    this.send({ type: 'offer', sdp, tracks });
    const deadline = setTimeout(() => this.close(BROKEN), ANSWER_SECONDS * 1000);
    try {
      for (;;) {
        const reply = await this.next('answer', 'error');
        if (reply.type === 'answer') return reply.sdp;
        // Another message may have been refused meanwhile: that does not concern the offer.
        if (reply.fatal || reply.code === 'bad-sdp') throw new Error(reply.message);
      }
    } finally {
      clearTimeout(deadline);
    }
  }

  /** @param {number} [code] 1000: we leave; `BROKEN`: we may come back */
  close(code = 1000) {
    this.#socket.close(code);
    this.#ended();
  }

  /** @param {unknown} data */
  #received(data) {
    if (this.#closed || typeof data !== 'string') return;
    this.dispatchEvent(new Received(JSON.parse(data)));
  }

  #ended() {
    if (this.#closed) return;
    this.#closed = true;
    this.dispatchEvent(new Event('close'));
  }
}
