/** What people write and send to each other in a call; lives as long as the Call, over outages. */

import { Conversation, milliseconds } from './conversation.js';
import { Downloads } from './downloads.js';
import { RefusedEvent } from './events.js';
import { Outbox } from './outbox.js';
import { Transfers } from './transfers.js';
import { Uploads } from './uploads.js';

/** @typedef {import('./channels.js').Channels} Channels */
/** @typedef {import('./messages.d.ts').DataServerMessage} DataServerMessage */
/** @typedef {import('./messages.d.ts').Said} Said */
/** @typedef {import('./transfer.js').Transfer} Transfer */

/**
 * @typedef {object} ChatFile a file that came with a message
 * @property {number} number the server's
 * @property {string} name
 * @property {number} size in bytes
 * @property {string} mime as the sender's browser says: not to be trusted
 * @property {boolean} gone it cannot be fetched any more
 */

/**
 * @typedef {object} ChatMessage
 * @property {number} number rises by time, the same order for everybody
 * @property {string} from participant id of the sender, who may have left
 * @property {string} name of the sender
 * @property {boolean} self we sent it
 * @property {string | null} to the only participant who gets it; null: everybody
 * @property {string} toName the name of `to`; empty when it is not known
 * @property {string} text plain text, never markup; may be empty when there is a file
 * @property {Date} at
 * @property {ChatFile | null} file
 */

/**
 * @typedef {object} WaitingMessage a message of ours that the server has not confirmed
 * @property {string} id
 * @property {string} text
 * @property {string | null} to
 */

/**
 * `unavailable`: this server has no chat, or this connection has lost it.
 * @typedef {'waiting' | 'open' | 'unavailable'} ChatState
 */

/** Longer messages are refused where the server has not said what it takes. */
const MAX_TEXT = 4000;
/** As many participants as we have been, one after another, are remembered. */
const MAX_SELVES = 50;
/** The server removes them, and we want to recognise our words. */
const CONTROLS = /[^\P{Cc}\n\t]/gu;

/** Emits `state`, `messages`, `transfers` and `refused` (a RefusedEvent; `said` is what was not taken). */
export class Chat extends EventTarget {
  /** @type {ChatState} */
  state = 'waiting';
  #transfers = new Transfers(() => this.#emit('transfers'));
  #uploads = new Uploads(this.#transfers);
  #downloads = new Downloads(this.#transfers);
  #outbox = new Outbox();
  #conversation = new Conversation((said, number) => this.#read(said, number));
  #maxText = MAX_TEXT;
  /** Our participant ids, the present one last. @type {string[]} */
  #selves = [];
  /** @type {Channels | null} */
  #channels = null;
  #recalled = false;

  /** @param {(participant: string) => string} nameOf a participant, empty when it is not known */
  constructor(nameOf) {
    super();
    this.nameOf = nameOf;
  }

  get open() {
    return this.state === 'open';
  }

  /** @returns {readonly ChatMessage[]} by number */
  get messages() {
    return this.#conversation.messages;
  }

  /** @returns {readonly WaitingMessage[]} in the order in which they will be sent */
  get waiting() {
    return this.#outbox.waiting;
  }

  /** @returns {ReadonlyMap<string, Transfer>} by key, in the order of their beginning */
  get transfers() {
    return this.#transfers.all;
  }

