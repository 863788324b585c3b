/** After the call: why it is over, and the way on. */

import { element, say, show } from './page.js';
import { UNANSWERED, notice } from './sentences.js';
import { newRoom, openRoom } from './start.js';

/**
 * Resolves when the person wants to join again.
 * @param {import('../sdk/call.js').Call} call that is over
 * @returns {Promise<void>}
 */
export async function showEnd(call) {
  const { title, text, action, does } = notice(call.reason, call.message);
  element('notice-title', HTMLElement).textContent = title;
  const place = element('notice-text', HTMLElement);
  place.textContent = text;
  const button = element('notice-action', HTMLButtonElement);
  button.textContent = action;
  document.body.dataset.errorCode = call.reason;
  show(call.state === 'failed' ? 'error' : 'ended');
  element('notice-home', HTMLButtonElement).onclick = () => location.assign('/');
  await new Promise((resolve) => {
    button.onclick = async () => {
      if (does === 'again') resolve(undefined);
      else await newRoom().then(openRoom, () => say(place, UNANSWERED));
    };
  });
  delete document.body.dataset.errorCode;
}
