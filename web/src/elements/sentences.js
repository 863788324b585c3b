/** Texts that depend on what happened and to whom: which one it is, and what stands in it. */

import { isPlain, language, list, t } from './text.js';

/** @typedef {import('../sdk/messages.d.ts').Source} Source */

/**
 * @typedef {object} Notice
 * @property {string} title
 * @property {string} text
 * @property {string} action
 * @property {'again' | 'new-call'} does what the action is
 */

/** After these there is nothing to join again, or nobody who wants it. */
const FINAL = new Set(['room-not-found', 'ended', 'removed']);

/**
 * Why a call is over, and what the person can do.
 * @param {string} code of an error or of the close
 * @param {string} message the server's own sentence, for codes that are not known here
 * @returns {Notice}
 */
export function notice(code, message) {
  const [title, text] = [`notice.${code}.title`, `notice.${code}.text`];
  const known = isPlain(title) && isPlain(text);
  const does = FINAL.has(code) ? 'new-call' : 'again';
  let action = t(does === 'again' ? 'notice.again' : 'notice.new-call');
  if (code === 'left') action = t('notice.join-again');
  const said = language().startsWith('en') ? message : ''; // the server speaks English only
  return {
    title: t(known ? title : 'notice.unknown.title'),
    text: known ? t(text) : said || t('notice.unknown.text'),
    action,
    does,
  };
}

/** @typedef {'insecure' | 'forbidden' | 'gone' | 'blocked' | 'none' | 'busy' | 'unfit' | 'problem'} Cause */

/** @type {Record<string, Cause>} by the name of the exception of getUserMedia */
const CAUSES = {
  insecure: 'insecure',
  forbidden: 'forbidden',
  gone: 'gone',
  NotAllowedError: 'blocked',
  NotFoundError: 'none',
  NotReadableError: 'busy',
  OverconstrainedError: 'unfit',
};

/** The same exception, but its message says that it was not the browser. */
const BY_SYSTEM = /system/i;

/** @param {import('./devices.js').DeviceProblem} problem */
export function deviceProblem({ devices, name, message }) {
  const what = { devices: devices.map((device) => t(`device.${device}`)) };
  const cause = CAUSES[name] ?? 'problem';
  if (cause === 'blocked' && BY_SYSTEM.test(message)) return t('device.blocked-by-system', what);
  return t(`device.${cause}`, what);
}

/** @param {import('./devices.js').Device} device */
export function deviceLost(device) {
  return t(`device.${device}-lost`);
}

/**
 * Why no screen is shared.
 * @param {import('./sharing.js').SharingProblem} problem
 */
export function sharingProblem({ name, message }) {
  if (name !== 'NotAllowedError') return t('sharing.problem');
  return t(BY_SYSTEM.test(message) ? 'sharing.blocked-by-system' : 'sharing.refused');
}

/** @param {string} link */
export function copyByHand(link) {
  return t('call.copy-by-hand', { link });
}

/**
 * One or two letters for somebody without a picture.
 * @param {string} name
 */
export function initials(name) {
  const words = name.split(/\s+/).filter(Boolean);
  const letters = [words[0], words.length > 1 ? words[words.length - 1] : undefined]
    .filter((word) => word !== undefined)
    .map((word) => [...word][0] ?? '');
  return letters.join('').toLocaleUpperCase() || '?';
}

/** @param {string} name */
export function displayName(name) {
  return name || t('people.guest');
}

/**
 * Whose tile it is.
 * @param {{name: string, source: string, self: boolean}} tile
 */
export function tileLabel({ name: given, source, self }) {
  const name = displayName(given);
  if (self) return t('tile.self', { name });
  return source === 'screen' ? t('tile.screen', { name }) : name;
}

/**
 * What a track is called among its figures.
 * @param {Source} source
 * @param {string | null} name whose it is; null: ours
 */
export function trackLabel(source, name) {
  if (name === null) return t(`statistics.your.${source}`);
  return t(`statistics.of.${source}`, { name: displayName(name) });
}

