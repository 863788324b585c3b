/** A small box over the controls: opened by its button, closed by anything else. */

export class Popup {
  /**
   * @param {ShadowRoot} root
   * @param {HTMLButtonElement} button
   * @param {HTMLElement} box a `class="popup"` beside the controls, hidden
   * @param {AbortSignal} signal ends it
   * @param {HTMLElement} [fallback] gets the focus back where the button is not seen
   */
  constructor(root, button, box, signal, fallback = button) {
    this.root = root;
    this.button = button;
    this.box = box;
    this.fallback = fallback;
    button.setAttribute('aria-expanded', 'false');
    button.addEventListener('click', () => this.toggle());
    for (const part of [button, box]) {
      part.addEventListener('keydown', (event) => {
        if (event.key !== 'Escape' || box.hidden) return;
        event.preventDefault(); // what is below stays open
        this.close();
      });
    }
    // What was chosen is done; the box is in its way.
    box.addEventListener('click', ({ target }) => {
      if (target instanceof Element && target.closest('button')) this.close();
    });
    box.addEventListener('focusout', ({ relatedTarget }) => {
      if (relatedTarget instanceof Node && !this.#holds(relatedTarget)) this.close();
    });
    const outside = (/** @type {Event} */ event) => {
      if (!event.composedPath().some((each) => each === box || each === button)) this.close();
    };
    document.addEventListener('pointerdown', outside, { capture: true, signal });
  }

  toggle() {
    if (!this.box.hidden) {
      this.close();
      return;
    }
    this.box.hidden = false;
    this.button.setAttribute('aria-expanded', 'true');
    const first = [...this.box.querySelectorAll('button')].find((each) => !each.hidden);
    first?.focus({ preventScroll: true });
  }

  close() {
    if (this.box.hidden) return;
    const inside = this.box.contains(this.root.activeElement);
    this.box.hidden = true;
    this.button.setAttribute('aria-expanded', 'false');
    const back = this.button.getClientRects().length ? this.button : this.fallback;
    if (inside) back.focus({ preventScroll: true });
  }

  /** @param {Node} node */
  #holds(node) {
    return this.box.contains(node) || this.button.contains(node);
  }
}
