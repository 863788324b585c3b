/** The start page: a new call, or the link of one. */

import { element, say, show } from './page.js';

/** @param {(room: string) => void} open goes to a room */
export function startPage(open) {
  show('start');
  const problem = element('start-problem', HTMLElement);
  const button = element('new-call', HTMLButtonElement);
  button.onclick = async () => {
    button.disabled = true;
    say(problem, '');
    try {
      const response = await fetch('/api/rooms', { method: 'POST' });
      if (!response.ok) throw new Error(String(response.status));
      const { room } = await response.json();
      open(room);
    } catch {
      say(problem, 'The server does not answer. Check your connection and try again.');
    } finally {
      button.disabled = false;
    }
  };
  element('open-link', HTMLFormElement).onsubmit = (event) => {
    event.preventDefault();
    const room = roomOf(element('link', HTMLInputElement).value);
    if (room) open(room);
    else say(problem, 'This is not the link of a call. It looks like https://…/r/… — copy all of it.');
  };
}

/**
 * The room in a link, or in what was copied of it.
 * @param {string} text
 */
export function roomOf(text) {
  return /^(?:.*\/r\/)?([A-Za-z0-9_-]{16,64})\/?(?:[?#].*)?$/.exec(text.trim())?.[1] ?? '';
}
