/** What the page tells people: a sentence about what happened, and what they can do. */

/**
 * @typedef {object} Notice
 * @property {string} title
 * @property {string} text
 * @property {string} action
 * @property {'again' | 'new-call'} does what the action is
 */

/** @type {Record<string, Notice>} by error or close code */
const NOTICES = {
  'room-full': {
    title: 'This room is full',
    text: 'Everybody who fits is already in. Wait until somebody leaves, then try again.',
    action: 'Try again',
    does: 'again',
  },
  'room-not-found': {
    title: 'This call does not exist',
    text: 'The link is not complete, or the call is over for good. Ask for a new link, or start a call of your own.',
    action: 'New call',
    does: 'new-call',
  },
  'server-full': {
    title: 'The server is full',
    text: 'It carries as many people as it can. Please try again in a few minutes.',
    action: 'Try again',
    does: 'again',
  },
  unreachable: {
    title: 'The server does not answer',
    text: 'Check your connection to the internet, then try again.',
    action: 'Try again',
    does: 'again',
  },
  'no-media': {
    title: 'Sound and pictures do not get through',
    text: 'This page works, but the network between you and the server blocks the call itself: firewalls of companies and hotels often do. Try another network, such as that of your phone.',
    action: 'Try again',
    does: 'again',
  },
  left: {
    title: 'You left the call',
    text: 'You can join again with the same link.',
    action: 'Join again',
    does: 'again',
  },
};

/**
 * @param {string} code
 * @param {string} message the server's own sentence
 * @returns {Notice}
 */
export function notice(code, message) {
  return (
    NOTICES[code] ?? {
      title: 'The call ended',
      text: message || 'Something went wrong on the way to the server.',
      action: 'Try again',
      does: 'again',
    }
  );
}

export const UNANSWERED = 'The server does not answer. Check your connection and try again.';

/** @typedef {(what: string) => string} Sentence */

/** @type {Record<string, Sentence>} by the name of the exception of getUserMedia */
const DEVICE_PROBLEMS = {
  NotAllowedError: (what) =>
    `Access to your ${what} is blocked: this page may not use it. Allow it with the icon in the address bar, then try again, or join without.`,
  NotFoundError: (what) =>
    `The browser looked for your ${what}. None was found: plug one in and try again, or join without.`,
  NotReadableError: (what) =>
    `Another program is using your ${what}. Close it and try again, or join without.`,
  OverconstrainedError: (what) =>
    `Your ${what} cannot do what this page asks for. Try another one, or join without.`,
};

/** @type {Sentence} the same exception, but its message says that it was not the browser */
const blockedBySystem = (what) =>
  `Your system keeps the ${what} from the browser. Allow it in the system's privacy settings, then try again, or join without.`;

/** @type {Sentence} */
const anyProblem = (what) => `Your ${what} could not be started. Try again, or join without.`;

const INSECURE =
  'Browsers give cameras and microphones only to pages with https. Open this page with https:// (or on this machine as localhost); until then you can join to watch and listen.';

/** @param {import('./devices.js').DeviceProblem} problem */
export function deviceProblem({ devices, name, message }) {
  if (name === 'insecure') return INSECURE;
  const what = devices.join(' and ');
  if (name === 'NotAllowedError' && /system/i.test(message)) return blockedBySystem(what);
  return (DEVICE_PROBLEMS[name] ?? anyProblem)(what);
}

/** @param {import('./devices.js').Device} device */
export function deviceLost(device) {
  return `Your ${device} is gone: it was unplugged or taken away. Turn it on again when it is back.`;
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
  return name || 'Guest';
}

/**
 * Whose tile it is.
 * @param {{name: string, source: string, self: boolean}} tile
 */
export function tileLabel({ name, source, self }) {
  if (self) return `${displayName(name)} (you)`;
  return source === 'screen' ? `${displayName(name)}'s screen` : displayName(name);
}

/** @param {string} label of the tile */
export function pinLabel(label) {
  return `Pin ${label}`;
}

/** @param {import('../sdk/messages.d.ts').Source} source */
export function sourceName(source) {
  return source === 'screen-audio' ? 'screen sound' : source;
}

/**
 * What a track is called among its figures.
 * @param {import('../sdk/messages.d.ts').Source} source
 * @param {string | null} name whose it is; null: ours
 */
export function trackLabel(source, name) {
  return `${name === null ? 'Your' : `${displayName(name)}'s`} ${sourceName(source)}`;
}

/**
 * What the button or the announcement calls a view.
 * @param {boolean} large whether one tile is large in it
 */
