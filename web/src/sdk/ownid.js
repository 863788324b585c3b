/** Names for what we send until the server has numbered it. */

/**
 * Unlikely to be anybody else's. (`crypto.randomUUID` would be, too, but not on pages without
 * https.)
 */
export function newId() {
  const [high = 0, low = 0] = crypto.getRandomValues(new Uint32Array(2));
  return `${high.toString(36)}-${low.toString(36)}`;
}
