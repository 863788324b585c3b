/** The chat of a call: its panel and button, and what shows of it while it is closed. */

import { Composer } from './chatcomposer.js';
import { Drop } from './chatdrop.js';
import { ChatList } from './chatlist.js';
import { News } from './chatnews.js';
import { ChatPreview } from './chatpreview.js';
import { messageProblem } from './chatsentences.js';
import { Uploads } from './chatuploads.js';
import { Files } from './files.js';
import { forbidden } from './may.js';
import { element, say } from './parts.js';
import { t } from './text.js';
import { paintButton } from './toggle.js';

/** @typedef {import('../sdk/call.js').Call} Call */
/** @typedef {import('../sdk/events.js').RefusedEvent} RefusedEvent */

const NAME = 'chat';

export class ChatPanel {
  #button;
  #badge = document.createElement('span');
  #problem;
  #preview;
  /** @type {Call | null} */
  #call = null;
  /** Ends what listens to the call. */
  #over = new AbortController();
  /** Whether this call's chat has been open: what comes later is news. */
  #begun = false;

  /**
   * @param {ShadowRoot} root
   * @param {import('./panel.js').Panels} panels
   * @param {(sentence: string) => void} announce
   * @param {AbortSignal} signal ends it
   */
  constructor(root, panels, announce, signal) {
    this.panels = panels;
    this.announce = announce;
    this.#button = element(root, 'chat-button', HTMLButtonElement);
    this.#problem = element(root, 'chat-problem', HTMLElement);
    this.#badge.className = 'badge';
    this.#badge.setAttribute('aria-hidden', 'true');
    this.news = new News(announce);
    this.files = new Files(announce);
    this.list = new ChatList(root, this.files, signal);
    this.composer = new Composer(root, {
      sendFiles: (files, to) => this.files.send(files, to),
      announce,
      edited: () => say(this.#problem, ''),
    });
    this.uploads = new Uploads(root, { announce, emptied: () => this.composer.focus() });
    this.#preview = new ChatPreview(root, () => this.toggle());
    new Drop(root, {
      invite: () => this.#invitation(),
      send: (files) => this.composer.sendFiles(files),
    });
    panels.register(NAME, {
      button: this.#button,
      element: element(root, 'chat', HTMLElement),
      opened: () => this.#opened(),
    });
    this.#paintButton();
  }

  /** Open it, or close it. */
  toggle() {
    this.panels.toggle(NAME);
  }

  /** @param {string} participant to whom alone the next message goes */
  writeTo(participant) {
    this.composer.recipients.choose(participant);
    this.composer.paint();
    if (this.#isOpen) this.composer.focus();
    else this.toggle();
  }

  /** @param {Call} call that begins */
  enter(call) {
    this.#call = call;
    this.#begun = false;
    this.#over = new AbortController();
    const { signal } = this.#over;
    const { chat } = call;
    this.files.enter(chat);
    this.composer.enter(chat, () => forbidden(call.may, 'data'));
    const listen = (/** @type {string} */ type, /** @type {(event: Event) => void} */ listener) =>
      chat.addEventListener(type, listener, { signal });
    listen('messages', () => this.#read(call));
    listen('state', () => {
      this.#begun ||= chat.open;
      this.composer.paint();
    });
    listen('transfers', () => {
      this.files.look();
      this.uploads.paint(chat);
      this.list.repaintFiles();
    });
    listen('refused', (event) => {
      const { code, said } = /** @type {RefusedEvent} */ (event);
      if (said) this.composer.giveBack(said);
      say(this.#problem, messageProblem(code, chat.limits));
      this.announce(this.#problem.textContent ?? '');
    });
    const people = () => {
      this.composer.recipients.update(call.participants.values());
      this.composer.paint();
    };
    call.addEventListener('participants', people, { signal });
    call.addEventListener('room', () => this.composer.paint(), { signal });
    this.#paintButton();
  }

  /** The call is over. */
  leave() {
    this.#over.abort();
    this.#call = null;
    this.news.reset();
    this.#preview.hide();
    this.files.enter(null);
    this.composer.enter(null);
    this.list.clear();
    this.uploads.clear();
    say(this.#problem, '');
    this.#paintButton();
  }

  /** Another language is spoken. */
  repaint() {
    this.#paintButton();
    this.composer.recipients.repaint();
    this.composer.paint();
    this.list.clear();
    this.uploads.clear();
    if (!this.#call) return;
    this.list.paint(this.#call);
    this.uploads.paint(this.#call.chat);
  }

  get #isOpen() {
    return this.panels.open === NAME;
  }

  #opened() {
    this.news.read();
    this.#preview.hide();
    this.#paintButton();
    this.list.toEnd();
    this.composer.paint();
  }

  /** @param {Call} call */
  #read(call) {
    const { messages } = call.chat;
    this.list.paint(call);
    if (this.#begun) {
      const latest = this.news.take(messages, this.#isOpen);
      if (latest && !this.#isOpen) this.#preview.show(latest);
    } else {
      this.news.recall(messages, this.#isOpen);
    }
    this.#paintButton();
  }

  #paintButton() {
    const { unread } = this.news;
    const label = unread ? t('chat.button-new', { count: unread }) : t('chat.title');
    paintButton(this.#button, 'chat', label);
    this.#badge.textContent = unread > 99 ? '99+' : String(unread);
    this.#badge.hidden = unread === 0;
    if (this.#badge.parentElement !== this.#button) this.#button.append(this.#badge);
  }

  /** What is said to whoever holds files over the chat. */
  #invitation() {
    if (!this.composer.open) return '';
    const { id, name } = this.composer.recipients.chosen;
    return id === null ? t('chat.drop') : t('chat.drop-private', { name });
  }
}
