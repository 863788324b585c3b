/** The start page: a new call, or the link of one. */

import { element, say } from '../elements/parts.js';
import { onLanguage, t } from '../elements/text.js';
import { keepToken } from './hosting.js';
import { paintRecent } from './recentlist.js';

/**
 * A room that nobody is in yet; whoever gets it is its host.
 * @returns {Promise<string>} its id; rejects when the server gives none
 */
export async function newRoom() {
  const response = await fetch('/api/rooms', { method: 'POST' });
  if (!response.ok) throw new RangeError(String(response.status));
  const { room, token } = await response.json();
  keepToken(room, token ?? '');
  return room;
}

/** @param {string} room */
export function openRoom(room) {
  location.assign(`/r/${room}`);
}

export function startPage() {
  document.body.dataset.state = 'start';
  const problem = element(document, 'start-problem', HTMLElement);
  const button = element(document, 'new-call', HTMLButtonElement);
  button.onclick = async () => {
    button.disabled = true;
    say(problem, '');
    try {
      openRoom(await newRoom());
    } catch (error) {
      say(problem, t(error instanceof RangeError ? 'start.refused' : 'start.unanswered'));
    } finally {
      button.disabled = false;
      button.focus(); // while it was disabled it could not keep it
    }
  };
  paintRecent();
  onLanguage(paintRecent);
  element(document, 'open-link', HTMLFormElement).onsubmit = (event) => {
    event.preventDefault();
    const room = roomOf(element(document, 'link', HTMLInputElement).value);
    if (room) openRoom(room);
    else say(problem, t('start.no-link'));
  };
}

/**
 * The room in a link, or in what was copied of it.
 * @param {string} text
 */
export function roomOf(text) {
  return /^(?:.*\/r\/)?([A-Za-z0-9_-]{16,64})\/?(?:[?#].*)?$/.exec(text.trim())?.[1] ?? '';
}
