/** The calls that this device was in last; nobody else is told. */

import { remember, remembered } from '../elements/memory.js';
import { clock, day, list, t } from '../elements/text.js';

const MEMORY = 'recent';
const MOST_ROOMS = 5;
/** Enough to recognise a call by. */
const MOST_NAMES = 3;

/** @typedef {{room: string, at: number, names: string[]}} Visit the last one there; `at` as of `Date.now()` */

/** @returns {Visit[]} the latest first */
export function recent() {
  try {
    const all = JSON.parse(remembered(MEMORY) || '[]');
    return Array.isArray(all) ? all.filter(isVisit).slice(0, MOST_ROOMS) : [];
  } catch {
    return []; // nothing of ours
  }
}

/**
 * @param {string} room
 * @param {Iterable<string>} names of the others there
 */
export function visited(room, names) {
  const all = recent();
  const before = all.find((each) => each.room === room);
  const others = [...new Set([...names].filter(Boolean))].slice(0, MOST_NAMES);
  // Those whom somebody was with are not forgotten for having been alone last.
  const known = others.length ? others : (before?.names ?? []);
  keep([{ room, at: Date.now(), names: known }, ...all.filter((each) => each !== before)]);
}

/** @param {string} room */
export function forget(room) {
  keep(recent().filter((each) => each.room !== room));
}

/** @param {Visit[]} visits */
function keep(visits) {
  remember(MEMORY, visits.length ? JSON.stringify(visits.slice(0, MOST_ROOMS)) : '');
}

/**
 * @param {any} value
 * @returns {value is Visit}
 */
function isVisit(value) {
  const { room, at, names } = value ?? {};
  const named = Array.isArray(names) && names.every((/** @type {any} */ each) => typeof each === 'string');
  return named && typeof at === 'number' && /^[A-Za-z0-9_-]{16,64}$/.test(room);
}

/** Which call it was, for people. @param {Visit} visit */
export function titleOf({ names }) {
  return names.length ? t('recent.with', { names: list(names) }) : t('recent.alone');
}

/** @param {Visit} visit */
export function timeOf({ at }) {
  const date = new Date(at);
  return t('recent.when', { day: day(date, new Date()), time: clock(date) });
}
