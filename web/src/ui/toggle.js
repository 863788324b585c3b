/** The round buttons; those of devices switch one off and on. */

import { icon } from './icons.js';

/** @typedef {import('./icons.js').IconName} IconName */

const LABELS = { microphone: 'Mute microphone', camera: 'Turn off camera' };

/**
 * `aria-pressed` says that the device is off; the label stays, or it would say so twice.
 * @param {HTMLButtonElement} button
 * @param {'microphone' | 'camera'} device
 * @param {boolean} off
 */
export function paintToggle(button, device, off) {
  paintButton(button, off ? `${device}-off` : device, LABELS[device]);
  button.setAttribute('aria-pressed', String(off));
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