/**
 * What the button or the announcement calls a view.
 * @param {boolean} large whether one tile is large in it
 */
export function viewName(large) {
  return t(large ? 'call.speaker-view' : 'call.grid-view');
}

/** @param {boolean} active whether a screen is shared already */
export function shareLabel(active) {
  return t(active ? 'call.stop-sharing' : 'call.share');
}

/** @param {boolean} off */
export function microphoneSentence(off) {
  return t(off ? 'call.microphone-is-off' : 'call.microphone-is-on');
}

/**
 * Why a picture or a sound is not as it should be.
 * @param {import('../sdk/messages.d.ts').TrackQuality} quality
 * @param {string} name whose it is
 * @param {boolean} self our own, on its way to the others
 */
export function qualitySentence({ source, reason, paused }, name, self) {
  if (paused && !reason) return t('quality.left-out');
  if (paused) return t(reason === 'server' ? 'quality.server.paused' : 'quality.paused');
  const what = source === 'microphone' || source === 'screen-audio' ? 'sound' : 'picture';
  if (self) return t(`quality.${reason === 'server' ? 'own-server' : 'own'}.${what}`);
  switch (reason) {
    case 'server':
    case 'downlink':
      return t(`quality.${reason}.${what}`);
    case 'uplink':
      return t('quality.uplink', { name: displayName(name) });
    default:
      return t(`quality.${what}`);
  }
}

/** Names beyond these are counted. */
const MOST_NAMES = 3;

/**
 * Several people in a sentence.
 * @param {Iterable<string>} people their names
 */
export function nameList(people) {
  const names = [...people].map(displayName);
  const count = names.length - MOST_NAMES;
  if (count <= 1) return list(names); // one more is named as shortly as counted
  return list([...names.slice(0, MOST_NAMES), t('people.others', { count })]);
}

/** @type {import('./announcer.js').Known} */
const NOBODY = { people: new Map(), sharing: new Map(), hands: new Map() };

/**
 * What has changed among the others.
 * @param {import('./announcer.js').Known | null} before null: we have just entered
 * @param {import('./announcer.js').Known} now
 */
export function peopleSentences(before, now) {
  const { people, sharing, hands } = before ?? NOBODY;
  const came = [...now.people].filter(([id]) => !people.has(id)).map(([, name]) => name);
  const went = [...people].filter(([id]) => !now.people.has(id)).map(([, name]) => name);
  const began = [...now.sharing].filter(([id]) => !sharing.has(id)).map(([, name]) => name);
  const ended = [...sharing]
    .filter(([id]) => !now.sharing.has(id) && now.people.has(id))
    .map(([, name]) => name);
  const raised = [...now.hands].filter(([id]) => !hands.has(id)).map(([, name]) => name);
  const told = (/** @type {string[]} */ some) => ({ names: nameList(some), count: some.length });
  return [
    ...(came.length ? [t(before ? 'people.joined' : 'people.here', told(came))] : []),
    ...(went.length ? [t('people.left', told(went))] : []),
    ...began.map((name) => t('people.shares', { name: displayName(name) })),
    ...ended.map((name) => t('people.shares-no-more', { name: displayName(name) })),
    ...(raised.length ? [t('hands.raised', told(raised))] : []),
  ];
}

/**
 * Who shows what for a moment.
 * @param {Iterable<[import('../sdk/messages.d.ts').Reaction, Iterable<string>]>} reactions
 */
export function reactionSentences(reactions) {
  return [...reactions].map(([reaction, names]) =>
    t('reactions.told', { names: nameList(names), reaction: t(`reactions.name.${reaction}`) }),
  );
}

/**
 * What a host did to us.
 * @param {'microphone' | 'camera' | 'screen'} source
 * @param {string | undefined} name the host's; undefined: they have left since
 */
export function mutedSentence(source, name) {
  const host = name === undefined ? t('moderation.somebody') : displayName(name);
  return t(`moderation.muted.${source}`, { name: host });
}
