/** A round button that switches a device off and on. */

import { icon } from './icons.js';

/** @typedef {import('./icons.js').IconName} IconName */

/**
 * `aria-pressed` says that the device is off; the label says what a click does.
 * @param {HTMLButtonElement} button
 * @param {'microphone' | 'camera'} device
 * @param {boolean} off
 */
export function paintToggle(button, device, off) {
  const label = off ? `Turn ${device} on` : `Turn ${device} off`;
  paintButton(button, off ? `${device}-off` : device, label);
  button.setAttribute('aria-pressed', String(off));
}

/**
 * @param {HTMLButtonElement} button
 * @param {IconName} name
 * @param {string} label
 */
export function paintButton(button, name, label) {
  button.replaceChildren(icon(name));
  button.setAttribute('aria-label', label);
  button.title = label;
}
