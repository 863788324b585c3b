/** Links in what people write: found, and never more than they seem to be. */

/** @typedef {{text: string, link: boolean}} Part */

/** A link ends where one cannot go on, or where marks could show it as another one. */
const LINK = /\bhttps?:\/\/[^\s<>"\p{Cc}\p{Cf}]+/giu;
/** What belongs to the sentence around a link, not to the link. */
const AFTER = '.,;:!?\'’”»…*_';
/** A closing one belongs to a link only if it was opened there. */
const BRACKETS = ['()', '[]', '{}'];

/**
 * `text` in its order: what is a link, and what is not. All parts together are the text. Pure.
 * @param {string} text
 * @returns {Part[]}
 */
export function linked(text) {
  /** @type {Part[]} */
  const parts = [];
  let from = 0;
  for (const { 0: found, index } of text.matchAll(LINK)) {
    const link = withoutEnd(found);
    if (!isHonest(link)) continue;
    if (index > from) parts.push({ text: text.slice(from, index), link: false });
    parts.push({ text: link, link: true });
    from = index + link.length;
  }
  if (from < text.length) parts.push({ text: text.slice(from), link: false });
  return parts;
}

/** @param {string} found */
function withoutEnd(found) {
  // Counted once: a text of nothing but brackets is no reason to stand still.
  const unopened = BRACKETS.map(
    ([open, close]) => found.split(close).length - found.split(open).length,
  );
  let end = found.length;
  for (; end > 0; end -= 1) {
    const last = found.charAt(end - 1);
    const kind = BRACKETS.findIndex(([, close]) => close === last);
    const left = unopened[kind] ?? 0;
    if (left > 0) unopened[kind] = left - 1;
    else if (!AFTER.includes(last)) break;
  }
  return found.slice(0, end);
}

/**
 * Whether it leads where it seems to: `https://bank.example@elsewhere.example` does not.
 * @param {string} link
 */
function isHonest(link) {
  if (!URL.canParse(link)) return false;
  const { protocol, username, password } = new URL(link);
  return /^https?:$/.test(protocol) && !username && !password;
}
