/** The bar of buttons: what does not fit is in the menu, the least important first. */

import { element } from './parts.js';
import { Popup } from './popup.js';

/** What stays longest in the bar, by id. */
export const IMPORTANCE = [
  ...['microphone', 'camera', 'leave', 'more', 'chat-button', 'share', 'hand', 'people-button'],
  ...['react', 'view'],
];

export class Controls {
  /** @type {HTMLElement[]} the bar's, in their order: buttons, and the gaps between groups */
  #parts;
  /** @type {HTMLElement[]} what is always in the menu */
  #own;

  /**
   * @param {ShadowRoot} root
   * @param {AbortSignal} signal ends it
   */
  constructor(root, signal) {
    this.bar = element(root, 'controls', HTMLElement);
    this.menu = element(root, 'menu', HTMLElement);
    this.more = element(root, 'more', HTMLButtonElement);
    this.#parts = [.../** @type {HTMLCollectionOf<HTMLElement>} */ (this.bar.children)];
    this.#own = [.../** @type {HTMLCollectionOf<HTMLElement>} */ (this.menu.children)];
    this.popup = new Popup(root, this.more, this.menu, signal);
    const size = new ResizeObserver(() => this.arrange());
    size.observe(this.bar);
    signal.addEventListener('abort', () => size.disconnect());
    // A button is shown or hidden when it can be used or not.
    const shown = new MutationObserver(() => this.arrange());
    for (const part of this.#parts.filter((each) => each instanceof HTMLButtonElement)) {
      shown.observe(part, { attributes: true, attributeFilter: ['hidden'] });
    }
    signal.addEventListener('abort', () => shown.disconnect());
  }

  /** Move the buttons to where they fit. */
  arrange() {
    const width = this.bar.clientWidth;
    if (!width) return;
    const usable = this.#parts.filter((part) => part instanceof HTMLButtonElement && !part.hidden);
    const ranked = usable.toSorted((a, b) => IMPORTANCE.indexOf(a.id) - IMPORTANCE.indexOf(b.id));
    const kept = new Set(ranked.slice(0, fitting(width, usable.length)));
    const moved = usable.filter((part) => !kept.has(part));
    this.bar.classList.toggle('small', width < SPACIOUS);
    place(this.bar, this.#parts.filter((part) => !moved.includes(part)));
    place(this.menu, [...moved, ...this.#own]);
    // A gap before the first button of a group, but not before the first of all.
    let group = false;
    for (const part of this.#parts) {
      if (part instanceof HTMLButtonElement) group ||= !part.hidden;
      else [part.hidden, group] = [!group, false];
    }
  }
}

/** Below that the buttons are as small as fingers allow, and close; above it all have room. */
const SPACIOUS = 720;
/** In pixels, as in controls.css. */
const BUTTON = 44;
const GAP = 5;

/**
 * How many buttons fit in a bar: all of them, or as many as there is room for.
 * @param {number} width in pixels
 * @param {number} count of the buttons there are
 */
export function fitting(width, count) {
  if (width >= SPACIOUS) return count;
  return Math.min(count, Math.max(1, Math.floor((width + GAP) / (BUTTON + GAP))));
}

/**
 * Have these children in this order; what stays keeps the focus.
 * @param {HTMLElement} parent
 * @param {Element[]} wanted
 */
function place(parent, wanted) {
  for (const child of [...parent.children]) if (!wanted.includes(child)) child.remove();
  for (const [index, child] of wanted.entries()) {
    if (parent.children[index] !== child) parent.insertBefore(child, parent.children[index] ?? null);
  }
}
