/** What we may show for a moment: six reactions, offered in a small box over the controls. */

import { REACTIONS } from '../sdk/events.js';
import { element } from './parts.js';
import { Popup } from './popup.js';
import { t } from './text.js';

/** @typedef {import('../sdk/messages.d.ts').Reaction} Reaction */

/** Drawn by the fonts of the system, as in what people write. @type {Record<Reaction, string>} */
export const GLYPHS = {
  'thumbs-up': '\u{1f44d}',
  heart: '\u2764\ufe0f',
  laugh: '\u{1f602}',
  wow: '\u{1f62e}',
  clap: '\u{1f44f}',
  party: '\u{1f389}',
};

export const REACTIONS_MARKUP = `
<div id="reactions" class="popup card reactions" part="menu" role="menu" data-label="reactions.open"
  hidden></div>`;

export class Reactions {
  #box;
  #button;

  /**
   * @param {ShadowRoot} root
   * @param {HTMLElement} fallback gets the focus back where the button is not seen
   * @param {(reaction: Reaction) => void} react
   * @param {AbortSignal} signal ends it
   */
  constructor(root, fallback, react, signal) {
    this.#box = element(root, 'reactions', HTMLElement);
    this.#button = element(root, 'react', HTMLButtonElement);
    this.root = root;
    for (const reaction of REACTIONS) {
      const button = document.createElement('button');
      button.type = 'button';
      button.tabIndex = -1; // the arrows lead from one to the next
      button.setAttribute('role', 'menuitem');
      button.dataset.reaction = reaction;
      button.textContent = GLYPHS[reaction];
      button.addEventListener('click', () => react(reaction));
      this.#box.append(button);
    }
    this.#button.setAttribute('aria-haspopup', 'menu');
    this.#button.hidden = false;
    this.popup = new Popup(root, this.#button, this.#box, signal, fallback);
    this.#box.addEventListener('keydown', (event) => this.#move(event));
    this.repaint();
  }

  /** Another language is spoken. */
  repaint() {
    for (const button of this.#buttons) {
      const reaction = /** @type {Reaction} */ (button.dataset.reaction);
      const label = t(`reactions.name.${reaction}`);
      button.setAttribute('aria-label', label);
      button.title = label;
    }
  }

  get #buttons() {
    return [.../** @type {HTMLCollectionOf<HTMLButtonElement>} */ (this.#box.children)];
  }

  /** @param {KeyboardEvent} event */
  #move(event) {
    const buttons = this.#buttons;
    const now = buttons.findIndex((button) => button === this.root.activeElement);
    const next = neighbour(event.key, now, buttons.length, this.#box.matches(':dir(rtl)'));
    if (next === null) return;
    event.preventDefault();
    buttons[next]?.focus();
  }
}

/**
 * Where a key leads in a line of things: round about, and with the arrows as they are seen.
 * @param {string} key
 * @param {number} now
 * @param {number} count
 * @param {boolean} mirrored the line goes from right to left
 * @returns {number | null} null: nowhere
 */
export function neighbour(key, now, count, mirrored) {
  const right = mirrored ? -1 : 1;
  const step = { ArrowRight: right, ArrowLeft: -right, ArrowDown: 1, ArrowUp: -1 }[key];
  if (step !== undefined) return (now + step + count) % count;
  if (key === 'Home') return 0;
  return key === 'End' ? count - 1 : null;
}
