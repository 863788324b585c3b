/** In the call: the stage, the controls, the banner, and how it ends. */

import { Call } from '../sdk/call.js';
import { ALL } from './devices.js';
import { announce, element, say, show } from './page.js';
import { UNANSWERED, deviceLost, deviceProblem, displayName, notice, viewName } from './sentences.js';
import { Stage } from './stage.js';
import { newRoom, openRoom } from './start.js';
import { paintButton, paintToggle } from './toggle.js';

/** @typedef {import('./devices.js').Devices} Devices */
/** @typedef {import('./devices.js').DeviceEvent} DeviceEvent */
/** @typedef {import('./devices.js').Device} Device */
/** @typedef {import('./prejoin.js').Choices} Choices */

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
    this.#stage.addEventListener('view', () => this.#paintView());
    element('view', HTMLButtonElement).onclick = () => this.#stage.toggleView();
    this.#paintView();
    for (const device of ALL) {
      element(device, HTMLButtonElement).onclick = () => this.#toggle(device);
    }
    devices.addEventListener('changed', (event) =>
      this.#send(/** @type {DeviceEvent} */ (event).device),
    );
    devices.addEventListener('lost', (event) => {
      const { device } = /** @type {DeviceEvent} */ (event);
      this.choices.off[device] = true;
      this.#complain(deviceLost(device));
    });
    element('leave', HTMLButtonElement).onclick = () => void this.#call?.leave();
    for (const id of ['copy-link', 'invite']) {
      element(id, HTMLButtonElement).onclick = () => void this.#copyLink();
    }
    addEventListener('pagehide', () => this.#call?.leaveNow());
    addEventListener('online', () => this.#call?.retryNow());
    paintButton(element('leave', HTMLButtonElement), 'leave', 'Leave the call');
    paintButton(element('copy-link', HTMLButtonElement), 'link', 'Copy the link of this call');
  }

  /**
   * Join and stay until the call is over.
   * @param {string} room
   * @param {string} problem with the devices, if any, that nobody has read yet
   */
  async join(room, problem) {
    const address = new URL('/ws', location.href);
    address.protocol = address.protocol === 'https:' ? 'wss:' : 'ws:';
    const call = new Call(address.href);
    this.#call = call;
    this.#known.clear();
    this.#problem = problem;
    this.#soundBlocked = false;
    Object.assign(window, { parley: { call } });
    for (const device of ALL) this.#send(device);
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
    for (const event of ['pictures', 'speakers', 'quality']) {
      call.addEventListener(event, () => this.#paint());
    }
    void call.join(room, this.choices.name);
    this.#paint();
    await over;
    this.#stage.clear();
    this.devices.closeAll();
  }

  /** @returns {Call | null} unless it is over */
  get #running() {
    const call = this.#call;
    return !call || call.state === 'ended' || call.state === 'failed' ? null : call;
  }

  /**
   * Send what a device captures now, or nothing.
   * @param {Device} device
   */
  #send(device) {
    const call = this.#running;
    if (!call) return;
    const track = this.devices.tracks[device];
    if (track) track.enabled = !this.choices.off[device];
    void call.setTrack(device, track);
    this.#paint();
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
    const call = this.#running;
    if (!call) return;
    const { tracks } = this.devices;
    const off = this.#off();
    this.#stage.show(call, {
      name: this.choices.name,
      stream: this.#selfStream(tracks.camera),
      cameraOff: off.camera,
      microphoneOff: off.microphone,
    });
    for (const device of ALL) {
      paintToggle(element(device, HTMLButtonElement), device, off[device]);
    }
    element('alone', HTMLElement).hidden = call.state !== 'joined' || call.participants.size > 0;
  }

  /** The button shows the view that it leads to. */
  #paintView() {
    const { large } = this.#stage;
    const button = element('view', HTMLButtonElement);
    paintButton(button, large ? 'grid' : 'speaker', viewName(!large));
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
    const call = this.#running;
    if (!call) return;
    const turnOff = !this.#off()[device];
    this.choices.off[device] = turnOff;
    this.#complain('');
    if (turnOff && device === 'camera') {
      this.devices.close('camera'); // its light goes out
    } else if (this.devices.tracks[device]) {
      call.setMuted(device, turnOff);
    } else {
      const problem = await this.devices.open([device]);
      if (problem) {
        this.choices.off[device] = true;
        this.#complain(deviceProblem(problem));
      }
    }
    this.#paint();
  }

  #problem = '';

  /** @param {string} problem for people; empty when it is gone */
  #complain(problem) {
    this.#problem = problem;
    this.#paintBanner();
  }

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
        this.#complain('');
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
    const invite = element('invite', HTMLButtonElement);
    const link = location.origin + location.pathname;
    try {
      await navigator.clipboard.writeText(link);
      paintButton(button, 'done', 'The link is copied');
      invite.textContent = 'Copied';
      announce('The link is copied.');
      setTimeout(() => {
        paintButton(button, 'link', 'Copy the link of this call');
        invite.textContent = 'Copy link';
      }, COPIED_SECONDS * 1000);
    } catch {
      this.#complain(`Copy this link to invite others: ${link}`);
    }
  }

  /**
   * What to show when the call is over; resolves when the person wants to join again.
   * @returns {Promise<void>}
   */
  async showEnd() {
    const call = this.#call;
    if (!call) return;
    const { title, text, action, does } = notice(call.reason, call.message);
    element('notice-title', HTMLElement).textContent = title;
    const place = element('notice-text', HTMLElement);
    place.textContent = text;
    const button = element('notice-action', HTMLButtonElement);
    button.textContent = action;
    document.body.dataset.errorCode = call.reason;
    show(call.state === 'failed' ? 'error' : 'ended');
    element('notice-home', HTMLButtonElement).onclick = () => location.assign('/');
    await new Promise((resolve) => {
      button.onclick = async () => {
        if (does === 'again') resolve(undefined);
        else await newRoom().then(openRoom, () => say(place, UNANSWERED));
      };
    });
    delete document.body.dataset.errorCode;
  }
}
