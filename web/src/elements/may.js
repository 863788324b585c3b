/** What the person may not do here, in words; the server decides, the page only says so first. */

import { t } from './text.js';

/** @typedef {import('../sdk/messages.d.ts').May} May */
/** @typedef {'microphone' | 'camera' | 'screen' | 'data' | 'subscribe'} Doing */

/**
 * @param {Readonly<May> | null | undefined} may null: everything, or nothing is known yet
 * @param {Doing} doing
 * @returns {string} why not; empty: they may
 */
export function forbidden(may, doing) {
  if (!may) return '';
  const allowed = doing === 'data' || doing === 'subscribe' ? may[doing] : may.publish.includes(doing);
  return allowed ? '' : t(`may.${doing}`);
}
