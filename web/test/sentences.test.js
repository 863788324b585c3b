import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test, { afterEach } from 'node:test';

import {
  deviceProblem,
  initials,
  nameList,
  notice,
  tileLabel,
  trackLabel,
} from '../src/elements/sentences.js';
import { setLanguage } from '../src/elements/text.js';
import { roomOf } from '../src/app/start.js';

afterEach(() => setLanguage('en'));

test('initials are the first letters of the first and the last word', () => {
  assert.equal(initials('Ann'), 'A');
  assert.equal(initials('ann  van lovelace'), 'AL');
  assert.equal(initials('👩‍🚀 Zoë')[0], '👩'[0]);
  assert.equal(initials('  '), '?');
});

/** The codes of a table of the protocol's description. */
function documented(heading) {
  const page = readFileSync(new URL('../../docs/protocol.md', import.meta.url), 'utf8');
  const section = page.split(`\n## ${heading}\n`)[1].split('\n## ')[0];
  return [...section.matchAll(/^\| `([a-z-]+)` \|/gm)].map(([, code]) => code);
}

/** What the sdk joins again after by itself, or what only a broken client sees. */
const UNSEEN = ['media-lost', 'slow-reader'];

test('every end of a call has a title, a sentence and an action', () => {
  const ends = documented('Close codes').filter((code) => !UNSEEN.includes(code));
  const refusals = ['room-full', 'room-locked', 'room-not-found', 'server-full', 'server-busy', 'bad-token', 'draining', 'too-many-joins', 'too-many-from-address'];
  assert.ok(ends.length > 3);
  const unknown = notice('', '').title;
  for (const code of [...ends, ...refusals, 'unreachable', 'no-media']) {
    const { title, text, action } = notice(code, 'not this');
    assert.ok(title && text && action, code);
    assert.notEqual(title, unknown, code);
    assert.notEqual(text, 'not this', code);
  }
});

test('an end that is not known here is told with the words of the server, if they are read', () => {
  assert.equal(notice('something-new', 'The server says why.').text, 'The server says why.');
  for (const code of ['unknown', '__proto__', '']) assert.ok(notice(code, '').text, code);
  setLanguage('de');
  assert.doesNotMatch(notice('something-new', 'The server says why.').text, /says/);
});

test('nobody is asked to join again what is over for them', () => {
  for (const code of ['ended', 'removed', 'room-not-found']) {
    assert.equal(notice(code, '').does, 'new-call', code);
  }
  for (const code of ['left', 'room-full', 'no-media']) {
    assert.equal(notice(code, '').does, 'again', code);
  }
});

test('several people are listed, many are counted, in every language', () => {
  const six = ['Bob', 'Cy', '', 'Eve', 'Flo', 'Gus'];
  assert.deepEqual([nameList([]), nameList(['Bob'])], ['', 'Bob']);
  assert.equal(nameList(six.slice(0, 4)), 'Bob, Cy, Guest, and Eve');
  assert.equal(nameList(six), 'Bob, Cy, Guest, and 3 others');
  setLanguage('de');
  assert.equal(nameList(six.slice(0, 2)), 'Bob und Cy');
  assert.equal(nameList(six), 'Bob, Cy, Gast und 3 weitere Personen');
});

test('what a tile and a track are called says whose they are', () => {
  const labels = () => [
    tileLabel({ name: 'Ann', source: 'camera', self: true }),
    tileLabel({ name: '', source: 'screen', self: false }),
    trackLabel('screen-audio', 'Bob'),
    trackLabel('camera', null),
  ];
  assert.deepEqual(labels(), ['Ann (you)', "Guest's screen", "Bob's screen sound", 'Your camera']);
  setLanguage('de');
  assert.deepEqual(labels(), [
    'Ann (Sie)',
    'Bildschirm von Gast',
    'Ton des Bildschirms von Bob',
    'Ihre Kamera',
  ]);
});

test('a device problem names the device, and who is in the way', () => {
  const denied = { devices: ['camera'], name: 'NotAllowedError', message: 'Permission denied' };
  assert.match(deviceProblem(denied), /your camera.*address bar/);
  assert.match(deviceProblem({ ...denied, message: 'Permission denied by system' }), /system's/);
  const both = ['microphone', 'camera'];
  assert.match(
    deviceProblem({ devices: both, name: 'NotFoundError', message: '' }),
    /None was found/,
  );
  assert.match(deviceProblem({ devices: both, name: 'insecure', message: '' }), /https/);
  assert.match(deviceProblem({ devices: both, name: 'Odd', message: '' }), /could not start/);
  setLanguage('de');
  assert.match(deviceProblem({ ...denied, devices: both }), /Ihr Mikrofon und Ihre Kamera/);
});

test('the room is found in a link and in what was copied of it', () => {
  const id = 'NQF__p2N-x0NbUIDRMCEuUH7O1Vr';
  for (const text of [id, ` https://host/r/${id} `, `host/r/${id}/?name=Ann`, `/r/${id}#x`]) {
    assert.equal(roomOf(text), id, text);
  }
  for (const text of ['', 'https://host/', 'javascript:alert(1)', '/r/<b>']) {
    assert.equal(roomOf(text), '', text);
  }
});
