/** What the attributes of a `<sfu-call>` say, read when it is needed. */

/** @typedef {import('./devices.js').Device} Device */

/** The longest name the server takes. */
const NAME_LETTERS = 64;

export class Settings {
  /** What the camera is asked for. @type {MediaTrackConstraints} */
  camera = { width: { ideal: 1280 }, height: { ideal: 720 }, frameRate: { ideal: 30 } };

  /** @param {HTMLElement} host */
  constructor(host) {
    this.host = host;
  }

  /** Its id; empty: none yet. */
  get room() {
    return this.host.getAttribute('room') ?? '';
  }

  /** What lets us in, or makes us a host; empty: none. */
  get token() {
    return this.host.getAttribute('token') ?? '';
  }

  get name() {
    return [...(this.host.getAttribute('name') ?? '')].slice(0, NAME_LETTERS).join('');
  }

  /** Whether to join without asking for name and devices first. */
  get auto() {
    return this.host.getAttribute('join') === 'auto';
  }

  /** @param {Device} device */
  off(device) {
    return this.host.getAttribute(device) === 'off';
  }

  /** Where the start page is; empty: there is none to go to. */
  get home() {
    return this.host.getAttribute('home') ?? '';
  }

  /** The server: the one that this file is from, if none is named. */
  get server() {
    const named = this.host.getAttribute('server');
    return named ? new URL(named, document.baseURI) : new URL('/', import.meta.url);
  }

  /** Where the call connects. */
  get socket() {
    const address = new URL('/ws', this.server);
    address.protocol = address.protocol === 'https:' ? 'wss:' : 'ws:';
    return address.href;
  }

  /** What others open to join: the server's own page, if the page around us names no other. */
  get link() {
    const named = this.host.getAttribute('link');
    return new URL(named || `/r/${encodeURIComponent(this.room)}`, named ? document.baseURI : this.server).href;
  }
}
