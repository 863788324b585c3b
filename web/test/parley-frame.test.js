import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';

const SERVER = 'https://calls.example.org';

// The page around: one iframe, and what it is posted.
const page = new EventTarget();
const iframes = [];
globalThis.location = new URL('https://www.example.org/call.html');
globalThis.addEventListener = (...listener) => page.addEventListener(...listener);
globalThis.document = {
  baseURI: location.href,
  createElement() {
    const posted = [];
    const contentWindow = { postMessage: (message, origin) => posted.push([message, origin]) };
    const iframe = { style: {}, contentWindow, posted, there: true };
    iframe.remove = () => (iframe.there = false);
    iframes.push(iframe);
    return iframe;
  },
};
const { ParleyFrame } = await import('../src/embed/parley-frame.js');

function embedded(options = {}) {
  const frame = new ParleyFrame({ append() {} }, { server: SERVER, room: 'room1', ...options });
  const { iframe } = frame;
  const say = (type, fields = {}, from = {}) => {
    const data = { parley: 1, type, ...fields };
    const event = { source: iframe.contentWindow, origin: SERVER, data, ...from };
    page.dispatchEvent(Object.assign(new Event('message'), event));
  };
  return { frame, iframe, say, posted: () => iframe.posted.splice(0) };
}

test('it needs nothing but the messages', () => {
  const code = readFileSync(new URL('../src/embed/parley-frame.js', import.meta.url), 'utf8');
  const imports = [...code.matchAll(/^import .* from '(.*)';$/gm)].map(([, from]) => from);
  assert.deepEqual(imports, ['./messages.js']);
});

test('the address has the room and our origin, and no secret', () => {
  const { iframe } = embedded({ name: 'Ann', token: 'secret' });
  assert.equal(iframe.src, `${SERVER}/embed/room1?origin=https%3A%2F%2Fwww.example.org`);
  for (const feature of ['camera', 'microphone', 'display-capture', 'autoplay', 'fullscreen']) {
    assert.ok(iframe.allow.split('; ').includes(feature), feature);
  }
});

test('a frame that is ready is started, and then asked what it was asked before', () => {
  const { frame, posted, say } = embedded({ name: 'Ann', token: 'secret', unknown: 'x' });
  frame.join();
  assert.deepEqual(posted(), []);
  say('ready');
  frame.mute('camera');
  frame.mute('camera', false);
  const bodies = [
    { type: 'start', options: { name: 'Ann', token: 'secret' } },
    { type: 'join' },
    { type: 'mute', source: 'camera', muted: true },
    { type: 'mute', source: 'camera', muted: false },
  ];
  assert.deepEqual(posted(), bodies.map((each) => [{ parley: 1, ...each }, SERVER]));
});

test('a frame that was loaded anew is started with the options of now', () => {
  const { frame, posted, say } = embedded({ theme: 'light' });
  say('ready');
  frame.set({ theme: 'dark' });
  posted();
  say('ready');
  assert.deepEqual(posted(), [[{ parley: 1, type: 'start', options: { theme: 'dark' } }, SERVER]]);
});

test('no more than fifty requests wait', () => {
  const { frame, posted, say } = embedded();
  for (let i = 0; i < 80; i += 1) frame.react('heart');
  say('ready');
  assert.equal(posted().length, 51);
});

test('what the frame says is kept, and told', () => {
  const { frame, say } = embedded();
  const told = [];
  for (const type of ['joined', 'participant-left', 'room', 'devices', 'left']) {
    frame.addEventListener(type, ({ detail }) => told.push([type, detail, frame.participants.size]));
  }
  const bea = { id: 'p2', name: 'Bea', role: 'member', hand: 0 };
  const carl = { ...bea, id: 'p3' };
  say('joined', { you: 'p1', participants: [bea] });
  say('participant-joined', { participant: carl });
  say('participant-left', { participant: bea });
  say('room', { role: 'host', locked: true });
  say('devices', { microphone: true, camera: false });
  say('state', { state: 'ended', reason: 'removed' });
  assert.deepEqual([...frame.participants.values()], [carl]);
  assert.deepEqual([frame.you, frame.role, frame.locked], ['p1', 'host', true]);
  say('left', { reason: 'removed' });
  assert.deepEqual([frame.you, frame.state, frame.reason], ['', 'ended', 'removed']);
  assert.deepEqual(told, [
    ['joined', { you: 'p1', participants: [bea] }, 1],
    ['participant-left', { participant: bea }, 1],
    ['room', { role: 'host', locked: true }, 1],
    ['devices', { microphone: true, camera: false }, 1],
    ['left', { reason: 'removed' }, 0],
  ]);
});

test('nobody else is listened to', () => {
  const { frame, posted, say } = embedded();
  say('ready', {}, { origin: 'https://evil.example' });
  say('ready', {}, { source: {} });
  say('ready', {}, { source: null });
  say('ready', { parley: 2 });
  say('room', { role: 'host', locked: 'yes' });
  assert.deepEqual(posted(), []);
  assert.equal(frame.role, 'member');
});

test('who hangs up has no frame any more, and is told once that the call is over', () => {
  const { frame, iframe, posted, say } = embedded();
  const told = [];
  frame.addEventListener('left', ({ detail }) => told.push(detail));
  say('ready');
  say('joined', { you: 'p1', participants: [] });
  posted();
  frame.hangup();
  frame.hangup();
  frame.join();
  say('left', { reason: 'left' });
  assert.deepEqual(told, [{ reason: 'left' }]);
  assert.equal(iframe.there, false);
});
