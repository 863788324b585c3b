/** The calls that were started on this device: what makes their starter a host of them. */

import { remember, remembered } from '../elements/memory.js';

const MEMORY = 'hosting';
/** Who starts more calls than that comes back to the last ones. */
const MOST_ROOMS = 20;

/** @returns {unknown[][]} rooms and their tokens, the latest last */
function kept() {
  try {
    const all = JSON.parse(remembered(MEMORY) || '[]');
    return Array.isArray(all) ? all.filter((each) => Array.isArray(each)) : [];
  } catch {
    return []; // nothing of ours
  }
}

/**
 * @param {string} room
 * @param {string} token from the server; empty: it is worth nothing (any more)
 */
export function keepToken(room, token) {
  const others = kept().filter(([each]) => each !== room);
  const all = token ? [...others, [room, token]] : others;
  remember(MEMORY, JSON.stringify(all.slice(-MOST_ROOMS)));
}

/** @param {string} room */
export function tokenOf(room) {
  const found = kept().find(([each]) => each === room)?.[1];
  return typeof found === 'string' ? found : '';
}
