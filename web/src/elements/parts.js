/** The parts of a page or of a shadow root, found by their ids. */

/**
 * The element with that id.
 * @template {HTMLElement} T
 * @param {NonElementParentNode} root
 * @param {string} id
 * @param {new () => T} type
 * @returns {T}
 */
export function element(root, id, type) {
  const found = root.getElementById(id);
  if (!(found instanceof type)) throw new TypeError(`There is no ${type.name} #${id}`);
  return found;
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
