/** Keeps the keyboard's place when what had the focus goes away. */

export class Focus {
  /** @type {Element | null} what had it last */
  #last = null;

  /**
   * @param {ShadowRoot} root
   * @param {HTMLElement} area whose parts come and go
   * @param {HTMLElement} fallback takes the focus; the next Tab goes on from there
   */
  constructor(root, area, fallback) {
    this.root = root;
    this.fallback = fallback;
    area.addEventListener('focusin', ({ target }) => {
      this.#last = target instanceof Element ? target : null;
    });
    area.addEventListener('focusout', ({ relatedTarget }) => {
      if (relatedTarget) this.#last = null; // it went somewhere else by itself
    });
    area.addEventListener('click', () => this.keep()); // a button may have done away with itself
  }

  /** To be called after something may have gone away. */
  keep() {
    const last = this.#last;
    if (!last || last.getClientRects().length) return;
    const active = this.root.activeElement ?? document.activeElement;
    if (active && active !== document.body && active !== last) return;
    this.#last = null;
    this.fallback.focus({ preventScroll: true });
  }
}
