/**
 * `<sfu-call room="…">`: a whole call, from the preview to the end, in a page of anybody's.
 *
 * Attributes: `room`, `token`, `name`, `server` (address of the server; the one that this file is
 * from, if not given), `join="auto"` (do not ask for name and devices first), `camera="off"`,
 * `microphone="off"`, `lang`, `dir`, `theme` (`auto`, `light`, `dark`), `home` (address of a start
 * page to go back to), `link` (what others are sent to join). What changes in a call counts for the
 * next one, but for `lang`, `dir` and `theme`.
 *
 * Events, all of them bubble: `sfu-state` {state, reason}, `sfu-participants` {participants},
 * `sfu-chat` {messages} (all of them, when one has come), `sfu-devices` {microphone, camera} (which
 * of ours are on, when it may have changed in a call),
 * `sfu-new-call` {until}: the person wants another call; pass `until` the promise of it.
 *
 * Styles: see `styles/theme.css` for the custom properties; parts are `prejoin`, `preview`, `lobby`, `call`,
 * `stage`, `tile`, `panel`, `controls`, `menu`, `banner`, `notice`, `card`, `button`, `dialog`.
 */

import { Settings } from './settings.js';
import { direction, language, localise, onLanguage, setLanguage } from './text.js';
import { Visit } from './visit.js';

export class SfuCall extends HTMLElement {
  static observedAttributes = ['room', 'name', 'camera', 'microphone', 'lang', 'dir'];

  #root = this.attachShadow({ mode: 'open' });
  #settings = new Settings(this);
  /** @type {Visit | null} while it is in a page */
  #visit = null;
  #forgetLanguage = () => {};

  connectedCallback() {
    if (this.#visit) {
      this.#visit.moved();
      return;
    }
    this.#speak();
    this.#visit = new Visit(this.#root, this.#settings, (type, detail) =>
      this.dispatchEvent(new CustomEvent(type, { detail, bubbles: true, composed: true })),
    );
    this.#forgetLanguage = onLanguage(() => this.#translate());
    this.#translate();
  }

  disconnectedCallback() {
    // Whoever moves it within the page takes it out and puts it in again at once.
    queueMicrotask(() => {
      if (this.isConnected) return;
      this.#forgetLanguage();
      this.#visit?.end();
      this.#visit = null;
      this.#root.replaceChildren();
    });
  }

  /** @param {string} name */
  attributeChangedCallback(name) {
    if (name === 'lang') this.#speak();
    if (name === 'dir') this.#translate();
    this.#visit?.changed(name);
  }

  /**
   * What the camera is asked for; to be set before the element is put into a page.
   * @param {MediaTrackConstraints} constraints
   */
  set cameraConstraints(constraints) {
    this.#settings.camera = constraints;
  }

  get cameraConstraints() {
    return this.#settings.camera;
  }

  /** The call that we are in, or were in last; null before. */
  get call() {
    return this.#visit?.page.call ?? null;
  }

  /** @returns {import('./views.js').View} what is shown */
  get state() {
    return this.#visit?.views.state ?? 'idle';
  }

  /** Why the call is over: a code of the protocol. */
  get reason() {
    return this.#visit?.views.reason ?? '';
  }

  /** Join without asking: with the name and the devices chosen so far. */
  join() {
    this.#visit?.join();
  }

  /** Which devices of ours are on in the call. */
  get devices() {
    return this.#visit?.page.own.on ?? { microphone: false, camera: false };
  }

  /**
   * Switch a device of ours off or on, before the call or in it, as the person could.
   * @param {'microphone' | 'camera'} device
   * @param {boolean} [muted]
   */
  async mute(device, muted = true) {
    await this.#visit?.mute(device, muted);
  }

  /** Resolves when the server knows, or soon anyway. */
  async leave() {
    await this.call?.leave();
  }

  #speak() {
    const lang = this.closest('[lang]')?.getAttribute('lang');
    setLanguage(lang ? [lang] : navigator.languages);
  }

  #translate() {
    localise(this.#root);
    this.#visit?.repaint();
    const views = this.#root.querySelector('#views');
    if (!(views instanceof HTMLElement)) return;
    views.lang = language();
    views.dir = this.getAttribute('dir') ?? direction();
  }
}

customElements.define('sfu-call', SfuCall);
