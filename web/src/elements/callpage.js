/** In the call: the stage, the controls, the banner, and how it begins and ends. */

import { Call } from '../sdk/call.js';
import { Announcer } from './announcer.js';
import { Banner } from './banner.js';
import { Controls } from './controls.js';
import { ALL } from './devices.js';
import { Focus } from './focus.js';
import { Help } from './help.js';
import { Invite } from './invite.js';
import { Keys } from './keys.js';
import { Own } from './own.js';
import { Panels } from './panel.js';
import { element } from './parts.js';
import { copyByHand, microphoneSentence, shareLabel, viewName } from './sentences.js';
import { Stage } from './stage.js';
import { StatisticsPanel } from './statspanel.js';
import { t } from './text.js';
import { paintButton, paintToggle } from './toggle.js';

/** @typedef {import('./devices.js').Devices} Devices */
/** @typedef {import('./keys.js').Action} Action */
/** @typedef {import('./prejoin.js').Choices} Choices */
/** @typedef {import('./settings.js').Settings} Settings */
/** @typedef {import('./views.js').Views} Views */
/** @typedef {import('./visit.js').Emit} Emit */

/**
 * @typedef {object} Around what the call page is in
 * @property {Settings} settings
 * @property {Views} views
 * @property {Devices} devices
 * @property {Choices} choices
 * @property {Emit} emit
 * @property {AbortSignal} signal the element leaves the page
 */

export class CallPage {
  #stage;
  #focus;
  #announcer;
  #banner;
  /** @type {Call | null} */
  #call = null;
  /** Ends the keys when the call is over. */
  #over = new AbortController();
  #soundBlocked = false;
  #problem = '';
  /** Whether the keys are let alone: the person talks with one. */
  #talking = false;
  #microphoneOff = false;

  /**
   * @param {ShadowRoot} root
   * @param {Around} around
   */
  constructor(root, { settings, views, devices, choices, emit, signal }) {
    this.root = root;
    this.settings = settings;
    this.views = views;
    this.choices = choices;
    this.emit = emit;
    const stage = element(root, 'stage', HTMLElement);
    this.#stage = new Stage(root, stage, signal);
    this.#focus = new Focus(root, element(root, 'call', HTMLElement), stage);
    const spoken = element(root, 'announce', HTMLElement);
    this.#announcer = new Announcer((text) => (spoken.textContent = text));
    this.#banner = new Banner(root);
    this.controls = new Controls(root, signal);
    this.panels = new Panels(root, this.controls.more);
    this.own = new Own(devices, choices, {
      changed: () => this.#paint(),
      complain: (problem) => this.#complain(problem),
      announce: (sentence) => this.#announcer.say(sentence),
    });
    this.keys = new Keys(root, {
      act: (action) => this.#act(action),
      talk: (on) => void this.#talk(on),
    });
    new StatisticsPanel(
      root,
      this.panels,
      () => this.#running,
      (sentence) => this.#announcer.say(sentence),
    );
    this.help = new Help(root, this.keys);
    new Invite(
      root,
      () => settings.link,
      (text) => this.#announcer.say(text),
      (link) => this.#complain(copyByHand(link)),
    );
    this.#stage.addEventListener('blocked', () => {
      this.#soundBlocked = true;
      this.#paintBanner();
    });
    this.#stage.addEventListener('view', () => this.#paintView());
    for (const action of /** @type {Action[]} */ ([...ALL, 'share', 'view', 'help'])) {
      this.#button(action).onclick = () => this.#act(action);
    }
    this.#button('stop-sharing').onclick = () => this.own.sharing.stop();
    this.#button('leave').onclick = () => void this.#call?.leave();
    addEventListener('pagehide', () => this.#call?.leaveNow(), { signal });
    addEventListener('online', () => this.#call?.retryNow(), { signal });
    this.#button('share').hidden = !this.own.sharing.available;
    this.#paintView();
  }

  /**
   * Join and stay until the call is over.
   * @param {string} problem with the devices, if any, that nobody has read yet
   * @returns {Promise<Call>} the call that is over
   */
  async join(problem) {
    const { room, token, socket } = this.settings;
    const call = new Call(socket);
    this.#call = call;
    this.#problem = problem;
    this.#soundBlocked = false;
    this.#over = new AbortController();
    this.keys.listen(this.#over.signal);
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
      this.emit('sfu-participants', { participants: [...call.participants.values()] });
    });
    for (const event of ['participants', 'pictures', 'speakers', 'quality']) {
      call.addEventListener(event, () => this.#paint());
    }
    void call.join(room, this.choices.name, token);
    this.#paint();
    await over;
    this.#over.abort();
    this.#announcer.reset();
    this.help.close();
    this.controls.popup.close();
    this.panels.close();
    this.#stage.clear();
    this.own.leave();
    return call;
  }

  /** @returns {Call | null} the one we are in, or were in last */
  get call() {
    return this.#call;
  }

  /** Another language is spoken. */
  repaint() {
    this.#paint();
    this.#paintView();
    this.#paintBanner();
  }

  /** Go on with every picture and sound, should they have stopped. */
  play() {
    this.#stage.playAll();
  }

  /** At once, without a word of the server. */
  end() {
    this.#call?.leaveNow();
  }

  /** @param {string} id */
  #button(id) {
    return element(this.root, id, HTMLButtonElement);
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
        this.controls.popup.close(); // first: the dialog gives the focus back to where it was
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
    if (call.state === 'joining') this.views.show('joining');
    else if (call.state === 'joined') this.views.show('call');
    else if (call.state === 'reconnecting') this.views.show('reconnecting');
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
    for (const device of ALL) paintToggle(this.#button(device), device, off[device]);
    const name = sharing.active ? 'screen-off' : 'screen';
    paintButton(this.#button('share'), name, shareLabel(sharing.active));
    this.#button('share').classList.toggle('on', sharing.active);
    element(this.root, 'sharing', HTMLElement).hidden = !sharing.active;
    element(this.root, 'alone', HTMLElement).hidden = call.state !== 'joined' || call.participants.size > 0;
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
    paintButton(this.#button('view'), large ? 'grid' : 'speaker', viewName(!large));
  }

  /** @param {string} problem for people; empty when it is gone */
  #complain(problem) {
    this.#problem = problem;
    this.#paintBanner();
  }

  #paintBanner() {
    const call = this.#call;
    const lost = { text: t('call.reconnecting'), action: t('call.rejoin') };
    const silent = { text: t('call.sound-blocked'), action: t('call.sound-on') };
    const problem = { text: this.#problem, action: t('call.close') };
    const play = () => {
      this.#soundBlocked = false;
      this.#stage.playAll();
      this.#paintBanner();
    };
    const reconnecting = call?.state === 'reconnecting';
    this.#banner.show('connection', reconnecting ? { ...lost, does: () => call.retryNow() } : null);
    this.#banner.show('sound', this.#soundBlocked ? { ...silent, does: play } : null);
    const close = () => this.#complain('');
    this.#banner.show('problem', this.#problem ? { ...problem, does: close } : null);
    this.#focus.keep();
  }
}
