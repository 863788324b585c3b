/** Which part of the element is seen, and that the focus goes along. */

import { element } from './parts.js';

/** @typedef {'idle' | 'prejoin' | 'joining' | 'call' | 'reconnecting' | 'ended' | 'error'} View */

/** The part that a view is seen in. @type {Record<View, string>} */
const PARTS = {
  idle: '',
  prejoin: 'prejoin',
  joining: 'call',
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
   * @param {() => void} changed
   */
  constructor(root, changed) {
    this.root = root;
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
    // Else it would stay on a button that is not there any more. Nobody's focus is taken away who
    // works elsewhere in the page.
    const { activeElement } = document;
    const ours = !activeElement || [document.body, this.root.host].includes(activeElement);
    if (before && part && part !== before && ours) {
      element(this.root, part, HTMLElement).focus({ preventScroll: true });
    }
    this.changed();
  }
}
