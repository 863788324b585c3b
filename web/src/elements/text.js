/** Every text that people read: found by its key, in the language of the page. */

import { de } from './language/de.js';
import { en } from './language/en.js';
import { lengthened, mirrored } from './language/pseudo.js';

/** @typedef {import('./language/texts.d.ts').Catalogue} Catalogue */
/** @typedef {import('./language/texts.d.ts').Key} Key */
/** @typedef {import('./language/texts.d.ts').Plain} Plain */
/** @typedef {import('./language/texts.d.ts').Value} Value */
/**
 * @template T
 * @typedef {import('./language/texts.d.ts').Values<T>} Values
 */

/**
 * @typedef {object} Language
 * @property {string} tag with its region, if one was asked for
 * @property {string} formats whose numbers, lists and times are used
 * @property {'ltr' | 'rtl'} direction
 * @property {Catalogue} texts
 */

/** @type {Language} */
const ENGLISH = { tag: 'en', formats: 'en', direction: 'ltr', texts: en };

let current = ENGLISH;

/** @type {Set<() => void>} */
const listeners = new Set();

/**
 * Speak the first of these languages that there is; English when there is none. `en-XA` (long) and
 * `ar-XB` (right to left) are made from English: they show what a page does with such languages.
 * @param {string | readonly string[]} tags BCP 47, the most wanted first
 */
export function setLanguage(tags) {
  const wanted = typeof tags === 'string' ? [tags] : tags;
  const found = wanted.map(languageOf).find((each) => each !== null) ?? ENGLISH;
  if (found.tag === current.tag) return;
  current = found;
  for (const listener of [...listeners]) listener();
}

/**
 * @param {string} tag
 * @returns {Language | null} null: there is none
 */
function languageOf(tag) {
  const name = canonical(tag);
  if (name === 'en-XA') return { ...ENGLISH, tag: name, texts: lengthened(en) };
  if (name === 'ar-XB') return { ...ENGLISH, tag: name, texts: mirrored(en), direction: 'rtl' };
  if (/^en\b/.test(name)) return { ...ENGLISH, tag: name, formats: name };
  if (/^de\b/.test(name)) return { tag: name, formats: name, direction: 'ltr', texts: de };
  return null;
}

/** @param {string} tag */
function canonical(tag) {
  try {
    return Intl.getCanonicalLocales(tag)[0] ?? '';
  } catch {
    return ''; // in an attribute or an address anything may stand
  }
}

/**
 * Every language that a person may choose, by its own name.
 * @returns {{tag: string, name: string}[]}
 */
export function languages() {
  const all = /** @type {[string, Catalogue][]} */ (Object.entries({ de, en }));
  return all.map(([tag, texts]) => ({ tag, name: String(texts['language.name']) }));
}

/** The tag of what is spoken, as for `<html lang>`, with its region if one was asked for. */
export function language() {
  return current.tag;
}

export function direction() {
  return current.direction;
}

/**
 * Have a function called whenever another language is spoken.
 * @param {() => void} listener
 * @returns {() => void} ends it
 */
export function onLanguage(listener) {
  listeners.add(listener);
  return () => void listeners.delete(listener);
}

/**
 * The text with that key. Values stand in its `{places}`; `count` chooses the plural form.
 * @template {Key} K
 * @param {K} key
 * @param {Values<(typeof en)[K]>} values
 * @returns {string}
 */
export function t(key, ...values) {
  return find(key, values[0] ?? {});
}

/**
 * Whether there is such a text, without places: for keys that are made of what a server says.
 * @param {string} key
 * @returns {key is Plain}
 */
export function isPlain(key) {
  if (!isKey(key)) return false;
  const text = en[key];
  return typeof text === 'string' && !text.includes('{');
}

/**
 * @param {string} key
 * @returns {key is Key}
 */
function isKey(key) {
  return Object.hasOwn(en, key);
}

/**
 * @param {string} key
 * @param {Record<string, Value>} values
 */
