/** Where one writes: the field, to whom, and how much room is left. */

import { Recipients } from './chatrecipients.js';
import { closedSentence, counter } from './chatsentences.js';
import { element, say } from './parts.js';
import { t } from './text.js';

/** @typedef {import('../sdk/chat.js').Chat} Chat */

/** A message that was not taken. @typedef {{text: string, to: string | null}} Returned */

/** Of an Enter that ends the writing of a word, not of a message; some browsers say no more. */
const COMPOSING = 229;

export class Composer {
  #form;
  #text;
  #send;
  #attach;
  #closed;
  #counter;
  #picker;
  #sendFiles;
  /** @type {Chat | null} */
  #chat = null;
  #forbidden = () => '';
  /** What was refused, until there is room for it in the field. @type {Returned[]} */
  #returned = [];
  #tooLong = false;

  /**
   * @param {ShadowRoot} root
   * @param {object} does
   * @param {(files: Iterable<File>, to: string | null) => void} does.sendFiles
   * @param {(sentence: string) => void} does.announce
   * @param {() => void} does.edited something was written or sent
   */
  constructor(root, { sendFiles, announce, edited }) {
    this.root = root;
    this.announce = announce;
    this.edited = edited;
    this.#sendFiles = sendFiles;
    this.#form = element(root, 'chat-form', HTMLFormElement);
    this.#text = element(root, 'chat-text', HTMLTextAreaElement);
    this.#send = element(root, 'chat-send', HTMLButtonElement);
    this.#attach = element(root, 'chat-attach', HTMLButtonElement);
    this.#closed = element(root, 'chat-closed', HTMLElement);
    this.#counter = element(root, 'chat-counter', HTMLElement);
    this.#picker = element(root, 'chat-files', HTMLInputElement);
    this.recipients = new Recipients(root, () => this.paint());
    this.#form.addEventListener('submit', (event) => {
      event.preventDefault();
      this.#submit();
    });
    this.#text.addEventListener('keydown', (event) => this.#key(event));
    this.#text.addEventListener('input', () => {
      this.edited();
      this.paint();
      this.#warn();
    });
    this.#attach.onclick = () => {
      if (this.open) this.#picker.click();
      else this.announce(this.#closed.textContent ?? '');
    };
    this.#picker.onchange = () => {
      this.sendFiles(this.#picker.files ?? []);
      this.#picker.value = ''; // the same file may be chosen again
    };
  }

  /**
   * @param {Chat | null} chat
   * @param {() => string} [forbidden] why the person may not write here; empty: they may
   */
  enter(chat, forbidden = () => '') {
    this.#chat = chat;
    this.#forbidden = forbidden;
    this.#returned = [];
    this.#text.value = '';
    this.recipients.clear();
    this.paint();
  }

  /** Whether there is a way, and somebody there: the draft stays in any case. */
  get open() {
    return Boolean(this.#chat?.open) && this.recipients.chosen.here && !this.#forbidden();
  }

  /**
   * Have a message that was refused again, to send it once more or to somebody else; what the
   * person writes meanwhile goes first.
   * @param {Returned} message
   */
  giveBack(message) {
    this.#returned.push(message);
    this.#takeBack();
    this.paint();
  }

  #takeBack() {
    if (this.#text.value.trim()) return;
    const message = this.#returned.shift();
    if (!message) return;
    this.recipients.choose(message.to);
    // A word for one person must not go to everybody because they have left.
    if (this.recipients.chosen.id !== message.to) this.recipients.lose(message.to);
    this.#text.value = message.text;
  }

  /** @param {Iterable<File>} files */
  sendFiles(files) {
    if (this.open) this.#sendFiles(files, this.recipients.chosen.id);
    this.edited();
  }

  focus() {
    this.#text.focus({ preventScroll: true });
  }

  paint() {
    const { name, id, here } = this.recipients.chosen;
    const state = this.#chat?.state ?? 'waiting';
    const gone = here ? '' : t('chat.recipient-left', { name });
    const forbidden = this.#forbidden();
    say(this.#closed, forbidden || closedSentence(state) || gone);
    this.#text.readOnly = Boolean(forbidden);
    this.#form.classList.toggle('forbidden', Boolean(forbidden));
    this.#form.classList.toggle('private', id !== null);
    const hint = id === null ? t('chat.hint') : t('chat.hint-private', { name });
    this.#text.placeholder = forbidden ? '' : hint;
    say(this.#counter, counter(this.#count, this.#limit));
    this.#counter.classList.toggle('over', this.#count > this.#limit);
    const ready = this.open && this.#text.value.trim() !== '' && this.#count <= this.#limit;
    this.#send.setAttribute('aria-disabled', String(!ready));
    this.#attach.setAttribute('aria-disabled', String(!this.open));
    this.#grow();
  }

  /** Nobody who only hears should write on in vain; a word at each letter helps nobody. */
  #warn() {
    const tooLong = this.#count > this.#limit;
    if (tooLong && !this.#tooLong) this.announce(counter(this.#count, this.#limit));
    this.#tooLong = tooLong;
  }

  get #limit() {
    return this.#chat?.limits.text ?? Infinity;
  }

  get #count() {
    return [...this.#text.value].length;
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
    if (event.keyCode === COMPOSING) return;
    event.preventDefault();
    this.#submit();
  }

  #submit() {
    const text = this.#text.value.trim();
    if (!text) return;
    if (!this.open || this.#count > this.#limit) {
      this.announce((this.open ? this.#counter : this.#closed).textContent ?? '');
      return;
    }
    this.edited();
    if (!this.#chat?.send(text, this.recipients.chosen.id)) return;
    this.#text.value = '';
    this.#takeBack();
    this.paint();
    this.focus();
  }

  /** As high as what is written; styles say how much at most. */
  #grow() {
    this.#text.style.height = 'auto';
    const { offsetHeight, clientHeight, scrollHeight } = this.#text;
    if (scrollHeight) this.#text.style.height = `${scrollHeight + offsetHeight - clientHeight}px`;
  }
}
