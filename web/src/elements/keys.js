/** The keys of a call: one letter each, and the space bar to talk while it is held. */

import { remember, remembered } from './memory.js';

/**
 * @typedef {'microphone' | 'camera' | 'share' | 'hand' | 'react' | 'people' | 'chat' | 'pin' | 'view'
 *   | 'fullscreen' | 'help'} Action
 */

/** @type {Record<string, Action>} */
export const KEYS = {
  m: 'microphone',
  v: 'camera',
  s: 'share',
  h: 'hand',
  r: 'react',
  p: 'people',
  c: 'chat',
  i: 'pin',
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
   * @param {ShadowRoot} root
   * @param {{act: (action: Action) => void, talk: (on: boolean) => void}} listener `talk`: the
   *   space bar went down, or up again
   */
  constructor(root, { act, talk }) {
    this.root = root;
    this.act = act;
    this.talk = talk;
  }

  /**
   * Listen to the page's keys: while there is a call to act on.
   * @param {AbortSignal} signal ends it
   */
  listen(signal) {
    document.addEventListener('keydown', (event) => this.#down(event), { signal });
    document.addEventListener('keyup', (event) => this.#up(event), { signal });
    addEventListener('blur', () => this.#release(), { signal });
    signal.addEventListener('abort', () => this.#release());
  }

  /** @param {KeyboardEvent} event */
  #down(event) {
    // Another call in the same page has taken it.
    if (!this.on || event.defaultPrevented || !isFree(event, this.root)) return;
    if (event.key === ' ') this.#space(event);
    const action = actionOf(event);
    if (!action) return;
    event.preventDefault();
    this.act(action);
  }

  /** @param {KeyboardEvent} event */
  #up(event) {
    if (event.key !== ' ' || !this.#talking) return;
    event.preventDefault(); // a button that was clicked before would be clicked again
    this.#release();
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
 * Whether a key is not meant for what has the focus: text that is typed, a dialog, another call, or
 * (the space bar) a button that was reached with the keyboard.
 * @param {KeyboardEvent} event
 * @param {ShadowRoot} root
 */
function isFree(event, root) {
  const dialogs = [root, document].some((each) => each.querySelector('dialog[open]'));
  if (event.isComposing || dialogs) return false;
  const path = event.composedPath().filter((each) => each instanceof Element);
  const { host } = root;
  const other = path.find((each) => each.localName === host.localName);
  if ((other && other !== host) || path.some((each) => each.matches(TYPING))) return false;
  return event.key !== ' ' || !path[0]?.matches('button:focus-visible, a:focus-visible, summary');
}
