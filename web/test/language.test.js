import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import test from 'node:test';

import { de } from '../src/elements/language/de.js';
import { en } from '../src/elements/language/en.js';
import { lengthened, mirrored } from '../src/elements/language/pseudo.js';

const KEYS = Object.keys(en);
const formsOf = (text) => (typeof text === 'string' ? { other: text } : text);
const textsOf = (catalogue) => KEYS.flatMap((key) => Object.values(formsOf(catalogue[key])));

/** The names of all places in a text, whatever its form. */
function places(text) {
  const all = Object.values(formsOf(text)).join(' ');
  return [...new Set(all.match(/\{\w+\}/g))].sort();
}

test('every catalogue has the same keys', () => {
  for (const other of [de, lengthened(en), mirrored(en)]) {
    assert.deepEqual(Object.keys(other).sort(), [...KEYS].sort());
  }
});

test('every text has the same places in every language', () => {
  for (const other of [de, lengthened(en), mirrored(en)]) {
    for (const key of KEYS) assert.deepEqual(places(other[key]), places(en[key]), key);
  }
});

test('no text is empty, or has a brace that is no place', () => {
  for (const text of [...textsOf(en), ...textsOf(de)]) {
    assert.match(text, /\S/);
    assert.doesNotMatch(text.replace(/\{\w+\}/g, ''), /[{}]/);
    assert.equal(text, text.trim());
  }
});

test('what has forms has all of its language, and in the other language too', () => {
  for (const [tag, catalogue] of Object.entries({ en, de })) {
    const wanted = new Intl.PluralRules(tag).resolvedOptions().pluralCategories.sort();
    for (const key of KEYS) {
      assert.equal(typeof catalogue[key], typeof en[key], key);
      if (typeof catalogue[key] === 'string') continue;
      assert.deepEqual(Object.keys(catalogue[key]).sort(), wanted, `${tag} ${key}`);
    }
  }
});

test('nothing is left in English, and nobody is on first-name terms', () => {
  for (const key of KEYS) {
    for (const [form, text] of Object.entries(formsOf(de[key]))) {
      const same = text === formsOf(en[key])[form];
      if (same) assert.doesNotMatch(text.replace(/\{\w+\}/g, ''), /\p{L}{5}/u, key);
      assert.doesNotMatch(text, /(?<!\p{L})(du|dir|dich|dein\p{L}*)(?!\p{L})/iu, key);
    }
  }
});

test('what is made to be longer is longer, and has brackets and accents', () => {
  const [plain, long] = [textsOf(en), textsOf(lengthened(en))];
  for (const [index, text] of plain.entries()) {
    assert.ok(long[index].length >= 1.4 * text.length, text);
    assert.match(long[index], /^\[[^]* ~[~ ]*\]$/);
  }
  assert.equal(lengthened(en)['call.leave'], '[Léávé thé çáll ~~~~~ ~]');
});

test('what is made to go from right to left is longer too, and turned word by word', () => {
  const [plain, turned] = [textsOf(en), textsOf(mirrored(en))];
  for (const [index, text] of plain.entries()) {
    const seen = turned[index].replace(/[\u202c\u202e]/g, '');
    assert.ok(seen.length >= 1.4 * text.length, text);
    assert.doesNotMatch(turned[index].replace(/\u202e[^\s\u202c]+\u202c|\{\w+\}/g, ''), /\S/);
  }
});

// What is in the code.

/** @returns {{name: string, code: string, strings: string[]}[]} */
function sources(folder) {
  const here = new URL(`../src/${folder}/`, import.meta.url);
  const names = readdirSync(here).filter((name) => name.endsWith('.js'));
  return names.map((name) => {
    const all = readFileSync(new URL(name, here), 'utf8');
    const strings = [];
    const code = all.replace(COMMENTS_AND_STRINGS, (found) => {
      if (found.startsWith('/')) return '';
      strings.push(found);
      return found;
    });
    return { name: `${folder}/${name}`, code, strings };
  });
}
const COMMENTS_AND_STRINGS =
  /\/\*[^]*?\*\/|\/\/[^\n]*|'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\.|[^`\\])*`/g;

const SOURCES = [...sources('elements'), ...sources('app')];
const PAGE = readFileSync(new URL('../index.html', import.meta.url), 'utf8');
const ALL = [...SOURCES.map(({ code }) => code), PAGE].join('\n');

