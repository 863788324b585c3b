import assert from 'node:assert/strict';
import test from 'node:test';

import { linked } from '../src/elements/links.js';

const linksOf = (text) => linked(text).filter(({ link }) => link).map((each) => each.text);

test('links are found, and the text around them stays', () => {
  assert.deepEqual(linked('see https://a.example/x?y=1#z and http://b.example\nbye'), [
    { text: 'see ', link: false },
    { text: 'https://a.example/x?y=1#z', link: true },
    { text: ' and ', link: false },
    { text: 'http://b.example', link: true },
    { text: '\nbye', link: false },
  ]);
  assert.deepEqual(linked(''), []);
});

test('nothing but http and https is a link', () => {
  const texts = [
    'javascript:alert(1)',
    'data:text/html,x',
    'ftp://a.example',
    'xhttps://a.example',
    'www.a.example',
    'https://',
    '<a href="//x">',
  ];
  for (const text of texts) assert.deepEqual(linked(text), [{ text, link: false }]);
});

test('the end of a sentence and its brackets are not part of a link', () => {
  assert.deepEqual(linksOf('Is it https://a.example/b?'), ['https://a.example/b']);
  assert.deepEqual(linksOf('(https://a.example/b).'), ['https://a.example/b']);
  assert.deepEqual(linksOf('https://a.example/b_(c)'), ['https://a.example/b_(c)']);
  assert.deepEqual(linksOf('"https://a.example", https://b.example;'), [
    'https://a.example',
    'https://b.example',
  ]);
  assert.deepEqual(linksOf('<https://a.example>'), ['https://a.example']);
});

test('a link that pretends to lead elsewhere is none', () => {
  assert.deepEqual(linksOf('https://bank.example@evil.example/'), []);
  assert.deepEqual(linksOf('https://a:b@evil.example/'), []);
  // Marks that turn the order of letters end a link.
  assert.deepEqual(linksOf('https://a.example/\u202egpj.exe'), ['https://a.example/']);
});

test('all parts together are the text, whatever it is', () => {
  const pieces = ['https://', 'a.example', '.', ')', '(', ' ', '\n', '<b>', '@', '💡', 'x', '\u202e'];
  let seed = 1;
  const next = () => (seed = (seed * 48271) % 0x7fffffff);
  for (let turn = 0; turn < 2000; turn += 1) {
    const text = Array.from({ length: next() % 9 }, () => pieces[next() % pieces.length]).join('');
    assert.equal(linked(text).map((part) => part.text).join(''), text);
  }
});
