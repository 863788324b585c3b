/** Outside: who waits to be let in reads how it stands, and may go. */

import { element } from './parts.js';
import { t } from './text.js';

/** @typedef {import('../sdk/call.js').Call} Call */

export class WaitingRoom {
  #text;
  /** @type {Call | null} the one that we wait for */
  #call = null;

  /**
   * @param {ShadowRoot} root
   * @param {() => Call | null} call that may be waited for
   * @param {(sentence: string) => void} announce
   */
  constructor(root, call, announce) {
    this.announce = announce;
    this.#text = element(root, 'lobby-text', HTMLElement);
    element(root, 'lobby-leave', HTMLButtonElement).onclick = () => void call()?.leave();
  }

  /** @param {Call} call whose state has changed */
  show(call) {
    const begins = !this.#call;
    this.#call = call.state === 'waiting' ? call : null;
    this.repaint();
    // The title has the focus by now. The text is a status, but changed before it could be seen.
    if (begins && this.#call) this.announce(lobbySentence(call.hosted));
  }

  /** Another language is spoken. */
  repaint() {
    if (!this.#call) return;
    const text = lobbySentence(this.#call.hosted);
    if (this.#text.textContent !== text) this.#text.textContent = text;
  }
}

/** @param {boolean | null} hosted whether a host is there; null: nobody hears us */
export function lobbySentence(hosted) {
  if (hosted === null) return t('lobby.lost');
  return t(hosted ? 'lobby.hosted' : 'lobby.unhosted');
}
