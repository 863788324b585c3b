import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import test from 'node:test';

import { NEWS, OPTIONS, REQUESTS } from '../src/embed/messages.js';

globalThis.HTMLElement = class {};
globalThis.customElements = { define() {} };
globalThis.localStorage ??= { getItem: () => null, setItem() {} };
const sdk = await import('../src/sdk/index.js');
const { SfuCall } = await import('../src/elements/sfu-call.js');
const { ParleyFrame } = await import('../src/embed/parley-frame.js');

const read = (path) => readFileSync(new URL(path, import.meta.url), 'utf8');
const DOCS = read('../../docs/embedding.md');
const sources = (folder, ending) =>
  readdirSync(new URL(folder, import.meta.url))
    .filter((name) => name.endsWith(ending))
    .map((name) => read(`${folder}${name}`))
    .join('\n');
const ELEMENTS = sources('../src/elements/', '.js');
const STYLES = sources('../styles/', '.css');

/** What stands below a heading. */
function section(title) {
  const found = new RegExp(`^#+ ${title}$\\n([^]*?)(?=^#+ |(?![^]))`, 'm').exec(DOCS);
  assert.ok(found, title);
  return found[1];
}

/** The names in the first column of its table, without what stands in brackets. */
function listed(title) {
  const cells = section(title).matchAll(/^\| (`[^|]*) \|/gm);
  const names = [...cells].flatMap(([, cell]) => [...cell.matchAll(/`([^`(]+)(?:\([^`]*\))?`/g)]);
  return names.map(([, name]) => name).sort();
}

/** What the first brackets of `pattern` find in a text, once each. */
function all(text, pattern) {
  return [...new Set([...text.matchAll(pattern)].map(([, name]) => name))].sort();
}

/** What everybody may use of a class: nothing that it has from another. */
function members(type, { methods = true, properties = true } = {}) {
  const found = Object.entries(Object.getOwnPropertyDescriptors(type.prototype));
  return found
    .filter(([name]) => name !== 'constructor' && !name.endsWith('Callback'))
    .filter(([, { value }]) => (value ? methods : properties))
    .map(([name]) => name)
    .sort();
}

/** The fields that a class declares, with a line for each. */
const fields = (path) => all(read(path), /^ {2}([a-z]\w*)(?: =|;)/gm);

test('the attributes of the element are those that it reads', () => {
  const settings = read('../src/elements/settings.js') + read('../src/elements/sfu-call.js');
  const styled = all(STYLES, /:host\(\[(\w+)=/g);
  const got = all(settings, /host\.(?:get|has)Attribute\('(\w+)'\)/g);
  const wanted = new Set([...SfuCall.observedAttributes, ...got, ...styled]);
  assert.deepEqual(listed('Attributes'), [...wanted].sort());
});

test('the properties, methods and events of the element are those that it has', () => {
  assert.deepEqual(listed('Properties and methods'), members(SfuCall));
  assert.deepEqual(listed('Events'), all(ELEMENTS, /\bemit\('(sfu-[a-z-]+)'/g));
});

test('the custom properties and parts are those of the styles and the markup', () => {
  assert.deepEqual(listed('Custom properties'), all(STYLES, /var\((--sfu-[a-z-]+)/g));
  assert.deepEqual(listed('Parts'), all(ELEMENTS, /\bpart(?:="|', ')([a-z -]+)["']/g));
});

test('the head of the element names the same', () => {
  const [head] = read('../src/elements/sfu-call.js').split('*/');
  const names = all(head, /`([a-z-]+)(?:="[a-z]+")?`/g);
  for (const title of ['Attributes', 'Events', 'Parts']) {
    for (const name of listed(title)) assert.ok(names.includes(name), name);
  }
});

test('the exports of the library are those that it has', () => {
  assert.deepEqual(listed('What the library exports'), Object.keys(sdk).sort());
});

test('the properties and methods of a Call are those that it has', () => {
  const own = fields('../src/sdk/call.js');
  const properties = [...members(sdk.Call, { methods: false }), ...own].sort();
  assert.deepEqual(listed('Properties of a Call'), properties);
  const classes = [sdk.Call, Object.getPrototypeOf(sdk.Call)]; // and the requests it extends
  const methods = classes.flatMap((each) => members(each, { properties: false }));
  assert.deepEqual(listed('Methods of a Call'), methods.sort());
});

test('the events of a Call are those that it has', () => {
  const call = read('../src/sdk/call.js');
  const [, changes] = /typedef \{([^}]*)\} Change\b/.exec(read('../src/sdk/roster.js')) ?? [];
  const wanted = [
    ...all(call, /new Event\('(\w+)'\)/g),
    ...all(changes ?? '', /'(\w+)'/g),
    ...all(read('../src/sdk/events.js'), /super\('(\w+)'\)/g), // those that carry something
  ];
  assert.deepEqual(listed('Events of a Call'), [...new Set(wanted)].sort());
});

test('the members of the chat are those that it has', () => {
  const inner = ['attach', 'detach'];
  const own = [...members(sdk.Chat), ...fields('../src/sdk/chat.js')];
  const wanted = own.filter((name) => !inner.includes(name)).sort();
  assert.deepEqual(listed('Members of call.chat'), wanted);
});

test('the codes are those of the library, with their meanings', () => {
  const rows = [...section('Codes').matchAll(/^\| `([a-z-]+)` \| (yes|no) \| (\w+) \|$/gm)];
  const codes = rows.map(([, code, fatal, retry]) => [code, { fatal: fatal === 'yes', retry }]);
  assert.deepEqual(Object.fromEntries(codes), { ...sdk.CODES });
});

test('the options, properties, methods and events of a frame are those that it has', () => {
  const named = all(section('Options of a ParleyFrame'), /`(\w+)`/g);
  assert.deepEqual(named, [...OPTIONS, 'server', 'room'].sort());
  assert.deepEqual(listed('Properties of a ParleyFrame'), fields('../src/embed/parley-frame.js'));
  assert.deepEqual(listed('Methods of a ParleyFrame'), members(ParleyFrame));
  assert.deepEqual(listed('Events of a ParleyFrame'), Object.keys(NEWS).sort());
  const [head] = read('../src/embed/parley-frame.js').split('*/');
  for (const type of Object.keys(NEWS)) assert.ok(head.includes(`\`${type}\``), type);
});

