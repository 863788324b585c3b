/** The start page: a new call, or the link of one. */

import { element, say, show } from './page.js';
import { UNANSWERED } from './sentences.js';

/**
 * A room that nobody is in yet.
 * @returns {Promise<string>} its id; rejects when the server gives none
 */
export async function newRoom() {
  const response = await fetch('/api/rooms', { method: 'POST' });
  if (!response.ok) throw new Error(String(response.status));
  return (await response.json()).room;
}

/** @param {string} room */
export function openRoom(room) {
  location.assign(`/r/${room}`);
}

export function startPage() {
  show('start');
  const problem = element('start-problem', HTMLElement);
  const button = element('new-call', HTMLButtonElement);
  button.onclick = async () => {
    button.disabled = true;
    say(problem, '');
    try {
      openRoom(await newRoom());
    } catch {
      say(problem, UNANSWERED);
    } finally {
      button.disabled = false;
    }
  };
  element('open-link', HTMLFormElement).onsubmit = (event) => {
    event.preventDefault();
    const room = roomOf(element('link', HTMLInputElement).value);
    if (room) openRoom(room);
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
