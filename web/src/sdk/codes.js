/** Every code that says why something was refused or ended, and what a program can make of it. */

/**
 * @typedef {object} Meaning
 * @property {boolean} fatal as a Call's `reason` it is why the call ended; otherwise only what was
 *   asked for is not done. A RefusedEvent and a Transfer never end a call, whatever their code.
 * @property {'itself' | 'later' | 'never'} retry whether the same may work another time: `itself`:
 *   the Call tries again without being asked; `later`: it may, when something has changed; `never`:
 *   something else must be asked for, or nothing
 */

/** The Call comes back. @type {Meaning} */
const OUTAGE = { fatal: true, retry: 'itself' };
/** Not now. @type {Meaning} */
const CLOSED_DOOR = { fatal: true, retry: 'later' };
/** The end. @type {Meaning} */
const OVER = { fatal: true, retry: 'never' };
/** This once. @type {Meaning} */
const NOT_NOW = { fatal: false, retry: 'later' };
/** Not like this. @type {Meaning} */
const NOT_SO = { fatal: false, retry: 'never' };

export const CODES = Object.freeze(
  /** @satisfies {Record<string, Meaning>} */ ({
    // Why the call ended although everybody did what they should.
    left: OVER,
    removed: OVER,
    /** Another connection has taken our place, with what we came back with. */
    replaced: OVER,
    ended: OVER,

    // Nobody meant it.
    'media-lost': OUTAGE,
    'server-stopping': OUTAGE,
    'internal-error': OUTAGE,
    'slow-reader': OUTAGE,

    // The door stays closed. A full room may only hold our own seat still: see retry.js.
    'room-full': CLOSED_DOOR,
    'server-full': CLOSED_DOOR,
    /** It has too much to do just now. */
    'server-busy': CLOSED_DOOR,
    /** Many people share our address: it is each other that they wait for. */
    'too-many-joins': CLOSED_DOOR,
    'too-many-from-address': CLOSED_DOOR,
    'room-locked': CLOSED_DOOR,
    /** A host did not let us in. */
    denied: CLOSED_DOOR,
    /** Nobody did, for a long time. */
    'lobby-timeout': CLOSED_DOOR,
    /** Too many wait to be let in. */
    'lobby-full': CLOSED_DOOR,
    /** The server stops soon, and will be back. */
    draining: CLOSED_DOOR,
    'room-not-found': OVER,
    'bad-token': OVER,
    /** Nobody gets in without a token. */
    'token-required': OVER,
    /** Another token is needed. */
    'token-expired': OVER,
    /** The server does not answer. */
    unreachable: CLOSED_DOOR,
    /** It does, but sound and pictures do not get through. */
    'no-media': CLOSED_DOOR,

    // One of the two programs is at fault.
    'bad-message': OVER,
    'bad-sdp': OVER,
    'message-too-large': OVER,
    'text-only': OVER,
    'too-many-messages': OVER,
    'join-timeout': OVER,
    'not-joined': OVER,
    'protocol-error': OVER,

    // What was asked for is not done; the call goes on.
    'already-joined': NOT_SO,
    'no-such-track': NOT_SO,
    'no-such-participant': NOT_SO,
    'not-allowed': NOT_SO,
    'too-fast': NOT_NOW,

    // The same in the chat.
    'too-large': NOT_SO,
    'no-such-file': NOT_SO,
    cancelled: NOT_NOW,
    'too-many-files': NOT_NOW,
    /** More messages or transfers wait here than are kept. */
    'too-many-waiting': NOT_NOW,
    /** The content of a file is not as long as it was said to be. */
    'wrong-size': NOT_NOW,
    /** The browser cannot read the file (any more). */
    unreadable: NOT_SO,
  }),
);

/** @typedef {keyof typeof CODES} Code */

/**
 * What `code` means; a code of a newer server is taken for the end of the call, which may work
 * another time.
 * @param {string} code
 * @returns {Meaning}
 */
export function meaning(code) {
  return Object.hasOwn(CODES, code) ? CODES[/** @type {Code} */ (code)] : CLOSED_DOOR;
}

/** A call that did not come about. */
export class CallError extends Error {
  name = 'CallError';

  /**
   * @param {string} code one of `CODES`
   * @param {string} message the server's sentence for developers, or empty
   */
  constructor(code, message) {
    super(message || code);
    this.code = code;
    this.retry = meaning(code).retry;
  }
}
