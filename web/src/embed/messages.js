/**
 * What a page and the call in its frame say to each other, by `postMessage`.
 *
 * Each message is a plain object `{ parley: 1, type, … }`. Requests go into the frame, news come out
 * of it. Either side takes them only from the window and the origin that it talks with, and ignores
 * what it does not know: another version, another type, a field of another kind.
 */

/** @typedef {import('../sdk/index.js').Reaction} Reaction */
/** @typedef {import('../sdk/index.js').Role} Role */
/** @typedef {import('../sdk/index.js').Source} Source */
/** @typedef {import('../elements/views.js').View} View */

/** Changes when an old page would misunderstand a new frame, or the other way round. */
const VERSION = 1;

/**
 * @typedef {object} Options as the attributes of `<sfu-call>`
 * @property {string} [name] of the person
 * @property {string} [token] makes them a host
 * @property {string} [lang]
 * @property {string} [theme] `auto`, `light` or `dark`
 * @property {string} [join] `auto`: do not ask for name and devices first
 * @property {string} [microphone] `off`: join without
 * @property {string} [camera] `off`: join without
 * @property {string} [link] what others are sent to join
 */

/** @type {readonly (keyof Options)[]} */
export const OPTIONS = ['name', 'token', 'lang', 'theme', 'join', 'microphone', 'camera', 'link'];

/**
 * @typedef {object} Person somebody else in the call
 * @property {string} id
 * @property {string} name
 * @property {Role} role
 * @property {number} hand 0, or the order of raising it
 */

/**
 * @typedef {{type: 'start', options: Options} | {type: 'set', options: Options} | {type: 'join'}
 *   | {type: 'leave'} | {type: 'mute', source: 'microphone' | 'camera', muted: boolean}
 *   | {type: 'hand', raised: boolean} | {type: 'react', reaction: Reaction}
 *   | {type: 'chat', text: string} | {type: 'lock', locked: boolean}
 *   | {type: 'mute-other', participant: string, source: Source}
 *   | {type: 'remove', participant: string} | {type: 'end'}} Request
 */

/**
 * @typedef {{type: 'ready'} | {type: 'state', state: View, reason: string}
 *   | {type: 'joined', you: string, participants: Person[]} | {type: 'left', reason: string}
 *   | {type: 'participant-joined', participant: Person}
 *   | {type: 'participant-updated', participant: Person}
 *   | {type: 'participant-left', participant: Person}
 *   | {type: 'room', role: Role, locked: boolean}
 *   | {type: 'devices', microphone: boolean, camera: boolean}
 *   | {type: 'chat', from: string, name: string, self: boolean, to: string | null, text: string}
 *   | {type: 'refused', code: string}} News
 */

/** @typedef {'boolean' | 'string' | 'string?' | 'options' | 'person' | 'people'} Kind of a field */
/** @typedef {Record<string, Record<string, Kind>>} Shapes the fields of every type */

/** @satisfies {Record<Request['type'], Record<string, Kind>>} */
export const REQUESTS = {
  start: { options: 'options' },
  set: { options: 'options' },
  join: {},
  leave: {},
  mute: { source: 'string', muted: 'boolean' },
  hand: { raised: 'boolean' },
  react: { reaction: 'string' },
  chat: { text: 'string' },
  lock: { locked: 'boolean' },
  'mute-other': { participant: 'string', source: 'string' },
  remove: { participant: 'string' },
  end: {},
};

/** @satisfies {Record<News['type'], Record<string, Kind>>} */
export const NEWS = {
  ready: {},
  state: { state: 'string', reason: 'string' },
  joined: { you: 'string', participants: 'people' },
  left: { reason: 'string' },
  'participant-joined': { participant: 'person' },
  'participant-updated': { participant: 'person' },
  'participant-left': { participant: 'person' },
  room: { role: 'string', locked: 'boolean' },
  devices: { microphone: 'boolean', camera: 'boolean' },
  chat: { from: 'string', name: 'string', self: 'boolean', to: 'string?', text: 'string' },
  refused: { code: 'string' },
};

/**
 * @param {unknown} data of a message event, from whomever
 * @returns {Request | null} null: none that we know
 */
export function readRequest(data) {
  return /** @type {Request | null} */ (read(data, REQUESTS));
}

/**
 * @param {unknown} data of a message event, from whomever
 * @returns {News | null} null: none that we know
 */
export function readNews(data) {
  return /** @type {News | null} */ (read(data, NEWS));
}

/**
 * @param {Request | News} message
 * @returns {object} as it is posted
 */
export function written(message) {
  return { parley: VERSION, ...message };
}

/**
 * An address that can be talked to, as browsers write it: neither `*` nor `null`.
 * @param {string} text
 */
export function isOrigin(text) {
  return /^https?:/.test(text) && URL.canParse(text) && new URL(text).origin === text;
}

/**
 * @param {unknown} data
 * @param {Shapes} shapes
 * @returns {object | null} a message with its own fields and no others
 */
function read(data, shapes) {
  if (!isObject(data) || data.parley !== VERSION || typeof data.type !== 'string') return null;
  const shape = Object.hasOwn(shapes, data.type) ? shapes[data.type] : null;
  if (!shape) return null;
  /** @type {Record<string, unknown>} */
  const message = { type: data.type };
  for (const [field, kind] of Object.entries(shape)) {
    if (!CHECKS[kind](data[field])) return null;
    message[field] = data[field];
  }
  return message;
}

/** @type {Record<Kind, (value: unknown) => boolean>} */
const CHECKS = {
  boolean: (value) => typeof value === 'boolean',
  string: (value) => typeof value === 'string',
  'string?': (value) => value === null || typeof value === 'string',
  options: (value) =>
    isObject(value) &&
    OPTIONS.every((name) => ['string', 'undefined'].includes(typeof value[name])),
  person: isPerson,
  people: (value) => Array.isArray(value) && value.every(isPerson),
};

/** @param {unknown} value */
function isPerson(value) {
  return (
    isObject(value) &&
    ['id', 'name', 'role'].every((field) => typeof value[field] === 'string') &&
    typeof value.hand === 'number'
  );
}

/**
 * @param {unknown} value
 * @returns {value is Record<string, unknown>}
 */
function isObject(value) {
  return typeof value === 'object' && value !== null;
}
