/** What this browser remembers from one call to the next. */

/** @param {string} key */
export function remembered(key) {
  try {
    return localStorage.getItem(key) ?? '';
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
    localStorage.setItem(key, value);
  } catch {
    // Not remembering is no problem.
  }
}
