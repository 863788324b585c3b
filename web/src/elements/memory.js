/** What this browser remembers from one call to the next. */

/** The page may keep things of its own beside ours. */
const PREFIX = 'sfu-';

/** @param {string} key */
export function remembered(key) {
  try {
    return localStorage.getItem(PREFIX + key) ?? '';
  } catch {
    return ''; // storage is switched off
  }
}

/**
 * @param {string} key
 * @param {string} value
 */
export function remember(key, value) {
  try {
    localStorage.setItem(PREFIX + key, value);
  } catch {
    // Not remembering is no problem.
  }
}
