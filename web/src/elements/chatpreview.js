/** The latest message over the stage, for a moment, while the chat is closed. */

import { privacy, senderName, shortened } from './chatsentences.js';
import { element } from './parts.js';

/** Long enough to be read; whoever is late sees the number at the button. */
const SECONDS = 6;

export class ChatPreview {
  #box;
  #name;
  #text;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;

  /**
   * @param {ShadowRoot} root
   * @param {() => void} chosen somebody wants to read more
   */
  constructor(root, chosen) {
    this.#box = element(root, 'chat-preview', HTMLElement);
    this.#name = element(root, 'chat-preview-name', HTMLElement);
    this.#text = element(root, 'chat-preview-text', HTMLElement);
    this.#box.onclick = chosen;
  }

  /** @param {import('../sdk/chat.js').ChatMessage} message */
  show(message) {
    this.#name.textContent = [senderName(message), privacy(message)].filter(Boolean).join(' · ');
    this.#text.textContent = shortened(message);
    this.#box.hidden = false;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.hide(), SECONDS * 1000);
  }

  hide() {
    clearTimeout(this.#timer);
    this.#box.hidden = true;
  }
}
