/** In the call: the stage, the controls, the banner, and how it begins and ends. */

import { Actions } from './actions.js';
import { Announcer } from './announcer.js';
import { ChatPanel } from './chatpanel.js';
import { Comforts } from './comforts.js';
import { Company } from './company.js';
import { Complaints } from './complaints.js';
import { Controls } from './controls.js';
import { Focus } from './focus.js';
import { Help } from './help.js';
import { Invitation } from './invitation.js';
import { Invite } from './invite.js';
import { Keys } from './keys.js';
import { NextCall } from './nextcall.js';
import { Own } from './own.js';
import { OwnButtons } from './ownbuttons.js';
import { Panels } from './panel.js';
import { forbidden } from './may.js';
import { element } from './parts.js';
import { copyByHand, mutedSentence, viewName } from './sentences.js';
import { Stage } from './stage.js';
import { StatisticsPanel } from './statspanel.js';
import { t } from './text.js';
import { paintButton } from './toggle.js';
import { WaitingRoom } from './waitingroom.js';

/** @typedef {import('../sdk/call.js').Call} Call */
/** @typedef {import('./devices.js').Devices} Devices */
/** @typedef {import('./prejoin.js').Choices} Choices */
/** @typedef {import('./settings.js').Settings} Settings */
/** @typedef {import('./views.js').Views} Views */
/** @typedef {import('./visit.js').Emit} Emit */

/**
 * @typedef {object} Around what the call page is in
 * @property {Settings} settings
 * @property {Views} views
 * @property {Devices} devices
 * @property {import('./speaker.js').Speaker} speaker
 * @property {Choices} choices
 * @property {Emit} emit
 * @property {AbortSignal} signal the element leaves the page
 */

export class CallPage {
  #stage;
  #focus;
  #announcer;
  #complaints;
  #buttons;
  /** @type {Call | null} */
  #call = null;
  #next = new NextCall();
  /** Ends the keys when the call is over. */
  #over = new AbortController();

