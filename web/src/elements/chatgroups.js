/** Which messages stand together: of one person, of one minute, for the same ears. */

/** @typedef {import('../sdk/chat.js').ChatMessage} ChatMessage */

const MINUTE = 60_000;

/**
 * Whether `message` begins a group, and so says who wrote it and when. Pure.
 * @param {ChatMessage | undefined} before it
 * @param {ChatMessage} message
 */
export function begins(before, message) {
  if (!before) return true;
  const same = before.from === message.from && before.to === message.to && before.name === message.name;
  return !same || minute(before) !== minute(message);
}

/** @param {ChatMessage} message */
function minute({ at }) {
  return Math.floor(at.getTime() / MINUTE);
}
