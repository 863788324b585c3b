/** What the page tells people: a sentence about what happened, and what they can do. */

/** @typedef {{title: string, text: string, action: string}} Notice */

/** @type {Record<string, Notice>} by error or close code of the protocol */
const NOTICES = {
  'room-full': {
    title: 'This room is full',
    text: 'Everybody who fits is already in. Wait until somebody leaves, then try again.',
    action: 'Try again',
  },
  'room-not-found': {
    title: 'This call does not exist',
    text: 'The link is not complete, or the call has ended for good. Ask for a new link, or start a call of your own.',
    action: 'Try again',
  },
  'server-full': {
    title: 'The server is full',
    text: 'It carries as many people as it can. Please try again in a few minutes.',
    action: 'Try again',
  },
  left: {
    title: 'You left the call',
    text: 'You can join again with the same link.',
    action: 'Join again',
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
    }
  );
}

/** @type {Record<string, string>} by the name of the exception of getUserMedia */
const DEVICE_PROBLEMS = {
  NotAllowedError:
    'The browser may not use it. Allow it with the icon in the address bar, then try again, or join without.',
  NotFoundError: 'None was found. Plug one in and try again, or join without.',
  NotReadableError: 'Another program is using it. Close that program and try again, or join without.',
  OverconstrainedError: 'It cannot do what was asked for. Choose another one, or join without.',
};

/**
 * @param {string[]} devices `camera`, `microphone`
 * @param {string} name of the exception
 */
export function deviceProblem(devices, name) {
  const what = devices.join(' and ');
  const sentence = DEVICE_PROBLEMS[name] ?? 'It could not be started. Try again, or join without.';
  return `Your ${what}: ${sentence}`;
}

export const INSECURE =
  'Browsers give cameras and microphones only to pages with https. Open this page with https:// (or on this machine as localhost); until then you can join to watch and listen.';

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
