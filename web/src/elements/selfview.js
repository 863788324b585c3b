/** Our own picture, small in a corner of the stage over the others, wherever the person puts it. */

import { remember, remembered } from './memory.js';
import { t } from './text.js';
import { paintButton } from './toggle.js';

/** @typedef {import('./layout.js').Rectangle} Rectangle */
/** @typedef {'top-left' | 'top-right' | 'bottom-left' | 'bottom-right'} Corner */

const CORNERS = /** @type {Corner[]} */ (['top-left', 'top-right', 'bottom-left', 'bottom-right']);
const MEMORY = { where: 'self-view', corner: 'self-corner' };
/** On a narrower stage the others need all of it: there it floats unless the person objects. */
const NARROW = 600;
/** As a share of the stage's shorter side, in limits: a face, but no more. */
const SHARE = 0.28;
const PIXELS = { least: 88, most: 200 };
const MARGIN = 8;
/** A finger that meant to tap moves so far. */
const DRAG_PIXELS = 6;

/** @type {Record<string, (corner: Corner) => string>} */
const STEPS = {
  ArrowUp: (corner) => corner.replace('bottom', 'top'),
  ArrowDown: (corner) => corner.replace('top', 'bottom'),
  ArrowLeft: (corner) => corner.replace('right', 'left'),
  ArrowRight: (corner) => corner.replace('left', 'right'),
};

/**
 * Where it is on a stage of that size. Pure.
 * @param {number} width
 * @param {number} height
 * @param {Corner} corner
 * @returns {Rectangle}
 */
export function cornerPlace(width, height, corner) {
  const long = Math.min(PIXELS.most, Math.max(PIXELS.least, Math.min(width, height) * SHARE));
  const upright = height > width;
  const size = upright
    ? { width: long * 0.75, height: long }
    : { width: long, height: long * 0.5625 };
  const [vertical, horizontal] = corner.split('-');
  return {
    ...size,
    left: horizontal === 'left' ? MARGIN : width - size.width - MARGIN,
    top: vertical === 'top' ? MARGIN : height - size.height - MARGIN,
  };
}

/**
 * The corner that is nearest to the middle of what was let go. Pure.
 * @param {Rectangle} place
 * @param {number} width of the stage
 * @param {number} height
 * @returns {Corner}
 */
export function nearest({ left, top, ...size }, width, height) {
  const vertical = top + size.height / 2 < height / 2 ? 'top' : 'bottom';
  return `${vertical}-${left + size.width / 2 < width / 2 ? 'left' : 'right'}`;
}

/** Emits `changed` when it is to be placed anew, and `moved` when the person moved it. */
export class SelfView extends EventTarget {
  /** @type {Corner} */
  corner = CORNERS.find((each) => each === remembered(MEMORY.corner)) ?? 'bottom-right';
  #where = remembered(MEMORY.where);
  #button = document.createElement('button');
  /** @type {HTMLElement | null} */
  #tile = null;
  floating = false;

  /** @param {HTMLElement} stage */
  constructor(stage) {
    super();
    this.stage = stage;
    this.#button.type = 'button';
    this.#button.className = 'put';
    this.#button.onclick = () => this.toggle();
  }

  /** @param {HTMLElement} tile ours, new on the stage */
  adopt(tile) {
    if (tile === this.#tile) return;
    this.#tile = tile;
    tile.append(this.#button);
    tile.addEventListener('pointerdown', (event) => this.#grab(event));
    tile.addEventListener('keydown', (event) => this.#step(event));
  }

  /**
   * Decide whether it floats.
   * @param {boolean} can whether there is somebody else to see, and we are not to be large
   */
  decide(can) {
    const wanted = this.#where ? this.#where === 'float' : this.stage.clientWidth < NARROW;
    this.floating = can && wanted;
    this.#tile?.classList.toggle('floats', this.floating);
    this.#button.hidden = !can;
    const name = this.floating ? 'return' : 'float';
    paintButton(this.#button, name, t(`self.${name}`));
    if (this.floating) this.#button.setAttribute('aria-keyshortcuts', Object.keys(STEPS).join(' '));
    else this.#button.removeAttribute('aria-keyshortcuts');
  }

  get place() {
    return cornerPlace(this.stage.clientWidth, this.stage.clientHeight, this.corner);
  }

  toggle() {
    this.#where = this.floating ? 'grid' : 'float';
    remember(MEMORY.where, this.#where);
    this.dispatchEvent(new Event('changed'));
  }

  /** @param {Corner} corner */
  #moveTo(corner) {
    const other = corner !== this.corner;
    this.corner = corner;
    remember(MEMORY.corner, corner);
    this.dispatchEvent(new Event('changed'));
    if (other) this.dispatchEvent(new Event('moved'));
  }

  /** @param {KeyboardEvent} event */
  #step(event) {
    const step = STEPS[event.key];
    if (!this.floating || !step || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    this.#moveTo(/** @type {Corner} */ (step(this.corner)));
  }

  /** @param {PointerEvent} event */
  #grab(event) {
    const tile = this.#tile;
    const onButton = event.target instanceof Element && event.target.closest('button');
    if (!tile || !this.floating || event.button !== 0 || onButton) return;
    const { clientX, clientY, pointerId } = event;
    const start = this.place;
    let now = start;
    const over = new AbortController();
    const { signal } = over;
    const move = (/** @type {PointerEvent} */ { clientX: x, clientY: y, pointerId: id }) => {
      const far = Math.hypot(x - clientX, y - clientY) > DRAG_PIXELS;
      if (id !== pointerId || (!far && now === start)) return;
      if (now === start) tile.setPointerCapture(pointerId);
      tile.classList.add('dragged');
      now = { ...start, left: start.left + x - clientX, top: start.top + y - clientY };
      tile.style.left = `${now.left}px`;
      tile.style.top = `${now.top}px`;
    };
    const end = (/** @type {PointerEvent} */ { pointerId: id }) => {
      if (id !== pointerId) return;
      over.abort();
      tile.classList.remove('dragged');
      if (now === start) return;
      this.#moveTo(nearest(now, this.stage.clientWidth, this.stage.clientHeight));
    };
    tile.addEventListener('pointermove', move, { signal });
    for (const type of /** @type {const} */ (['pointerup', 'pointercancel', 'lostpointercapture'])) {
      tile.addEventListener(type, end, { signal });
    }
  }
}
