/** The panel with the figures of every track. While it is closed nothing is measured. */

import { Statistics } from '../sdk/statistics.js';
import { connection, diagnostics, format, rate, transport } from './figures.js';
import { element } from './page.js';
import { Plot } from './plot.js';
import { DIAGNOSTICS_COPIED, trackLabel } from './sentences.js';

/** @typedef {import('../sdk/call.js').Call} Call */
/** @typedef {import('../sdk/statistics.js').Figures} Figures */
/** @typedef {import('../sdk/statistics.js').Measurement} Measurement */
/** @typedef {{element: HTMLElement, plot: Plot, lines: HTMLElement[]}} Row */

const SECONDS = 1;

export class StatisticsPanel {
  #panel = element('statistics', HTMLElement);
  #list = element('statistics-list', HTMLElement);
  #connection = element('statistics-connection', HTMLElement);
  /** @type {Map<string, Row>} by the key of the figures */
  #rows = new Map();
  /** @type {ReturnType<typeof setInterval> | undefined} */
  #timer;
  #statistics = new Statistics();
  /** @type {Measurement | null} */
  #last = null;
  /** @type {HTMLElement | null} had the focus before */
  #opener = null;

  /**
   * @param {() => Call | null} call
   * @param {(sentence: string) => void} announce
   */
  constructor(call, announce) {
    this.call = call;
    this.announce = announce;
    const close = element('statistics-close', HTMLButtonElement);
    close.onclick = () => this.close();
    element('statistics-copy', HTMLButtonElement).onclick = () => void this.#copy();
    this.#panel.addEventListener('keydown', (event) => {
      if (event.key === 'Escape') this.close();
    });
  }

  /** @param {HTMLElement} opener gets the focus back */
  open(opener) {
    this.#opener = opener;
    this.#panel.hidden = false;
    element('statistics-close', HTMLButtonElement).focus();
    if (this.#timer !== undefined) return;
    this.#timer = setInterval(() => void this.#measure(), SECONDS * 1000);
    void this.#measure();
  }

  close() {
    if (this.#timer === undefined) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
    const focused = this.#panel.contains(document.activeElement);
    this.#panel.hidden = true;
    if (focused) this.#opener?.focus();
    for (const row of this.#rows.values()) row.element.remove();
    this.#rows.clear();
    this.#statistics = new Statistics();
    this.#last = null;
  }

  async #measure() {
    const call = this.call();
    if (!call?.peer || document.hidden) return;
    const measurement = await this.#statistics.measure(call.peer, call.pictures).catch(() => null);
    if (!measurement || this.#timer === undefined) return;
    this.#last = measurement;
    this.#connection.textContent = connection(measurement);
    const keys = new Set(measurement.tracks.map((each) => each.key));
    for (const [key, row] of this.#rows) {
      if (keys.has(key)) continue;
      row.element.remove();
      this.#rows.delete(key);
    }
    for (const figures of measurement.tracks) this.#paint(figures, call);
  }

  /**
   * @param {Figures} figures
   * @param {Call} call
   */
  #paint(figures, call) {
    let row = this.#rows.get(figures.key);
    if (!row) {
      row = makeRow();
      this.#rows.set(figures.key, row);
      this.#list.append(row.element);
    }
    const name = call.participants.get(figures.participant ?? '')?.name ?? '';
    const label = trackLabel(figures.source, figures.participant === null ? null : name);
    const texts = [label, rate(figures.bitrate), format(figures), transport(figures)];
    for (const [index, line] of row.lines.entries()) line.textContent = texts[index] ?? '';
    if (figures.bitrate !== null) row.plot.add(figures.bitrate);
  }

  async #copy() {
    const [call, last] = [this.call(), this.#last];
    if (!call || !last) return;
    const about = { state: call.state, browser: navigator.userAgent, at: new Date() };
    const text = diagnostics(last, about);
    const place = element('statistics-text', HTMLTextAreaElement);
    try {
      await navigator.clipboard.writeText(text);
      this.announce(DIAGNOSTICS_COPIED);
      this.#connection.textContent = DIAGNOSTICS_COPIED;
    } catch {
      place.hidden = false; // to be copied by hand
      place.value = text;
      place.select();
    }
  }
}

/** @returns {Row} */
function makeRow() {
  const item = document.createElement('li');
  const plot = new Plot();
  const lines = ['name', 'rate', 'format', 'way'].map((part) => {
    const line = document.createElement('span');
    line.className = part;
    return line;
  });
  item.append(...lines.slice(0, 2), plot.element, ...lines.slice(2));
  return { element: item, plot, lines };
}