export function viewName(large) {
  return large ? 'Speaker view' : 'Grid view';
}

/**
 * @param {'previous' | 'next'} direction
 * @param {number} page the one that is shown, from 1
 * @param {number} pages
 */
export function pageLabel(direction, page, pages) {
  return `${direction === 'next' ? 'Next' : 'Previous'} people: this is page ${page} of ${pages}`;
}

/**
 * Why a picture or a sound is not as it should be.
 * @param {import('../sdk/messages.d.ts').TrackQuality} quality
 * @param {string} name whose it is
 * @param {boolean} self our own, on its way to the others
 */
export function qualitySentence({ source, reason, paused }, name, self) {
  if (paused) return 'Paused to keep the sound going';
  const sound = source === 'microphone' || source === 'screen-audio';
  let what = sound ? 'the sound may break up' : 'the picture is reduced';
  if (self) what = sound ? 'others may hear you badly' : 'others may see you badly';
  if (reason === 'server') return `The server is busy: ${what}`;
  if (self || reason === 'downlink') return `Your connection is weak: ${what}`;
  if (reason === 'uplink') return `${displayName(name)}'s connection is weak`;
  return (what[0] ?? '').toUpperCase() + what.slice(1);
}

export const DIAGNOSTICS_COPIED = 'The details are copied';
export const COPY_LINK = 'Copy the link of this call';
export const LINK_COPIED = 'The link is copied';
export const SHARING = 'You share your screen.';
export const SHARING_ENDED = 'You share your screen no more.';

/** @type {Record<import('./keys.js').Action, string>} */
export const KEY_SENTENCES = {
  microphone: 'Microphone off or on',
  camera: 'Camera off or on',
  share: 'Share your screen, or stop',
  pin: 'Pin the person in focus, or let go',
  view: 'Grid, or one person large',
  fullscreen: 'Full screen, or back',
  help: 'This help',
};
export const HOLD_TO_TALK = 'Hold to talk while your microphone is off';

/** @param {boolean} active whether it is shared already */
export function shareLabel(active) {
  return active ? 'Stop sharing' : 'Share your screen';
}

/** @param {string} link */
export function copyByHand(link) {
  return `Copy this link to invite others: ${link}`;
}

/**
 * Why no screen is shared.
 * @param {import('./sharing.js').SharingProblem} problem
 */
export function sharingProblem({ name, message }) {
  if (name === 'NotAllowedError' && /system/i.test(message)) {
    return "Your system keeps the screen from the browser. Allow it in the system's privacy settings, then share again.";
  }
  if (name === 'NotAllowedError') {
    return 'Nothing is shared: you cancelled, or this page may not show your screen. Share again to choose another one.';
  }
  return 'The screen could not be captured, and nothing is shared. Try again, or share a window instead.';
}

/** @param {boolean} off */
export function microphoneSentence(off) {
  return off ? 'Microphone off.' : 'Microphone on.';
}

/** Names beyond these are counted. */
const MOST_NAMES = 3;

/**
 * Several people in a sentence.
 * @param {Iterable<string>} people their names
 */
export function nameList(people) {
  const names = [...people].map(displayName);
  const rest = names.length - MOST_NAMES;
  if (rest > 1) return `${names.slice(0, MOST_NAMES).join(', ')} and ${rest} others`;
  return names.length > 1 ? `${names.slice(0, -1).join(', ')} and ${names.at(-1)}` : (names[0] ?? '');
}

/**
 * What has changed among the others.
 * @param {import('./announcer.js').Known | null} before null: we have just entered
 * @param {import('./announcer.js').Known} now
 */
export function peopleSentences(before, now) {
  const { people, sharing } = before ?? { people: new Map(), sharing: new Map() };
  const came = [...now.people].filter(([id]) => !people.has(id)).map(([, name]) => name);
  const went = [...people].filter(([id]) => !now.people.has(id)).map(([, name]) => name);
  const began = [...now.sharing].filter(([id]) => !sharing.has(id)).map(([, name]) => name);
  const ended = [...sharing]
    .filter(([id]) => !now.sharing.has(id) && now.people.has(id))
    .map(([, name]) => name);
  const here = came.length > 1 ? 'are here' : 'is here';
  return [
    ...(came.length ? [`${nameList(came)} ${before ? 'joined' : here}.`] : []),
    ...(went.length ? [`${nameList(went)} left.`] : []),
    ...began.map((name) => `${displayName(name)} shares a screen.`),
    ...ended.map((name) => `${displayName(name)} shares the screen no more.`),
  ];
}
