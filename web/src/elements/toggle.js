/** The round buttons; those of devices switch one off and on. */

import { icon } from './icons.js';
import { t } from './text.js';

/** @typedef {import('./icons.js').IconName} IconName */

/**
 * `aria-pressed` says that the device is off; the label stays, or it would say so twice.
 * @param {HTMLButtonElement} button
 * @param {'microphone' | 'camera'} device
 * @param {boolean} off
 */
export function paintToggle(button, device, off) {
  paintButton(button, off ? `${device}-off` : device, t(device === 'camera' ? 'call.camera-off' : 'call.mute'));
  button.setAttribute('aria-pressed', String(off));
}

/**
 * After the button is painted: it is grey, and says why; pressing it says so aloud.
 * @param {HTMLButtonElement} button
 * @param {string} why empty: it can be used
 */
export function paintForbidden(button, why) {
  if (why) {
    button.setAttribute('aria-disabled', 'true');
    button.title = why;
  } else {
    button.removeAttribute('aria-disabled');
  }
}

/**
 * @param {HTMLButtonElement} button
 * @param {IconName} name
 * @param {string} label
 */
export function paintButton(button, name, label) {
  // An icon that is replaced between the press and the release of a pointer loses the click.
  if (button.dataset.icon !== name) {
    button.dataset.icon = name;
    button.replaceChildren(icon(name));
  }
  button.setAttribute('aria-label', label);
  button.title = label;
}
