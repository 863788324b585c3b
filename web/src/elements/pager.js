/** The buttons at the sides of the stage when not everybody fits on it. */

import { element } from './parts.js';
import { language, t } from './text.js';
import { paintButton } from './toggle.js';

export class Pager {
  /** The page to show, from 0. */
  page = 0;
  #pages = 1;
  #painted = '';
  #buttons;

  /**
   * @param {HTMLElement} stage
   * @param {() => void} onturn there is another page to show
   */
  constructor(stage, onturn) {
    const [previous, next] = stage.querySelectorAll('button');
    if (!previous || !next) throw new TypeError('The stage has no buttons');
    this.#buttons = { previous, next };
    this.stage = stage;
    this.#buttons.previous.onclick = () => this.#turn(-1, onturn);
    this.#buttons.next.onclick = () => this.#turn(1, onturn);
  }

  /**
   * @param {number} page the one that is shown
   * @param {number} pages
   * @param {number} strip pixels to keep clear at the right
   */
  show(page, pages, strip) {
    this.stage.style.setProperty('--strip', `${strip}px`);
    this.page = page;
    this.#pages = pages;
    const painted = `${page} of ${pages} in ${language()}`;
    if (painted === this.#painted) return;
    this.#painted = painted;
    for (const direction of /** @type {('previous' | 'next')[]} */ (['previous', 'next'])) {
      const button = this.#buttons[direction];
      button.hidden = pages === 1;
      // Not `disabled`, which would lose the focus at the last page.
      button.setAttribute('aria-disabled', String(!this.#has(direction === 'next' ? 1 : -1)));
      paintButton(button, direction, t(`page.${direction}`, { page: page + 1, pages }));
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
