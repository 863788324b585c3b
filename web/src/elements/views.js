/** Which part of the element is seen, and that the focus goes along. */

import { element } from './parts.js';

/** @typedef {'idle' | 'prejoin' | 'joining' | 'waiting' | 'call' | 'reconnecting' | 'ended' | 'error'} View */

/** The part that a view is seen in. @type {Record<View, string>} */
const PARTS = {
  idle: '',
  prejoin: 'prejoin',
  joining: 'call',
  waiting: 'lobby',
  call: 'call',
  reconnecting: 'call',
  ended: 'notice',
  error: 'notice',
};

export class Views {
  /** @type {View} */
  state = 'idle';
  /** Why it is over: a code; empty before. */
  reason = '';

  /**
   * @param {ShadowRoot} root
   * @param {Promise<void>} ready all of it can be seen, and have the focus
   * @param {() => void} changed
   */
  constructor(root, ready, changed) {
    this.root = root;
    this.ready = ready;
    this.changed = changed;
  }

  /**
   * @param {View} view
   * @param {string} [reason]
   */
  show(view, reason = '') {
    if (view === this.state && reason === this.reason) return;
    const before = PARTS[this.state];
    const part = PARTS[view];
    this.state = view;
    this.reason = reason;
    element(this.root, 'views', HTMLElement).dataset.state = view;
    if (before && part && part !== before) {
      this.#focus(part);
      void this.ready.then(() => PARTS[this.state] === part && !this.root.activeElement && this.#focus(part));
    }
    this.changed();
  }

  /**
   * Else it would stay on a button that is not there any more. Nobody's focus is taken away who
   * works elsewhere in the page.
   * @param {string} part
   */
  #focus(part) {
    const { activeElement } = document;
    const ours = !activeElement || [document.body, this.root.host].includes(activeElement);
    if (ours) element(this.root, part, HTMLElement).focus({ preventScroll: true });
  }
}
