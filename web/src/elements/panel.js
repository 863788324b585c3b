/** The area beside the stage: at most one panel is open in it. */

import { element } from './parts.js';

/**
 * @typedef {object} Panel
 * @property {HTMLButtonElement} button opens and closes it; shown by being registered
 * @property {HTMLElement} element a `<section class="panel">` of the area, with a `data-close`
 *   button; `data-focus` marks what gets the focus, else it is that button
 * @property {() => void} [opened]
 * @property {() => void} [closed]
 */

export class Panels {
  /** @type {Map<string, Panel>} */
  #panels = new Map();
  /** The name of the open one; empty: none is. */
  open = '';

  /**
   * @param {ShadowRoot} root
   * @param {HTMLElement} fallback gets the focus back where the button is not seen
   */
  constructor(root, fallback) {
    this.root = root;
    this.fallback = fallback;
    this.area = element(root, 'panel', HTMLElement);
    element(root, 'call', HTMLElement).addEventListener('keydown', (event) => {
      if (event.key !== 'Escape' || event.defaultPrevented || event.isComposing || !this.open) return;
      event.preventDefault();
      this.close();
    });
  }

  /**
   * @param {string} name
   * @param {Panel} panel
   */
  register(name, panel) {
    this.#panels.set(name, panel);
    panel.element.hidden = true;
    panel.button.hidden = false;
    panel.button.setAttribute('aria-expanded', 'false');
    panel.button.addEventListener('click', () => this.toggle(name));
    closeButton(panel)?.addEventListener('click', () => this.close());
  }

  /** @param {string} name */
  toggle(name) {
    const panel = this.#panels.get(name);
    const opens = this.open !== name;
    this.#shut(!opens);
    if (!panel || !opens) return;
    this.open = name;
    this.area.hidden = false;
    panel.element.hidden = false;
    panel.button.setAttribute('aria-expanded', 'true');
    panel.opened?.();
    const first = panel.element.querySelector('[data-focus]');
    (first instanceof HTMLElement ? first : closeButton(panel))?.focus({ preventScroll: true });
  }

  close() {
    this.#shut(true);
  }

  /** @param {boolean} back whether a focus that was in it goes back to the button */
  #shut(back) {
    const panel = this.#panels.get(this.open);
    if (!panel) return;
    const { button } = panel;
    const inside = panel.element.contains(this.root.activeElement);
    this.open = '';
    this.area.hidden = true;
    panel.element.hidden = true;
    button.setAttribute('aria-expanded', 'false');
    panel.closed?.();
    if (!back || !inside) return;
    (button.getClientRects().length ? button : this.fallback).focus({ preventScroll: true });
  }
}

/**
 * @param {Panel} panel
 * @returns {HTMLButtonElement | null}
 */
function closeButton({ element: section }) {
  return section.querySelector('button[data-close]');
}