function find(key, values) {
  if (!isKey(key)) {
    if (typeof document === 'undefined') throw new RangeError(`No text has the key ${key}`);
    return key; // people are helped more by an odd word than by no page
  }
  const found = current.texts[key];
  const form = typeof found === 'string' ? found : (found[plural(values.count)] ?? found.other);
  return form.replace(/\{(\w+)\}/g, (place, name) => {
    const value = values[name];
    return value === undefined ? place : written(value);
  });
}

/** @param {Value | undefined} count */
function plural(count) {
  return new Intl.PluralRules(current.formats).select(Number(count));
}

/** @param {Value} value */
function written(value) {
  if (typeof value === 'number') return number(value);
  return typeof value === 'string' ? apart(value) : list(value);
}

/** Letters and marks that would change the order of the words around them. */
const TURNING = {
  ltr: /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\u200f\u202a-\u202e\u2066-\u2069]/,
  rtl: /[\p{L}\u200e\u202a-\u202e\u2066-\u2069]/u,
};

/**
 * A name written from the other side must not turn the sentence it stands in.
 * @param {string} value
 */
function apart(value) {
  return TURNING[current.direction].test(value) ? `\u2068${value}\u2069` : value;
}

/**
 * Several things in a sentence: `A, B and C`.
 * @param {readonly string[]} values
 */
export function list(values) {
  return new Intl.ListFormat(current.formats, { type: 'conjunction' }).format(values.map(apart));
}

/**
 * @param {number} value
 * @param {number} [digits] after the point
 */
export function number(value, digits = 0) {
  const options = { minimumFractionDigits: digits, maximumFractionDigits: digits };
  return new Intl.NumberFormat(current.formats, options).format(value);
}

const UNITS = ['byte', 'kilobyte', 'megabyte', 'gigabyte'];

/**
 * The size of a file.
 * @param {number} count of bytes
 */
export function bytes(count) {
  const step = Math.min(UNITS.length - 1, Math.floor(Math.log10(Math.max(count, 1)) / 3));
  const value = count / 1000 ** step;
  return new Intl.NumberFormat(current.formats, {
    style: 'unit',
    unit: UNITS[step],
    unitDisplay: step ? 'short' : 'long',
    maximumFractionDigits: step && value < 10 ? 1 : 0,
  }).format(value);
}

/**
 * The time of a day, to the minute.
 * @param {Date} date
 */
export function clock(date) {
  return new Intl.DateTimeFormat(current.formats, { timeStyle: 'short' }).format(date);
}

const DAY_MILLISECONDS = 24 * 60 * 60 * 1000;

/**
 * A day as people say it: today, yesterday, or its date.
 * @param {Date} date
 * @param {Date} now
 */
export function day(date, now) {
  const [then, today] = [date, now].map((each) => new Date(each).setHours(0, 0, 0, 0));
  // Days with a change of the clocks are shorter or longer.
  const days = Math.round(((then ?? 0) - (today ?? 0)) / DAY_MILLISECONDS);
  if (days === 0 || days === -1) {
    return new Intl.RelativeTimeFormat(current.formats, { numeric: 'auto' }).format(days, 'day');
  }
  return new Intl.DateTimeFormat(current.formats, { dateStyle: 'medium' }).format(date);
}

/**
 * Fill in the texts of our own markup: `data-text` names the text in an element, `data-label` that
 * of its label, `data-placeholder` what stands in an empty field.
 * @param {ParentNode} root
 */
export function localise(root) {
  for (const place of /** @type {NodeListOf<HTMLElement>} */ (root.querySelectorAll(MARKED))) {
    const { text, label, placeholder } = place.dataset;
    if (text) place.textContent = find(text, {});
    if (label) place.setAttribute('aria-label', find(label, {}));
    // A hint at the pointer helps where there is only an icon; over a whole area it would follow.
    if (label && place.matches('button, a')) place.title = find(label, {});
    if (placeholder) place.setAttribute('placeholder', find(placeholder, {}));
  }
}

const MARKED = '[data-text], [data-label], [data-placeholder]';
