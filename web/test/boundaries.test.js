import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import test from 'node:test';

import { MARKUP } from '../src/elements/template.js';

const SRC = new URL('../src/', import.meta.url);
const PAGE = readFileSync(new URL('../index.html', import.meta.url), 'utf8');
/** What a layer may know: itself and what is below. */
const LAYERS = {
  sdk: ['sdk'],
  elements: ['sdk', 'elements', '../vendor'],
  app: ['sdk', 'elements', 'app'],
  embed: ['sdk', 'elements', 'embed'],
};

for (const [layer, below] of Object.entries(LAYERS)) {
  const folder = new URL(`${layer}/`, SRC);
  const names = readdirSync(folder, { recursive: true }).filter((name) => name.endsWith('.js'));
  for (const name of names) {
    const file = new URL(name, folder);
    const text = readFileSync(file, 'utf8');
    const code = text.replace(/\/\*[^]*?\*\/|^\s*\/\/.*$/gm, '');
    test(`${layer}/${name} imports only from ${below.join(', ')}`, () => {
      const imports = [...code.matchAll(/\b(?:from|import)\s*\(?\s*'([^']*)'/g)];
      const types = [...text.matchAll(/\bimport\('([^']*)'\)/g)];
      for (const [, from] of [...imports, ...types]) {
        assert.match(from, /^\.\.?\/[\w./-]+\.(?:d\.ts|js)$/);
        const { href } = new URL(from, file);
        assert.ok(below.some((each) => href.startsWith(new URL(`${each}/`, SRC).href)), from);
      }
    });
    if (layer === 'sdk') {
      test(`sdk/${name} knows no page`, () => {
        assert.doesNotMatch(code, /\b(document|window|localStorage|HTML\w*Element)\b/);
      });
    }
  }
}

test('an element finds its parts in its own root, so that there may be two of them', () => {
  const folder = new URL('elements/', SRC);
  for (const name of readdirSync(folder).filter((each) => each.endsWith('.js'))) {
    const code = readFileSync(new URL(name, folder), 'utf8');
    assert.doesNotMatch(code, /document\.(getElementById|body\.dataset|fullscreenElement)/, name);
  }
});

test('no markup has an inline script or style, or something from elsewhere', () => {
  for (const markup of [PAGE, MARKUP]) {
    assert.doesNotMatch(markup, /<style|\sstyle=|\son[a-z]+=|<script(?![^>]*\ssrc=)/i);
    for (const [, address] of markup.matchAll(/\b(?:src|href)="([^"]*)"/g)) {
      assert.match(address, /^\/(src|styles|assets)\//);
    }
  }
});

test('every id stands once in the markup', () => {
  for (const markup of [PAGE, MARKUP]) {
    const ids = [...markup.matchAll(/\sid="([^"]*)"/g)].map(([, id]) => id);
    assert.deepEqual(ids, [...new Set(ids)]);
  }
});