/** The keys that a template such as `statistics.of.${source}` can name. */
function pattern(template) {
  const parts = template.split(/\$\{[^}]*\}/).map((part) => part.replaceAll('.', '\\.'));
  return new RegExp(`^${parts.join('[a-z-]+')}$`);
}
const TEMPLATE = /`([a-z-]+\.(?:[a-z.-]|\$\{[^`}]*\})*)`/g;
const TEMPLATES = [...ALL.matchAll(TEMPLATE)].map(([, template]) => template);

test('every key in the code and in the markup is one of the catalogue', () => {
  const inCode = [...ALL.matchAll(/\bt\(\s*(['"])([^'"]*)\1/g)].map(([, , key]) => key);
  const inMarkup = [...ALL.matchAll(/\sdata-(?:text|label|placeholder)="([^"]*)"/g)];
  assert.ok(inCode.length > 20);
  for (const key of [...inCode, ...inMarkup.map(([, key]) => key)]) {
    assert.ok(KEYS.includes(key), key);
  }
  const inTemplates = [...ALL.matchAll(/\bt\(\s*`([^`]*)`/g)].map(([, template]) => template);
  for (const template of inTemplates) {
    assert.ok(KEYS.some((key) => pattern(template).test(key)), template);
  }
});

test('every key of the catalogue is used', () => {
  const words = new Set([...ALL.matchAll(/['"]([a-z.-]+)['"]/g)].map(([, word]) => word));
  const unused = KEYS.filter(
    (key) => !words.has(key) && !TEMPLATES.some((template) => pattern(template).test(key)),
  );
  assert.deepEqual(unused, []);
});

/** Names of keys and the like, which no person reads. */
const NO_TEXT = new Set(['Escape', 'Enter', 'Tab', 'Home', 'End', 'Delete', 'Space', 'Key', 'Files']);
const SENTENCE = /^\p{Lu}\p{Ll}+(?:[\s.,:!?…'’-]|$)/u;
/** Where a text goes: what follows must not be written there. */
const SINKS = [
  String.raw`\.(?:textContent|innerText|title|placeholder|ariaLabel|alt)\s*=`,
  String.raw`\bsetAttribute\(\s*'(?:aria-label|title|placeholder|alt)'\s*,`,
  String.raw`\b(?:say|announce|complain|alert)\((?:[^(),]*,)?`,
  String.raw`\bpaintButton\([^;]*?,[^;,]*,`,
  String.raw`\b(?:text|action|title):`,
];
const CHOICE = String.raw`\s*(?:[^;'"\x60(){},]*\?\s*)?`;
const WRITTEN = new RegExp(`(?:${SINKS.join('|')})${CHOICE}(['"\`])(?=[^'"\`]*\\p{L})`, 'gu');

for (const { name, code, strings } of SOURCES) {
  test(`${name} has no text of its own`, () => {
    // Errors are for those who read the code.
    const thrown = [...code.matchAll(/\bnew \w*Error\(((['"`])[^]*?\2)/g)];
    const errors = new Set(thrown.map(([, text]) => text));
    const [markup, others] = [true, false].map((wanted) =>
      strings.filter((each) => each.includes('</') === wanted && !errors.has(each)),
    );
    for (const each of markup) checkMarkup(each.slice(1, -1));
    const sentences = others.map((each) => each.slice(1, -1)).filter((each) => SENTENCE.test(each));
    assert.deepEqual(sentences.filter((each) => !NO_TEXT.has(each)), []);
    const written = [...code.matchAll(WRITTEN)].map(({ index }) => code.slice(index, index + 80));
    assert.deepEqual(written, []);
  });
}

/** All texts in markup come from the catalogue. @param {string} markup */
function checkMarkup(markup) {
  const own = markup.replace(/\$\{[^}]*\}/g, '');
  const texts = own.split(/<[^>]*>/).filter((text) => /\p{L}/u.test(text));
  assert.deepEqual(texts, []);
  assert.doesNotMatch(own, /\s(?:aria-label|title|placeholder|alt)="[^"]*\p{L}/u);
}

test('the page has no text but its name, and a word to those without scripts', () => {
  const page = PAGE.replace(/<!doctype[^>]*>|<noscript>[^]*?<\/noscript>|<!--[^]*?-->/gi, '');
  checkMarkup(page.replace(/>\s*Parley\s*</g, '><'));
});

test('names and texts of people are never taken for markup', () => {
  for (const { name, code } of SOURCES) {
    assert.doesNotMatch(code, /\b(?:innerHTML|outerHTML)\s*\+?=(?!\s*MARKUP\b)/, name);
    assert.doesNotMatch(code, /insertAdjacentHTML|document\.write|setHTML/, name);
    // The only markup there is: constant.
    for (const text of code.match(/`[^`]*<\/[^`]*`/g) ?? []) {
      const values = [...text.matchAll(/\$\{([^}]*)\}/g)].map(([, value]) => value);
      for (const value of values) assert.match(value, /^[A-Z_]+$/, name);
    }
  }
});
