/** The buttons at the sides of the stage when not everybody fits on it. */

import { element } from './page.js';
import { pageLabel } from './sentences.js';
import { paintButton } from './toggle.js';

export class Pager {
  /** The page to show, from 0. */
  page = 0;
  #pages = 1;
  #painted = '';
  #buttons = {
    previous: element('previous-page', HTMLButtonElement),
    next: element('next-page', HTMLButtonElement),
  };

  /** @param {() => void} onturn there is another page to show */
  constructor(onturn) {
    this.#buttons.previous.onclick = () => this.#turn(-1, onturn);
    this.#buttons.next.onclick = () => this.#turn(1, onturn);
  }

  /**
   * @param {number} page the one that is shown
   * @param {number} pages
   * @param {number} strip pixels to keep clear at the right
   */
  show(page, pages, strip) {
    this.#buttons.next.style.marginRight = `${strip}px`;
    this.page = page;
    this.#pages = pages;
    const painted = `${page} of ${pages}`;
    if (painted === this.#painted) return;
    this.#painted = painted;
    for (const direction of /** @type {('previous' | 'next')[]} */ (['previous', 'next'])) {
      const button = this.#buttons[direction];
      button.hidden = pages === 1;
      // Not `disabled`, which would lose the focus at the last page.
      button.setAttribute('aria-disabled', String(!this.#has(direction === 'next' ? 1 : -1)));
      paintButton(button, direction, pageLabel(direction, page + 1, pages));
    }
  }

  /** @param {-1 | 1} step */
  #has(step) {
    return this.page + step >= 0 && this.page + step < this.#pages;
  }

  /**
   * @param {-1 | 1} step
   * @param {() => void} onturn
   */
  #turn(step, onturn) {
    if (!this.#has(step)) return;
    this.page += step;
    onturn();
  }
}
