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

/** The part of the page that a view is seen in. */
const PARTS = {
  start: 'start',
  prejoin: 'prejoin',
  joining: 'call',
  call: 'call',
  reconnecting: 'call',
  ended: 'notice',
  error: 'notice',
};

/** @param {View} view */
export function show(view) {
  const { dataset } = document.body;
  const before = dataset.state;
  dataset.state = view;
  const part = PARTS[view];
  if (!before || before === 'loading' || part === PARTS[/** @type {View} */ (before)]) return;
  // Else the focus would stay on a button that is not there any more.
  element(part, HTMLElement).focus();
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