test('what an event of a frame carries is what its message has', () => {
  const rows = [...section('Events of a ParleyFrame').matchAll(/^\| (`[^|]*) \| (.*) \|$/gm)];
  for (const [, types, text] of rows) {
    const carried = (/^`\{ ([^}]*) \}`/.exec(text)?.[1] ?? '').split(', ').filter(Boolean);
    for (const type of all(types, /`([^`]+)`/g)) assert.deepEqual(carried, Object.keys(NEWS[type]), type);
  }
});

test('the requests are those that there are', () => {
  const requests = /Requests into the frame: ([^.]*)\./.exec(section('The messages'))?.[1] ?? '';
  assert.deepEqual(all(requests, /`([a-z-]+)`/g), Object.keys(REQUESTS).sort());
});

test('a frame is allowed what the documentation says, with a script and without', () => {
  const [code] = /const ALLOW = \[([^\]]*)\]/.exec(read('../src/embed/parley-frame.js')) ?? [];
  const allowed = all(code ?? '', /'([a-z-]+)'/g);
  assert.deepEqual(listed('Permissions'), allowed);
  const plain = /\ballow="([^"]*)"/.exec(DOCS)?.[1] ?? '';
  assert.deepEqual(plain.split('; ').sort(), allowed);
});

test('every link within the page leads somewhere', () => {
  const titles = [...DOCS.matchAll(/^#+ (.*)$/gm)].map(([, title]) =>
    title.toLowerCase().replace(/[^\w\s-]/g, '').replaceAll(' ', '-'),
  );
  for (const [, anchor] of DOCS.matchAll(/\]\(#([^)]*)\)/g)) assert.ok(titles.includes(anchor), anchor);
});
