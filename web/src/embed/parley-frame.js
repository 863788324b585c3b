/**
 * A call in a frame of somebody else's page: `new ParleyFrame(container, { server, room })`.
 *
 * Needs nothing else of Parley, and shares nothing with the page but messages. The page's origin
 * has to be among the server's `allowed_origins`.
 *
 * Events, each a CustomEvent whose `detail` has the fields of the message (see messages.js):
 * `ready`, `state`, `joined`, `left`, `participant-joined`, `participant-updated`,
 * `participant-left`, `room`, `devices`, `chat`, `refused`.
 */

import { OPTIONS, readNews, written } from './messages.js';

/** @typedef {import('./messages.js').News} News */
/** @typedef {import('./messages.js').Options} Options */
/** @typedef {import('./messages.js').Person} Person */
/** @typedef {import('./messages.js').Request} Request */

/**
 * @typedef {Options & {server?: string, room: string}} FrameOptions `server` is the one that this
 *   file is from, if not given
 */

/** What a call needs of the browser; without being given it, a frame of another origin has none. */
const ALLOW = [
  'camera',
  'microphone',
  'display-capture',
  'autoplay',
  'fullscreen',
  'clipboard-write',
  'screen-wake-lock',
].join('; ');
/** Requests that wait until the frame is there; who asks for more has lost its way. */
const MAX_WAITING = 50;

export class ParleyFrame extends EventTarget {
  /** @type {import('../elements/views.js').View} what the frame shows */
  state = 'idle';
  /** Why the call is over: a code. */
  reason = '';
  /** Our own participant id; empty while we are in no call. */
  you = '';
  /** @type {import('./messages.js').Role} ours */
  role = 'member';
  /** Whether nobody else is let in. */
  locked = false;
  /** What of ours is on. */
  devices = { microphone: false, camera: false };
  /** @type {Map<string, Person>} the others, by their ids */
  participants = new Map();
  /** The frame; give it a title in the language of the page. */
  iframe = document.createElement('iframe');

  #origin;
  /** @type {Options} */
  #options = {};
  /** @type {Request[] | null} null: the frame listens */
  #waiting = [];
  #gone = new AbortController();

  /**
   * @param {Element} container which it fills
   * @param {FrameOptions} options
   */
  constructor(container, { server, room, ...options }) {
    super();
    const base = server ? new URL(server, document.baseURI) : new URL('/', import.meta.url);
    this.#origin = base.origin;
    this.#options = known(options);
    const address = new URL(`/embed/${encodeURIComponent(room)}`, base);
    address.searchParams.set('origin', location.origin);
    const { iframe } = this;
    iframe.src = address.href;
    iframe.allow = ALLOW;
    iframe.title = 'Parley';
    Object.assign(iframe.style, { display: 'block', width: '100%', height: '100%', border: '0' });
    addEventListener('message', (event) => this.#heard(event), { signal: this.#gone.signal });
    container.append(iframe);
  }

  /** Join without asking, or again after the end. */
  join() {
    this.#ask({ type: 'join' });
  }

  /** Leave the call; the frame stays, and offers to join again. */
  leave() {
    this.#ask({ type: 'leave' });
  }

  /** Leave the call and take the frame away, for good. */
  hangup() {
    this.#gone.abort();
    this.iframe.remove();
    this.#waiting = [];
    if (this.you) this.#take({ type: 'left', reason: 'left' });
  }

  /**
   * Switch a device of ours off or on.
   * @param {'microphone' | 'camera'} source
   * @param {boolean} [muted]
   */
  mute(source, muted = true) {
    this.#ask({ type: 'mute', source, muted });
  }

  /** @param {boolean} [raised] whether our hand is */
  raiseHand(raised = true) {
    this.#ask({ type: 'hand', raised });
  }

  /** @param {import('./messages.js').Reaction} reaction */
  react(reaction) {
    this.#ask({ type: 'react', reaction });
  }

  /** @param {string} text for everybody in the call */
  send(text) {
    this.#ask({ type: 'chat', text });
  }

  /** @param {Options} options to be changed: `lang` and `theme` at once, others for the next call */
  set(options) {
    const changed = known(options);
    Object.assign(this.#options, changed);
    this.#ask({ type: 'set', options: changed });
  }

  /** @param {boolean} [locked] whether, as a host, to let nobody else in */
  lock(locked = true) {
    this.#ask({ type: 'lock', locked });
  }

  /**
   * As a host, switch off what somebody sends; only they can switch it on again.
   * @param {string} participant
   * @param {import('./messages.js').Source} source
   */
  muteOther(participant, source) {
    this.#ask({ type: 'mute-other', participant, source });
  }

  /** @param {string} participant to be sent out of the call, by a host */
  remove(participant) {
    this.#ask({ type: 'remove', participant });
  }

  /** As a host, end the call for everybody. */
  endForAll() {
    this.#ask({ type: 'end' });
  }

  /** @param {Request} request */
  #ask(request) {
    if (!this.#waiting) this.#post(request);
    else if (this.#waiting.length < MAX_WAITING) this.#waiting.push(request);
  }

  /** @param {Request} request */
  #post(request) {
    this.iframe.contentWindow?.postMessage(written(request), this.#origin);
  }

  /** @param {MessageEvent} event of anybody */
  #heard({ source, origin, data }) {
    if (source !== this.iframe.contentWindow || origin !== this.#origin) return;
    const news = readNews(data);
    if (news) this.#take(news);
  }

  /** @param {News} news */
  #take(news) {
    switch (news.type) {
      case 'ready':
        // Also when the frame was loaded anew.
        this.#post({ type: 'start', options: this.#options });
        for (const request of this.#waiting ?? []) this.#post(request);
        this.#waiting = null;
        break;
      case 'state':
        this.state = news.state;
        this.reason = news.reason;
        break;
      case 'joined':
        this.you = news.you;
        this.participants = new Map(news.participants.map((each) => [each.id, each]));
        break;
      case 'left':
        this.you = '';
        this.participants.clear();
        break;
      case 'participant-joined':
      case 'participant-updated':
        this.participants.set(news.participant.id, news.participant);
        break;
      case 'participant-left':
        this.participants.delete(news.participant.id);
        break;
      case 'room':
        this.role = news.role;
        this.locked = news.locked;
        break;
      case 'devices':
        this.devices = { microphone: news.microphone, camera: news.camera };
        break;
    }
    const { type, ...detail } = news;
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}

/**
 * @param {Options} options
 * @returns {Options} those that a frame takes
 */
function known(options) {
  const found = OPTIONS.flatMap((name) => {
    const value = options[name];
    return value === undefined ? [] : [[name, value]];
  });
  return Object.fromEntries(found);
}
