/** In the call: the stage, the controls, the banner, and how it ends. */

import { Call } from '../sdk/call.js';
import { announce, element, say, show } from './page.js';
import { INSECURE, deviceProblem, displayName, notice } from './sentences.js';
import { Stage } from './stage.js';
import { paintButton, paintToggle } from './toggle.js';

/** @typedef {import('./devices.js').Devices} Devices */
/** @typedef {import('./devices.js').Device} Device */
/** @typedef {import('./prejoin.js').Choices} Choices */

const DEVICES = /** @type {Device[]} */ (['microphone', 'camera']);
const COPIED_SECONDS = 2;

export class CallPage {
  #stage = new Stage(element('stage', HTMLElement));
  /** @type {Call | null} */
  #call = null;
  #soundBlocked = false;
  /** @type {Map<string, string>} names by participant, to tell who came and went */
  #known = new Map();

  /**
   * @param {Devices} devices
   * @param {Choices} choices
   */
  constructor(devices, choices) {
    this.devices = devices;
    this.choices = choices;
    this.#stage.addEventListener('blocked', () => {
      this.#soundBlocked = true;
      this.#paintBanner();
    });
    for (const device of DEVICES) {
      element(device, HTMLButtonElement).onclick = () => this.#toggle(device);
    }
    element('leave', HTMLButtonElement).onclick = () => void this.#call?.leave();
    element('copy-link', HTMLButtonElement).onclick = () => void this.#copyLink();
    addEventListener('pagehide', () => this.#call?.leaveNow());
    paintButton(element('leave', HTMLButtonElement), 'leave', 'Leave the call');
    paintButton(element('copy-link', HTMLButtonElement), 'link', 'Copy the link of this call');
  }

  /**
   * Join and stay until the call is over.
   * @param {string} room
   */
  async join(room) {
    const address = new URL('/ws', location.href);
    address.protocol = address.protocol === 'https:' ? 'wss:' : 'ws:';
    const call = new Call(address.href);
    this.#call = call;
    this.#known.clear();
    Object.assign(window, { parley: { call } });
    for (const device of DEVICES) {
      const track = this.devices.tracks[device];
      if (track) await call.setTrack(device, track);
      if (track && this.choices.off[device]) call.setMuted(device, true);
    }
    const over = new Promise((resolve) => {
      call.addEventListener('state', () => {
        this.#paintState(call);
        if (call.state === 'ended' || call.state === 'failed') resolve(undefined);
      });
    });
    call.addEventListener('participants', () => {
      this.#tellChanges(call);
      this.#paint();
    });
    for (const event of ['pictures', 'speakers']) {
      call.addEventListener(event, () => this.#paint());
    }
    void call.join(room, this.choices.name);
    this.#paint();
    await over;
    this.#stage.clear();
    this.devices.closeAll();
  }

  /** @param {Call} call */
  #paintState(call) {
    if (call.state === 'joining') show('joining');
    else if (call.state === 'joined') show('call');
    else if (call.state === 'reconnecting') show('reconnecting');
    this.#paintBanner();
    this.#paint();
  }

  #paint() {
    const call = this.#call;
    if (!call || call.state === 'ended' || call.state === 'failed') return;
    const { tracks } = this.devices;
    const off = this.#off();
    this.#stage.show(call, {
      name: this.choices.name,
      stream: this.#selfStream(tracks.camera),
      cameraOff: off.camera,
      microphoneOff: off.microphone,
    });
    for (const device of DEVICES) {
      paintToggle(element(device, HTMLButtonElement), device, off[device]);
    }
    element('alone', HTMLElement).hidden = call.state !== 'joined' || call.participants.size > 0;
  }

  /** @type {MediaStream | null} */
  #selfShown = null;

  /** @param {MediaStreamTrack | null} camera */
  #selfStream(camera) {
    if (!camera) this.#selfShown = null;
    else if (this.#selfShown?.getVideoTracks()[0] !== camera) {
      this.#selfShown = new MediaStream([camera]);
    }
    return this.#selfShown;
  }

  #off() {
    const { tracks } = this.devices;
    return {
      microphone: !tracks.microphone || this.choices.off.microphone,
      camera: !tracks.camera || this.choices.off.camera,
    };
  }

  /** @param {Device} device */
  async #toggle(device) {
    const call = this.#call;
    if (!call) return;
    const turnOff = !this.#off()[device];
    this.choices.off[device] = turnOff;
    if (turnOff && device === 'camera') {
      this.devices.close('camera');
      await call.setTrack('camera', null);
    } else if (this.devices.tracks[device]) {
      call.setMuted(device, turnOff);
    } else {
      await this.#openDevice(call, device);
    }
    this.#paint();
  }

  /**
   * @param {Call} call
   * @param {Device} device
   */
  async #openDevice(call, device) {
    const problem = await this.devices.open([device]);
    if (problem) {
      this.choices.off[device] = true;
      const insecure = problem.name === 'insecure';
      this.#problem = insecure ? INSECURE : deviceProblem(problem.devices, problem.name);
      this.#paintBanner();
      return;
    }
    this.#problem = '';
    this.#paintBanner();
    await call.setTrack(device, this.devices.tracks[device]);
  }

  #problem = '';

  #paintBanner() {
    const call = this.#call;
    const banner = element('banner', HTMLElement);
    const text = element('banner-text', HTMLElement);
    const action = element('banner-action', HTMLButtonElement);
    if (call?.state === 'reconnecting') {
      text.textContent = 'Connection lost. Reconnecting…';
      say(action, 'Rejoin now');
      action.onclick = () => call.retryNow();
    } else if (this.#soundBlocked) {
      text.textContent = 'The browser waits for a click before it plays sound.';
      say(action, 'Turn on sound');
      action.onclick = () => {
        this.#soundBlocked = false;
        this.#stage.playAll();
        this.#paintBanner();
      };
    } else if (this.#problem) {
      text.textContent = this.#problem;
      say(action, 'Close');
      action.onclick = () => {
        this.#problem = '';
        this.#paintBanner();
      };
    } else {
      text.textContent = '';
    }
    banner.hidden = !text.textContent;
  }

  /** @param {Call} call */
  #tellChanges(call) {
    const now = new Map([...call.participants.values()].map((each) => [each.id, each.name]));
    const came = [...now].filter(([id]) => !this.#known.has(id)).map(([, name]) => name);
    const went = [...this.#known].filter(([id]) => !now.has(id)).map(([, name]) => name);
    this.#known = now;
    const sentences = [
      ...(came.length ? [`${came.map(displayName).join(', ')} joined.`] : []),
      ...(went.length ? [`${went.map(displayName).join(', ')} left.`] : []),
    ];
    if (sentences.length) announce(sentences.join(' '));
  }

  async #copyLink() {
    const button = element('copy-link', HTMLButtonElement);
    const link = location.origin + location.pathname;
    try {
      await navigator.clipboard.writeText(link);
      paintButton(button, 'done', 'The link is copied');
      announce('The link is copied.');
      setTimeout(
        () => paintButton(button, 'link', 'Copy the link of this call'),
        COPIED_SECONDS * 1000,
      );
    } catch {
      this.#problem = `Copy this link to invite others: ${link}`;
      this.#paintBanner();
    }
  }

  /**
   * What to show when the call is over; resolves when the person wants to join again.
   * @returns {Promise<void>}
   */
  async showEnd() {
    const call = this.#call;
    if (!call) return;
    const { title, text, action } = notice(call.reason, call.message);
    const heading = element('notice-title', HTMLElement);
    heading.textContent = title;
    element('notice-text', HTMLElement).textContent = text;
    const button = element('notice-action', HTMLButtonElement);
    button.textContent = action;
    document.body.dataset.errorCode = call.reason;
    show(call.state === 'failed' ? 'error' : 'ended');
    heading.focus();
    element('notice-home', HTMLButtonElement).onclick = () => location.assign('/');
    await new Promise((resolve) => {
      button.onclick = resolve;
    });
    delete document.body.dataset.errorCode;
  }
}
