/** The page `/test`: whether calls work from this device and network, and else what to change. */

import { element } from '../elements/parts.js';
import { onLanguage, t } from '../elements/text.js';
import { speak } from './language.js';
import { offered, openSocket, PATIENCE_SECONDS, reach } from './trial.js';

/** @typedef {import('./trial.js').Way} Way */

/**
 * What one row says; `advice` is for whoever runs the server.
 * @typedef {object} Finding
 * @property {'good' | 'bad' | 'none'} mark
 * @property {() => string} text
 * @property {() => string} [advice]
 */

const MARKS = { good: '✓', bad: '✕', none: '–' };

/** @type {Map<string, {title: () => string, finding: Finding | null}>} */
const rows = new Map();
let verdict = () => t('test.running');

/**
 * @param {string} name
 * @param {() => string} title
 * @param {() => Promise<Finding>} find
 */
async function row(name, title, find) {
  rows.set(name, { title, finding: null });
  paint();
  const finding = await find();
  rows.set(name, { title, finding });
  paint();
  return finding.mark === 'good';
}

/** Everything once, one thing after the other. */
async function run() {
  const button = element(document, 'again', HTMLButtonElement);
  button.disabled = true;
  rows.clear();
  verdict = () => t('test.running');
  const able = await row('browser', () => t('test.browser'), async () => browser());
  const answered = await row('signaling', () => t('test.signaling'), signaling);
  const reached = able && answered ? await media() : new Set();
  verdict = () => conclusion(able && answered, reached);
  paint();
  button.disabled = false;
}

/**
 * @param {boolean} able
 * @param {Set<Way>} reached
 */
function conclusion(able, reached) {
  if (!able || !reached.size) return t('test.verdict-bad');
  return reached.has('udp') ? t('test.verdict-good') : t('test.verdict-detour');
}

/** @returns {Finding} */
function browser() {
  if (!window.isSecureContext) {
    const [text, advice] = [() => t('test.insecure'), () => t('test.insecure-advice')];
    return { mark: 'bad', text, advice };
  }
  const able = 'RTCPeerConnection' in window && Boolean(navigator.mediaDevices);
  return { mark: able ? 'good' : 'bad', text: () => t(able ? 'test.able' : 'test.unable') };
}

/** @returns {Promise<Finding>} */
async function signaling() {
  try {
    const milliseconds = Math.round(await openSocket());
    return { mark: 'good', text: () => t('test.reached', { milliseconds }) };
  } catch {
    const [text, advice] = [() => t('test.no-signaling'), () => t('test.signaling-advice')];
    return { mark: 'bad', text, advice };
  }
}

/** @returns {Promise<Set<Way>>} the ways by which media arrives */
async function media() {
  const reached = new Set();
  const there = await offered().catch(() => null);
  if (!there) return reached;
  const addresses = there.addresses.join(', ');
  /** @type {[Way, boolean, () => string][]} */
  const ways = [
    ['udp', true, () => t('test.udp-advice', { addresses })],
    ['tcp', there.tcp, () => t('test.tcp-advice', { addresses })],
    ['turn', there.iceServers.length > 0, () => t('test.turn-advice')],
  ];
  for (const [way, offers, advice] of ways) {
    const find = async () => {
      if (offers) return attempt(way, there.iceServers, advice);
      const text = () => t(way === 'turn' && there.turn ? 'test.turn-hidden' : `test.no-${way}`);
      return /** @type {Finding} */ ({ mark: 'none', text });
    };
    if (await row(way, () => t(`test.${way}`), find)) reached.add(way);
  }
  return reached;
}

/**
 * @param {Way} way
 * @param {RTCIceServer[]} iceServers
 * @param {() => string} advice
 * @returns {Promise<Finding>}
 */
async function attempt(way, iceServers, advice) {
  try {
    const milliseconds = Math.round(await reach(way, iceServers));
    return { mark: 'good', text: () => t('test.reached', { milliseconds }) };
  } catch {
    return { mark: 'bad', text: () => t('test.missed', { seconds: PATIENCE_SECONDS }), advice };
  }
}

function paint() {
  element(document, 'verdict', HTMLElement).textContent = verdict();
  const items = [...rows.values()].map(({ title, finding }) => {
    const item = document.createElement('li');
    const [mark, name, text] = ['span', 'strong', 'span'].map((tag) => document.createElement(tag));
    item.dataset.mark = finding?.mark ?? 'running';
    mark.textContent = finding ? MARKS[finding.mark] : '…';
    mark.ariaHidden = 'true';
    mark.className = 'mark';
    name.textContent = title();
    text.textContent = finding ? finding.text() : t('test.running');
    item.append(mark, name, text);
    if (finding?.advice) {
      const advice = document.createElement('p');
      advice.textContent = finding.advice();
      item.append(advice);
    }
    return item;
  });
  element(document, 'findings', HTMLElement).replaceChildren(...items);
}

speak(new URLSearchParams(location.search).get('lang') ?? '');
onLanguage(paint);
element(document, 'again', HTMLButtonElement).onclick = run;
void run();