  /**
   * @param {ShadowRoot} root
   * @param {Around} around
   */
  constructor(root, { settings, views, devices, speaker, choices, emit, signal }) {
    this.root = root;
    this.settings = settings;
    this.views = views;
    this.choices = choices;
    this.emit = emit;
    const area = element(root, 'stage', HTMLElement);
    this.#stage = new Stage(root, area, signal);
    this.#focus = new Focus(root, element(root, 'call', HTMLElement), area);
    const spoken = element(root, 'announce', HTMLElement);
    this.#announcer = new Announcer((text) => (spoken.textContent = text));
    this.#complaints = new Complaints(root, () => this.#call, () => this.play());
    const announce = (/** @type {string} */ sentence) => this.#announcer.say(sentence);
    /** @type {(problem: string, way?: import('./own.js').Way) => void} */
    const complain = (problem, way) => {
      this.#complaints.problem(problem, way);
      this.#focus.keep();
    };
    this.controls = new Controls(root, signal);
    this.panels = new Panels(root, this.controls.more);
    this.own = new Own(devices, choices, {
      changed: () => {
        this.#paint();
        emit('sfu-devices', this.own.on);
      },
      complain,
      announce,
    });
    this.#buttons = new OwnButtons(root, this.own, announce);
    this.keys = new Keys(root, {
      act: (action) => this.views.state !== 'waiting' && actions.act(action),
      talk: (on) => void this.#buttons.talk(on),
    });
    new StatisticsPanel(root, this.panels, () => this.#running, announce);
    this.help = new Help(root, this.keys);
    this.chat = new ChatPanel(root, this.panels, announce, signal);
    this.company = new Company(root, {
      call: () => this.#running,
      announcer: this.#announcer,
      stage: this.#stage,
      panels: this.panels,
      more: this.controls.more,
      write: (participant) => this.chat.writeTo(participant),
      muted: (source, host) => this.#silenced(source, host),
      complain,
      signal,
    });
    this.comforts = new Comforts(root, {
      devices,
      speaker,
      own: this.own,
      stage: this.#stage,
      popup: this.controls.popup,
      announce,
      signal,
    });
    this.waitingRoom = new WaitingRoom(root, () => this.#running, announce);
    const link = () => settings.link;
    this.invitation = new Invitation(root, link, () => this.#running);
    new Invite(root, link, announce, (copied) => complain(copyByHand(copied)));
    this.#stage.addEventListener('blocked', () => this.#complaints.soundBlocked());
    this.#stage.addEventListener('view', () => this.#paintView());
    const actions = new Actions(root, {
      own: this.own,
      complaints: this.#complaints,
      stage: this.#stage,
      chat: this.chat,
      company: this.company,
      help: this.help,
      popup: this.controls.popup,
      announce,
    });
    this.#button('invite-others').onclick = () => {
      this.controls.popup.close(); // first, as for the help
      this.invitation.open();
    };
    this.#button('leave').onclick = () => void this.#call?.leave();
    addEventListener('pagehide', () => this.#call?.leaveNow(), { signal });
    addEventListener('online', () => this.#call?.retryNow(), { signal });
    this.#paintView();
  }

  /**
   * Join and stay until the call is over.
   * @param {import('./devices.js').DeviceProblem | null} problem that nobody has read yet
   * @returns {Promise<Call>} the call that is over
   */
  async join(problem) {
    const { room, token, socket } = this.settings;
    const call = this.#next.take(socket);
    this.#call = call;
    this.#complaints.begin();
    this.#over = new AbortController();
    this.keys.listen(this.#over.signal);
    this.own.enter(call);
    this.comforts.enter();
    if (problem) this.own.tell(problem);
    this.company.enter(call, this.choices.name);
    this.#buttons.begin();
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
    for (const event of ['participants', 'waiting', 'pictures', 'speakers', 'quality']) {
      call.addEventListener(event, () => this.#paint());
    }
    let watching = true;
    call.addEventListener('room', () => {
      this.own.allow();
      const blind = forbidden(call.may, 'subscribe');
      if (blind && watching) this.#complaints.problem(blind);
      watching = !blind;
      this.#paintBanner();
    });
    call.chat.addEventListener('messages', () => {
      this.emit('sfu-chat', { messages: call.chat.messages });
    });
    this.chat.enter(call);
    void call.join(room, this.choices.name, token);
    this.#paint();
    await over;
    this.#over.abort();
    this.#announcer.reset();
    this.comforts.leave();
    this.help.close();
    this.invitation.close();
    this.controls.popup.close();
    this.company.leave();
    this.panels.close();
    this.chat.leave();
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
    this.chat.repaint();
    this.company.repaint();
    this.waitingRoom.repaint();
    this.comforts.repaint();
    this.help.repaint();
    this.invitation.repaint();
  }

  /** Go on with every picture and sound, should they have stopped. */
  play() {
    this.#stage.playAll();
  }

  /** Somebody may join at any moment; may be called again and again. */
  warmUp() {
    this.#next.warmUp(this.settings.socket);
  }

  /** At once, without a word of the server. */
  end() {
    this.#next.end();
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

  /** @param {Call} call */
  #paintState(call) {
    const again = call.state === 'joined' && this.views.state === 'reconnecting';
    if (again) this.#announcer.say(t('call.reconnected')); // that it was lost the banner has said
    if (call.state === 'joining') this.views.show('joining');
    else if (call.state === 'waiting') this.views.show('waiting');
    else if (call.state === 'joined') this.views.show('call');
    else if (call.state === 'reconnecting') this.views.show('reconnecting');
    this.waitingRoom.show(call);
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
    const { name } = this.choices;
    this.company.show(call, {
      name,
      cameraOff: off.camera,
      microphoneOff: off.microphone,
      sharing: sharing.active,
    });
    this.#buttons.paint();
    element(this.root, 'alone', HTMLElement).hidden = call.state !== 'joined' || call.participants.size > 0;
    this.#focus.keep();
  }

  /** The button shows the view that it leads to. */
  #paintView() {
    const { large } = this.#stage;
    paintButton(this.#button('view'), large ? 'grid' : 'speaker', viewName(!large));
  }

  /**
   * @param {import('./company.js').Mutable} source that a host has switched off
   * @param {string | undefined} host their name, if they are still here
   */
  #silenced(source, host) {
    this.#buttons.silenced(source);
    this.own.silenced(source);
    this.#complaints.host(mutedSentence(source, host));
  }

  #paintBanner() {
    this.#complaints.paint();
    this.#focus.keep();
  }
}
