/** A small live plot of the last minute, as SVG. */

const SVG = 'http://www.w3.org/2000/svg';
const WIDTH = 120;
const HEIGHT = 28;
/** One a second: a minute. */
export const MAX_VALUES = 60;

/**
 * The points of a line through `values`, the newest at the right edge, the largest at the top.
 * @param {readonly number[]} values
 * @param {number} [least] what reaches the top at least: noise is not to look like a mountain
 */
export function points(values, least = 1) {
  const top = Math.max(least, ...values);
  return values
    .map((value, index) => {
      const x = WIDTH - ((values.length - 1 - index) * WIDTH) / (MAX_VALUES - 1);
      const y = HEIGHT - 1 - (value / top) * (HEIGHT - 2);
      return `${x.toFixed(1)},${y.toFixed(1)}`;
    })
    .join(' ');
}

export class Plot {
  /** @type {number[]} */
  #values = [];
  #line = document.createElementNS(SVG, 'polyline');

  constructor() {
    this.element = document.createElementNS(SVG, 'svg');
    this.element.setAttribute('viewBox', `0 0 ${WIDTH} ${HEIGHT}`);
    this.element.setAttribute('aria-hidden', 'true'); // the figures beside it say it
    this.element.setAttribute('class', 'plot');
    this.element.append(this.#line);
  }

  /** @param {number} value */
  add(value) {
    this.#values = [...this.#values, value].slice(-MAX_VALUES);
    this.#line.setAttribute('points', points(this.#values, 50_000));
  }
}
