/** The list of recent calls on the start page: each a link, and a button to have it forgotten. */

import { icon } from '../elements/icons.js';
import { element } from '../elements/parts.js';
import { t } from '../elements/text.js';
import { forget, recent, timeOf, titleOf } from './recent.js';

/** Paint it anew: something has changed, or another language is spoken. */
export function paintRecent() {
  const visits = recent();
  element(document, 'recent', HTMLElement).hidden = !visits.length;
  element(document, 'recent-list', HTMLElement).replaceChildren(...visits.map(row));
}

/** @param {import('./recent.js').Visit} visit */
function row(visit) {
  const [item, link, button] = [
    document.createElement('li'),
    document.createElement('a'),
    document.createElement('button'),
  ];
  const [title, time] = [document.createElement('strong'), document.createElement('span')];
  const name = titleOf(visit);
  title.textContent = name;
  title.dir = 'auto';
  time.textContent = timeOf(visit);
  link.href = `/r/${visit.room}`;
  link.append(title, time);
  button.type = 'button';
  button.className = 'forget';
  button.append(icon('close'));
  button.setAttribute('aria-label', t('recent.forget', { call: `${name}, ${timeOf(visit)}` }));
  button.title = t('recent.forget', { call: name });
  button.onclick = () => {
    const others = [...document.querySelectorAll('#recent-list .forget')];
    const place = others.indexOf(button);
    forget(visit.room);
    paintRecent();
    // The focus stays where it was, as far as there is something.
    const left = [...document.querySelectorAll('#recent-list .forget')];
    const next = left[Math.min(place, left.length - 1)] ?? document.querySelector('#new-call');
    if (next instanceof HTMLElement) next.focus();
  };
  item.append(link, button);
  return item;
}
