/** The panel with the figures of every track. While it is closed nothing is measured. */

import { Statistics } from '../sdk/statistics.js';
import { connection, diagnostics, format, rate, transport } from './figures.js';
import { element } from './parts.js';
import { Plot } from './plot.js';
import { trackLabel } from './sentences.js';
import { t } from './text.js';

/** @typedef {import('../sdk/call.js').Call} Call */
/** @typedef {import('../sdk/statistics.js').Figures} Figures */
/** @typedef {import('../sdk/statistics.js').Measurement} Measurement */
/** @typedef {{element: HTMLElement, plot: Plot, lines: HTMLElement[]}} Row */

const SECONDS = 1;

export class StatisticsPanel {
  #list;
  #connection;
  #text;
  /** @type {Map<string, Row>} by the key of the figures */
  #rows = new Map();
  /** @type {ReturnType<typeof setInterval> | undefined} */
  #timer;
  #statistics = new Statistics();
  /** @type {Measurement | null} */
  #last = null;

  /**
   * @param {ShadowRoot} root
   * @param {import('./panel.js').Panels} panels
   * @param {() => Call | null} call
   * @param {(sentence: string) => void} announce
   */
  constructor(root, panels, call, announce) {
    this.#list = element(root, 'statistics-list', HTMLElement);
    this.#connection = element(root, 'statistics-connection', HTMLElement);
    this.#text = element(root, 'statistics-text', HTMLTextAreaElement);
    this.call = call;
    this.announce = announce;
    element(root, 'statistics-copy', HTMLButtonElement).onclick = () => void this.#copy();
    panels.register('statistics', {
      button: element(root, 'statistics-button', HTMLButtonElement),
      element: element(root, 'statistics', HTMLElement),
      opened: () => this.#opened(),
      closed: () => this.#closed(),
    });
  }

  #opened() {
    this.#text.hidden = true;
    this.#timer = setInterval(() => void this.#measure(), SECONDS * 1000);
    void this.#measure();
  }

  #closed() {
    clearInterval(this.#timer);
    this.#timer = undefined;
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
    try {
      await navigator.clipboard.writeText(text);
      this.announce(t('statistics.copied'));
      this.#connection.textContent = t('statistics.copied');
    } catch {
      this.#text.hidden = false; // to be copied by hand
      this.#text.value = text;
      this.#text.select();
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
