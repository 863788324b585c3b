import assert from 'node:assert/strict';
import test, { afterEach } from 'node:test';

import {
  bytes,
  clock,
  direction,
  isPlain,
  language,
  languages,
  list,
  localise,
  number,
  onLanguage,
  setLanguage,
  t,
} from '../src/elements/text.js';

afterEach(() => {
  setLanguage('en');
  delete globalThis.document;
});

/** What is spoken when these are asked for. */
function spoken(...tags) {
  setLanguage(tags);
  return language();
}

test('the first language that there is a catalogue of is spoken, English else', () => {
  assert.equal(spoken('de'), 'de');
  assert.equal(spoken('de-AT', 'en'), 'de-AT');
  assert.equal(spoken('fr-CA', 'DE-ch', 'en'), 'de-CH');
  assert.equal(spoken('en-gb', 'de'), 'en-GB');
  for (const tag of ['fr', '', 'ar', 'den', 'english', 'not a tag', '-', 'de_DE', '<b>']) {
    assert.equal(spoken(tag), 'en', tag);
  }
  assert.equal(spoken(), 'en');
});

test('whoever may choose sees every language by its own name, and none that nobody speaks', () => {
  setLanguage('de');
  assert.deepEqual(languages(), [
    { tag: 'de', name: 'Deutsch' },
    { tag: 'en', name: 'English' },
  ]);
  for (const { tag } of languages()) assert.equal(spoken(tag), tag);
});

test('a text is in the language that is spoken', () => {
  assert.equal(t('call.leave'), 'Leave the call');
  setLanguage('de');
  assert.equal(t('call.leave'), 'Anruf verlassen');
});

test('values stand in their places, numbers as people write them', () => {
  assert.equal(t('page.next', { page: 2, pages: 1234 }), 'Next people: this is page 2 of 1,234');
  setLanguage('de');
  const german = 'Weitere Personen: Das ist Seite 2 von 1.234';
  assert.equal(t('page.next', { page: 2, pages: 1234 }), german);
});

test('a value is never taken for a place or a pattern', () => {
  assert.equal(t('tile.self', { name: '{name} $& $1' }), '{name} $& $1 (you)');
  assert.equal(t('tile.self', { name: '<b>' }), '<b> (you)');
});

test('the count chooses the form', () => {
  assert.equal(t('people.here', { names: ['Bob'], count: 1 }), 'Bob is here.');
  assert.equal(t('people.here', { names: ['Bob', 'Cy'], count: 2 }), 'Bob and Cy are here.');
  setLanguage('de');
  assert.equal(t('people.here', { names: ['Bob'], count: 1 }), 'Bob ist da.');
  assert.equal(t('people.here', { names: ['Bob', 'Cy'], count: 2 }), 'Bob und Cy sind da.');
});

test('a list is written as its language does, and its region', () => {
  assert.equal(list([]), '');
  assert.equal(list(['A', 'B', 'C']), 'A, B, and C');
  setLanguage('en-GB');
  assert.equal(list(['A', 'B', 'C']), 'A, B and C');
  setLanguage('de');
  assert.equal(list(['A', 'B', 'C']), 'A, B und C');
});

test('numbers, sizes and times are those of the region', () => {
  const date = new Date(2026, 10, 21, 14, 5);
  setLanguage('en-US');
  assert.equal(number(1234.56, 1), '1,234.6');
  assert.deepEqual([bytes(999), bytes(1_440_000)], ['999 bytes', '1.4 MB']);
  assert.match(clock(date), /^2:05\sPM$/);
  setLanguage('en-GB');
  assert.equal(clock(date), '14:05');
  setLanguage('de');
  assert.deepEqual([number(1234.56, 1), bytes(1_440_000)], ['1.234,6', '1,4 MB']);
  assert.equal(clock(date), '14:05');
});

test('a size has the unit that fits', () => {
  const sizes = [0, 1, 1000, 9_940, 50_000_000, 3_000_000_000, 5e15];
  assert.deepEqual(sizes.map(bytes), [
    '0 bytes',
    '1 byte',
    '1 kB',
    '9.9 kB',
    '50 MB',
    '3 GB',
    '5,000,000 GB',
  ]);
});

test('a name from the other side, or with turning marks, does not turn the sentence', () => {
  assert.equal(t('tile.self', { name: 'דנה' }), '\u2068דנה\u2069 (you)');
  assert.equal(t('tile.self', { name: 'a\u202eb' }), '\u2068a\u202eb\u2069 (you)');
  assert.equal(list(['Bob', 'دانا']), 'Bob and \u2068دانا\u2069');
  assert.equal(t('tile.self', { name: 'Zoë 李' }), 'Zoë 李 (you)');
  setLanguage('ar-XB');
  assert.match(t('tile.self', { name: 'Bob' }), /\u2068Bob\u2069/);
});

test('only one language goes from right to left', () => {
  const directions = ['en', 'de', 'en-XA', 'ar-XB'].map((tag) => {
    setLanguage(tag);
    return [language(), direction()];
  });
  assert.deepEqual(directions, [
    ['en', 'ltr'],
    ['de', 'ltr'],
    ['en-XA', 'ltr'],
    ['ar-XB', 'rtl'],
  ]);
});

test('a wrong key throws in tests, and is shown in a page', () => {
  assert.throws(() => t('call.nonsense'), /call\.nonsense/);
  assert.throws(() => t('constructor'), RangeError);
  globalThis.document = {};
  assert.equal(t('call.nonsense'), 'call.nonsense');
});

test('a key made of what a server says is checked first', () => {
  assert.equal(isPlain('notice.left.title'), true);
  assert.equal(isPlain('notice.<b>.title'), false);
  assert.equal(isPlain('toString'), false);
  assert.equal(isPlain('people.here'), false, 'it needs a count');
  assert.equal(isPlain('tile.self'), false, 'it needs a name');
});

test('whoever listens hears of another language, once, until the end', () => {
  const heard = [];
  const end = onLanguage(() => heard.push(language()));
  setLanguage('de');
  setLanguage(['fr', 'de']);
  setLanguage('en-XA');
  end();
  setLanguage('en');
  assert.deepEqual(heard, ['de', 'en-XA']);
});

/** A stand-in for an element with these `data-`s. */
function place(name, dataset) {
  const attributes = {};
  return {
    dataset,
    attributes,
    textContent: 'before',
    matches: (selector) => selector.split(', ').includes(name),
    setAttribute: (key, value) => (attributes[key] = value),
  };
}

test('markup is filled with the texts it names, and only where it does', () => {
  const heading = place('h1', { text: 'prejoin.title' });
  const button = place('button', { label: 'call.leave' });
  const area = place('div', { label: 'call.people' });
  const field = place('input', { placeholder: 'prejoin.name-hint' });
  setLanguage('de');
  localise({ querySelectorAll: () => [heading, button, area, field] });
  assert.deepEqual([heading.textContent, heading.attributes], ['Bereit für den Anruf?', {}]);
  assert.deepEqual([button.textContent, button.title], ['before', 'Anruf verlassen']);
  assert.deepEqual(button.attributes, { 'aria-label': 'Anruf verlassen' });
  assert.deepEqual([area.attributes, area.title], [{ 'aria-label': 'Personen' }, undefined]);
  assert.deepEqual(field.attributes, { placeholder: 'Diesen Namen sehen die anderen' });
});
