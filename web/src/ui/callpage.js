/** In the call: the stage, the controls, the banner, and how it begins and ends. */

import { Call } from '../sdk/call.js';
import { Announcer } from './announcer.js';
import { Banner } from './banner.js';
import { ALL } from './devices.js';
import { showEnd } from './ending.js';
import { Focus } from './focus.js';
import { Help } from './help.js';
import { Invite } from './invite.js';
import { Keys } from './keys.js';
import { Own } from './own.js';
import { announce, element, show } from './page.js';
import { copyByHand, microphoneSentence, shareLabel, viewName } from './sentences.js';
import { Stage } from './stage.js';
import { StatisticsPanel } from './statspanel.js';
import { paintButton, paintToggle } from './toggle.js';

/** @typedef {import('./devices.js').Devices} Devices */
/** @typedef {import('./keys.js').Action} Action */
/** @typedef {import('./prejoin.js').Choices} Choices */

/** The buttons of the call page. @param {string} id */
const button = (id) => element(id, HTMLButtonElement);

export class CallPage {
  #stage = new Stage(element('stage', HTMLElement));
  #focus = new Focus(element('call', HTMLElement), element('stage', HTMLElement));
  #announcer = new Announcer(announce);
  #banner = new Banner();
  /** @type {Call | null} */
  #call = null;
  #soundBlocked = false;
  #problem = '';
  /** Whether the keys are let alone: the person talks with one. */
  #talking = false;
  #microphoneOff = false;

  /**
   * @param {Devices} devices
   * @param {Choices} choices
   */
  constructor(devices, choices) {
    this.choices = choices;
    this.own = new Own(devices, choices, {
      changed: () => this.#paint(),
      complain: (problem) => this.#complain(problem),
      announce: (sentence) => this.#announcer.say(sentence),
    });
    const keys = new Keys(
      () => this.#running !== null,
      (action) => this.#act(action),
      (on) => this.#talk(on),
    );
    this.statistics = new StatisticsPanel(
      () => this.#running,
      (sentence) => this.#announcer.say(sentence),
    );
    this.help = new Help(keys, () => this.statistics.open(button('help')));
    new Invite(
      (text) => this.#announcer.say(text),
      (link) => this.#complain(copyByHand(link)),
    );
    this.#stage.addEventListener('blocked', () => {
      this.#soundBlocked = true;
      this.#paintBanner();
    });
    this.#stage.addEventListener('view', () => this.#paintView());
    for (const action of /** @type {Action[]} */ ([...ALL, 'share', 'view', 'help'])) {
      button(action).onclick = () => this.#act(action);
    }
    button('stop-sharing').onclick = () => this.own.sharing.stop();
    button('leave').onclick = () => void this.#call?.leave();
    addEventListener('pagehide', () => this.#call?.leaveNow());
    addEventListener('online', () => this.#call?.retryNow());
    paintButton(button('leave'), 'leave', 'Leave the call');
    paintButton(button('help'), 'help', 'Keys and help');
    button('share').hidden = !this.own.sharing.available;
    this.#paintView();
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
    this.#problem = problem;
    this.#soundBlocked = false;
    Object.assign(window, { parley: { call } });
    this.own.enter(call);
    this.#microphoneOff = this.own.off.microphone;
    const over = new Promise((resolve) => {
      call.addEventListener('state', () => {
        this.#paintState(call);
        if (call.state === 'ended' || call.state === 'failed') resolve(undefined);
      });
    });
    call.addEventListener('participants', () => {
      this.#announcer.people(call.participants.values());
    });
    for (const event of ['participants', 'pictures', 'speakers', 'quality']) {
      call.addEventListener(event, () => this.#paint());
    }
    void call.join(room, this.choices.name);
    this.#paint();
    await over;
    this.#announcer.reset();
    this.help.close();
    this.statistics.close();
    this.#stage.clear();
    this.own.leave();
  }

  /** Resolves when the person, told why the call is over, wants to join again. */
  async showEnd() {
    if (this.#call) await showEnd(this.#call);
  }

  /** @returns {Call | null} unless it is over */
  get #running() {
    const call = this.#call;
    return !call || call.state === 'ended' || call.state === 'failed' ? null : call;
  }

  /** @param {Action} action of a button or a key */
  #act(action) {
    switch (action) {
      case 'microphone':
      case 'camera':
        void this.own.toggle(action);
        break;
      case 'share':
        void this.own.toggleShare();
        break;
      case 'view':
        this.#stage.toggleView();
        this.#announcer.say(viewName(this.#stage.large));
        break;
      case 'pin':
        this.#stage.pinChosen();
        break;
      case 'fullscreen':
        this.#stage.toggleFullscreen();
        break;
      case 'help':
        this.help.open();
        break;
    }
  }

  /** @param {boolean} on */
  async #talk(on) {
    this.#talking = true; // nobody wants to hear the screen reader say so
    await this.own.talk(on);
    this.#talking = on;
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
    const { off, stream, sharing } = this.own;
    this.#stage.show(call, {
      name: this.choices.name,
      stream,
      cameraOff: off.camera,
      microphoneOff: off.microphone,
    });
    for (const device of ALL) paintToggle(button(device), device, off[device]);
    const name = sharing.active ? 'screen-off' : 'screen';
    paintButton(button('share'), name, shareLabel(sharing.active));
    button('share').classList.toggle('on', sharing.active);
    element('sharing', HTMLElement).hidden = !sharing.active;
    element('alone', HTMLElement).hidden = call.state !== 'joined' || call.participants.size > 0;
    this.#tellMicrophone(off.microphone);
    this.#focus.keep();
  }

  /** @param {boolean} off */
  #tellMicrophone(off) {
    if (off === this.#microphoneOff) return;
    this.#microphoneOff = off;
    if (!this.#talking) this.#announcer.say(microphoneSentence(off));
  }

  /** The button shows the view that it leads to. */
  #paintView() {
    const { large } = this.#stage;
    paintButton(button('view'), large ? 'grid' : 'speaker', viewName(!large));
  }

  /** @param {string} problem for people; empty when it is gone */
  #complain(problem) {
    this.#problem = problem;
    this.#paintBanner();
  }

  #paintBanner() {
    const call = this.#call;
    if (call?.state === 'reconnecting') {
      const does = () => call.retryNow();
      this.#banner.show({ text: 'Connection lost. Reconnecting…', action: 'Rejoin now', does });
    } else if (this.#soundBlocked) {
      const does = () => {
        this.#soundBlocked = false;
        this.#stage.playAll();
        this.#paintBanner();
      };
      const text = 'The browser waits for a click before it plays sound.';
      this.#banner.show({ text, action: 'Turn on sound', does });
    } else if (this.#problem) {
      const does = () => this.#complain('');
      this.#banner.show({ text: this.#problem, action: 'Close', does });
    } else {
      this.#banner.show(null);
    }
    this.#focus.keep();
  }
}
