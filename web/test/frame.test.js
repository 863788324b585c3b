import assert from 'node:assert/strict';
import test from 'node:test';

import { NEWS, REQUESTS, isOrigin, readNews, readRequest, written } from '../src/embed/messages.js';
import { Reporter } from '../src/embed/reporter.js';

const BEA = { id: 'p2', name: 'Bea', role: 'member', hand: 0 };

/** Something of each kind that a field may be. */
const SAMPLES = {
  boolean: true,
  string: 'text',
  'string?': null,
  options: { name: 'Ann', theme: 'dark' },
  person: BEA,
  people: [BEA],
};
/** @returns {[string, object][]} a message of every type, with the fields of its shape */
const samples = (shapes) =>
  Object.entries(shapes).map(([type, shape]) => {
    const fields = Object.entries(shape).map(([field, kind]) => [field, SAMPLES[kind]]);
    return [type, { type, ...Object.fromEntries(fields) }];
  });

for (const [what, shapes, read] of [
  ['request', REQUESTS, readRequest],
  ['news', NEWS, readNews],
]) {
  for (const [type, message] of samples(shapes)) {
    test(`${what} ${type} is read as it was written, without what does not belong to it`, () => {
      assert.deepEqual(read({ ...written(message), more: 1 }), message);
    });

    test(`${what} ${type} is ignored when a field is missing or of another kind`, () => {
      for (const field of Object.keys(shapes[type])) {
        for (const wrong of [undefined, 7, [7], {}, { name: 7 }, [{ id: 'p2' }]]) {
          if (field === 'options' && wrong && !Object.keys(wrong).includes('name')) continue;
          assert.equal(read({ ...written(message), [field]: wrong }), null, `${field} ${wrong}`);
        }
      }
    });
  }
}

test('what is no message of this version is ignored', () => {
  const strange = [null, undefined, 'join', 7, [], {}, { type: 'join' }, { parley: 2, type: 'join' }];
  const unknown = ['jump', 'toString', '__proto__', 7].map((type) => ({ parley: 1, type }));
  for (const data of [...strange, { parley: '1', type: 'join' }, ...unknown]) {
    assert.equal(readRequest(data), null);
    assert.equal(readNews(data), null);
  }
});

test('an origin is one that browsers write, and never everybody', () => {
  for (const origin of ['https://www.example.org', 'http://localhost:8080', 'http://[::1]:8080']) {
    assert.ok(isOrigin(origin), origin);
  }
  const wrong = ['', '*', '/', 'null', 'https://example.org/', 'https://example.org:443'];
  for (const origin of [...wrong, 'https://Example.org', 'example.org', 'file://', 'https://']) {
    assert.ok(!isOrigin(origin), origin);
  }
});

// What the page around a frame is told.

class FakeElement extends EventTarget {
  state = 'idle';
  reason = '';
  call = null;
  devices = { microphone: true, camera: true };

  show(state, reason = '') {
    this.state = state;
    this.reason = reason;
    this.dispatchEvent(new Event('sfu-state'));
  }

  people(...people) {
    this.call.participants = new Map(people.map((each) => [each.id, { ...each, tracks: [] }]));
    this.dispatchEvent(new Event('sfu-participants'));
  }
}

function joined() {
  const element = new FakeElement();
  const told = [];
  new Reporter(element, (news) => told.push(news));
  element.call = Object.assign(new EventTarget(), {
    state: 'joined',
    you: 'p1',
    role: 'member',
    locked: false,
    participants: new Map([[BEA.id, { ...BEA, tracks: [] }]]),
    chat: { messages: [] },
  });
  element.show('joining');
  element.show('call');
  const news = () => told.splice(0);
  return { element, call: element.call, news };
}

test('whoever joins is told who is there, once', () => {
  const { element, news } = joined();
  assert.deepEqual(news(), [
    { type: 'state', state: 'joining', reason: '' },
    { type: 'state', state: 'call', reason: '' },
    { type: 'devices', microphone: true, camera: true },
    { type: 'room', role: 'member', locked: false },
    { type: 'joined', you: 'p1', participants: [BEA] },
  ]);
  element.show('reconnecting');
  element.show('call');
  assert.deepEqual(news().map(({ type }) => type), ['state', 'state']);
});

test('people come, change and go', () => {
  const { element, news } = joined();
  news();
  const carl = { ...BEA, id: 'p3', name: 'Carl' };
  element.people(BEA, carl);
  element.people(BEA, { ...carl, hand: 1 });
  element.people({ ...carl, hand: 1 });
  assert.deepEqual(news(), [
    { type: 'participant-joined', participant: carl },
    { type: 'participant-updated', participant: { ...carl, hand: 1 } },
    { type: 'participant-left', participant: BEA },
  ]);
});

test('only what is new is told of the chat, and only changes of what has one state', () => {
  const { element, call, news } = joined();
  news();
  const first = { from: 'p2', name: 'Bea', self: false, to: null, text: 'Hello' };
  const second = { ...first, to: 'p1', text: 'Psst' };
  call.chat.messages = [{ number: 4, ...first, at: new Date() }];
  element.dispatchEvent(new Event('sfu-chat'));
  call.chat.messages = [...call.chat.messages, { number: 5, ...second, at: new Date() }];
  element.dispatchEvent(new Event('sfu-chat'));
  element.dispatchEvent(new Event('sfu-devices'));
  element.devices = { microphone: false, camera: true };
  element.dispatchEvent(new Event('sfu-devices'));
  call.dispatchEvent(new Event('room'));
  call.role = 'host';
  call.dispatchEvent(new Event('room'));
  call.dispatchEvent(Object.assign(new Event('refused'), { code: 'too-fast' }));
  assert.deepEqual(news(), [
    { type: 'chat', ...first },
    { type: 'chat', ...second },
    { type: 'devices', microphone: false, camera: true },
    { type: 'room', role: 'host', locked: false },
    { type: 'refused', code: 'too-fast' },
  ]);
});

test('the end has a reason, and the next call begins anew', () => {
  const { element, call, news } = joined();
  news();
  element.show('ended', 'removed');
  call.participants = new Map();
  element.dispatchEvent(new Event('sfu-participants'));
  assert.deepEqual(news(), [
    { type: 'state', state: 'ended', reason: 'removed' },
    { type: 'left', reason: 'removed' },
  ]);
  element.call = Object.assign(new EventTarget(), call, { you: 'p9', participants: new Map() });
  element.show('call');
  assert.deepEqual(news().map(({ type }) => type), ['state', 'devices', 'room', 'joined']);
});
