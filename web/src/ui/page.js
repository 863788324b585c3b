/** The parts of the one HTML page, found once. */

/**
 * The element with that id.
 * @template {HTMLElement} T
 * @param {string} id
 * @param {new () => T} type
 * @returns {T}
 */
export function element(id, type) {
  const found = document.getElementById(id);
  if (!(found instanceof type)) throw new TypeError(`The page has no ${type.name} #${id}`);
  return found;
}

/** @typedef {'start' | 'prejoin' | 'joining' | 'call' | 'reconnecting' | 'ended' | 'error'} View */

/** @param {View} view */
export function show(view) {
  document.body.dataset.state = view;
}

/** @param {string} text for screen readers */
export function announce(text) {
  element('announce', HTMLElement).textContent = text;
}

/**
 * Say something in place, or hide the place.
 * @param {HTMLElement} place
 * @param {string} text
 */
export function say(place, text) {
  place.textContent = text;
  place.hidden = !text;
}
