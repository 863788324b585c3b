/** Languages that nobody speaks, made from another one: they show what a page does not expect. */

/** @typedef {import('./texts.d.ts').Catalogue} Catalogue */
/** @typedef {import('./texts.d.ts').Text} Text */

/** German and Finnish need about this much more room than English. */
const LONGER = 0.4;

const PLAIN = 'aceginosuyzACEGINOSUYZ';
const ACCENTED = 'áçéğíñóšüýžÁÇÉĞÍÑÓŠÜÝŽ';
const ACCENTS = new Map([...PLAIN].map((letter, index) => [letter, [...ACCENTED][index] ?? '']));

/** Places stay as they are; all else is matched a letter, or a word, at a time. */
const LETTERS = /\{\w+\}|[A-Za-z]/g;
const WORDS = /\{\w+\}|[^\s{]+/g;

/** Show the letters that follow from right to left, up to the end of it. */
const [TURN, END] = ['\u202e', '\u202c'];

/**
 * Longer, with accents, between brackets: what is cut off, or was never translated, is seen.
 * @param {Catalogue} texts
 */
export function lengthened(texts) {
  return mapped(texts, (text) => {
    const more = '~'.repeat(Math.ceil(LONGER * text.length));
    const words = more.replace(/~{5}(?=~)/g, '~~~~~ '); // may be broken over lines, as words are
    return `[${text.replace(LETTERS, (letter) => ACCENTS.get(letter) ?? letter)} ${words}]`;
  });
}

/**
 * Longer, and written from right to left.
 * @param {Catalogue} texts
 */
export function mirrored(texts) {
  return mapped(lengthened(texts), (text) =>
    text.replace(WORDS, (word) => (word.startsWith('{') ? word : TURN + word + END)),
  );
}

/**
 * @param {Catalogue} texts
 * @param {(text: string) => string} change
 * @returns {Catalogue}
 */
function mapped(texts, change) {
  const all = Object.entries(texts).map(([key, text]) => [key, changed(text, change)]);
  return /** @type {Catalogue} */ (Object.fromEntries(all));
}

/**
 * @param {Text} text
 * @param {(text: string) => string} change
 * @returns {Text}
 */
function changed(text, change) {
  if (typeof text === 'string') return change(text);
  const forms = Object.entries(text).map(([form, each]) => [form, change(each ?? '')]);
  return /** @type {Text} */ (Object.fromEntries(forms));
}