  /** What the server takes: characters of a message, bytes of a file. */
  get limits() {
    return { text: this.#maxText, file: this.#transfers.limit };
  }

  /**
   * Say `text` to everybody, or to the participant `to` alone; it waits while there is no way to
   * the server.
   * @param {string} text
   * @param {string | null} to
   * @returns {boolean} whether it was taken; if not, `refused` says why (an empty text is nothing)
   */
  send(text, to = null) {
    const plain = text.replace(CONTROLS, '');
    if (!plain.trim()) return false;
    if ([...plain].length > this.#maxText) return this.#refuse('too-large', '');
    if (!this.#outbox.add(plain, to)) return this.#refuse('too-many-waiting', '');
    this.#emit('messages');
    return true;
  }

  /**
   * Send a file to everybody, or to the participant `to` alone; it comes with a message.
   * @param {Blob} blob
   * @param {string} name
   * @param {string | null} to
   * @returns {Transfer}
   */
  sendFile(blob, name, to = null) {
    return this.#uploads.send(blob, name, to);
  }

  /**
   * Get the content of a file: the Transfer's `blob`, when it is done.
   * @param {ChatFile} file
   * @returns {Transfer} the one of before, unless that failed or was cancelled
   */
  fetchFile(file) {
    return this.#downloads.fetch(file);
  }

  /**
   * Have a finished transfer, and its content, no more.
   * @param {Transfer} transfer
   */
  forget(transfer) {
    this.#transfers.forget(transfer);
  }

  /**
   * Called by the Call: talk over these channels, as that participant.
   * @param {Channels} channels
   * @param {string} you
   */
  attach(channels, you) {
    this.detach();
    this.#channels = channels;
    if (!this.#selves.includes(you)) this.#selves = [...this.#selves, you].slice(-MAX_SELVES);
    channels.addEventListener('state', () => this.#look(channels));
    channels.addEventListener('message', (event) => {
      const { message } = /** @type {import('./channels.js').DataReceived} */ (event);
      if (channels === this.#channels) this.#received(message);
    });
    this.#look(channels);
  }

  /** Called by the Call: the connection has ended. */
  detach() {
    this.#channels = null;
    this.#pause();
    this.#become('waiting');
  }

  /** @param {Channels} channels whose state has changed */
  #look(channels) {
    if (channels !== this.#channels) return;
    if (channels.closed) {
      this.#pause();
      this.#become('unavailable');
    } else if (channels.open && this.#recalled && this.state !== 'open') {
      this.#become('open');
      this.#outbox.start((say) => channels.say(say));
      this.#uploads.start(channels.files);
      this.#downloads.start(channels.files);
    }
  }

  #pause() {
    this.#recalled = false;
    this.#outbox.stop();
    this.#uploads.stop();
    this.#downloads.stop();
  }

  /** @param {DataServerMessage | ArrayBuffer} message */
  #received(message) {
    if (message instanceof ArrayBuffer) {
      this.#downloads.received(message);
      return;
    }
    switch (message.type) {
      case 'history':
        this.#recall(message);
        break;
      case 'said':
        this.#said(message);
        break;
      case 'file-accepted':
        void this.#uploads.accepted(message.id, message.number);
        break;
      case 'file-gone':
        this.#gone(message.number, message.code);
        break;
      case 'refused':
        if (!this.#uploads.refused(message.id, message.code)) this.#refused(message);
        break;
    }
  }

  /** @param {import('./messages.d.ts').DataRefused} refused */
  #refused({ id, code, message }) {
    const given = this.#outbox.refuse(id, code);
    if (given) this.#emit('messages');
    if (code !== 'too-fast') this.#refuse(code, message, given);
  }

  /** @param {import('./messages.d.ts').History} history */
  #recall({ messages, maxText, maxFile }) {
    this.#maxText = maxText;
    this.#transfers.limit = maxFile;
    const { room } = this.#conversation;
    for (const said of this.#conversation.recall(messages)) {
      if (!this.#selves.includes(said.sender)) continue;
      if (said.file) this.#uploads.recognise(said);
      else this.#outbox.recognise(said);
    }
    if (room !== this.#conversation.room) this.#downloads.beginAnew();
    this.#recalled = true;
    this.#emit('messages');
    if (this.#channels) this.#look(this.#channels);
  }

  /** @param {Said} said */
  #said(said) {
    const { room } = this.#conversation;
    const fresh = this.#conversation.take(said);
    if (room !== this.#conversation.room) this.#downloads.beginAnew();
    if (said.id) {
      this.#outbox.confirm(said.id);
      this.#uploads.said(said);
    }
    if (fresh) this.#emit('messages');
  }

  /**
   * @param {number} number
   * @param {string} code
   */
  #gone(number, code) {
    if (this.#uploads.gone(number, code) || !this.#downloads.gone(number, code)) return;
    if (code !== 'no-such-file') return;
    this.#conversation.fileGone(number);
    this.#emit('messages');
  }

  /**
   * @param {Said} said
   * @param {number} number
   * @returns {ChatMessage}
   */
  #read({ sender, name, to, text, at, file }, number) {
    return {
      number,
      from: sender,
      name,
      self: this.#selves.includes(sender),
      to,
      toName: to === null ? '' : this.nameOf(to),
      text,
      at: new Date(milliseconds(at)),
      file: file && { ...file, gone: false },
    };
  }

  /**
   * @param {string} code
   * @param {string} message
   * @param {WaitingMessage | null} [given] back to the person
   */
  #refuse(code, message, given = null) {
    const said = given && { text: given.text, to: given.to };
    this.dispatchEvent(new RefusedEvent(code, message, said));
    return false;
  }

  /** @param {ChatState} state */
  #become(state) {
    if (state === this.state) return;
    this.state = state;
    this.#emit('state');
  }

  /** @param {string} type */
  #emit(type) {
    this.dispatchEvent(new Event(type));
  }
}
