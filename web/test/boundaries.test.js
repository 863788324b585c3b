import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import test from 'node:test';

const SDK = new URL('../src/sdk/', import.meta.url);
const PAGE = readFileSync(new URL('../index.html', import.meta.url), 'utf8');

for (const file of readdirSync(SDK).filter((name) => name.endsWith('.js'))) {
  const code = readFileSync(new URL(file, SDK), 'utf8').replace(/\/\*[^]*?\*\/|\/\/.*/g, '');
  test(`sdk/${file} knows no page and imports only its neighbours`, () => {
    assert.doesNotMatch(code, /\b(document|window|localStorage|HTML\w*Element)\b/);
    for (const [, from] of code.matchAll(/\bimport\b[^']*'([^']*)'/g)) {
      assert.match(from, /^\.\/[a-z_]+\.js$/);
    }
  });
}

test('the page has no inline script or style, and nothing from elsewhere', () => {
  assert.doesNotMatch(PAGE, /<style|\sstyle=|\son[a-z]+=|<script(?![^>]*\ssrc=)/i);
  for (const [, address] of PAGE.matchAll(/\b(?:src|href)="([^"]*)"/g)) {
    assert.match(address, /^\/(src|styles|assets)\//);
  }
});
