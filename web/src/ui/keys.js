/** The keys of a call: one letter each, and the space bar to talk while it is held. */

import { remember, remembered } from './memory.js';

/** @typedef {'microphone' | 'camera' | 'share' | 'pin' | 'view' | 'fullscreen' | 'help'} Action */

/** @type {Record<string, Action>} */
export const KEYS = {
  m: 'microphone',
  v: 'camera',
  s: 'share',
  p: 'pin',
  g: 'view',
  f: 'fullscreen',
  '?': 'help',
};

const MEMORY = 'keys';
const TYPING = 'input, textarea, select, [contenteditable]:not([contenteditable="false"])';

/** @typedef {Pick<KeyboardEvent, 'key' | 'code' | 'ctrlKey' | 'metaKey' | 'altKey' | 'repeat'>} Pressed */

/**
 * What a key does; null: nothing of ours. On keyboards without Latin letters its place counts.
 * @param {Pressed} pressed
 * @returns {Action | null}
 */
export function actionOf({ key, code, ctrlKey, metaKey, altKey, repeat }) {
  if (ctrlKey || metaKey || altKey || repeat) return null;
  const foreign = key.length === 1 && key > '\u007f' && code.startsWith('Key');
  const letter = (foreign ? code.slice(3) : key).toLowerCase();
  return Object.hasOwn(KEYS, letter) ? (KEYS[letter] ?? null) : null;
}

export class Keys {
  /** Whether the keys do anything; the person may want them for something else. */
  on = remembered(MEMORY) !== 'off';
  #talking = false;

  /**
   * @param {() => boolean} active whether there is a call to act on
   * @param {(action: Action) => void} act
   * @param {(on: boolean) => void} talk the space bar went down, or up again
   */
  constructor(active, act, talk) {
    this.talk = talk;
    addEventListener('keydown', (event) => {
      if (!this.on || !active() || !isFree(event)) return;
      if (event.key === ' ') this.#space(event);
      const action = actionOf(event);
      if (!action) return;
      event.preventDefault();
      act(action);
    });
    addEventListener('keyup', (event) => {
      if (event.key !== ' ' || !this.#talking) return;
      event.preventDefault(); // a button that was clicked before would be clicked again
      this.#release();
    });
    addEventListener('blur', () => this.#release());
  }

  /** @param {boolean} on */
  set(on) {
    this.on = on;
    remember(MEMORY, on ? 'on' : 'off');
    this.#release();
  }

  /** @param {KeyboardEvent} event */
  #space(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    if (event.repeat || this.#talking) return;
    this.#talking = true;
    this.talk(true);
  }

  #release() {
    if (!this.#talking) return;
    this.#talking = false;
    this.talk(false);
  }
}

/**
 * Whether a key is not meant for what has the focus: text that is typed, a dialog, or (the space
 * bar) a button that was reached with the keyboard.
 * @param {KeyboardEvent} event
 */
function isFree({ target, key, isComposing }) {
  if (isComposing || document.querySelector('dialog[open]')) return false;
  if (!(target instanceof Element)) return true;
  if (target.closest(TYPING)) return false;
  return key !== ' ' || !target.matches('button:focus-visible, a:focus-visible, summary');
}
