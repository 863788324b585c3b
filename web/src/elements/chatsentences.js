/** The sentences of the chat: about messages, files, and what went wrong with them. */

import { displayName, nameList } from './sentences.js';
import { bytes, isPlain, t } from './text.js';

/** @typedef {import('../sdk/chat.js').ChatMessage} ChatMessage */
/** @typedef {import('../sdk/chat.js').ChatState} ChatState */
/** @typedef {import('../sdk/transfer.js').Transfer} Transfer */
/** @typedef {{text: number, file: number}} Limits characters of a message, bytes of a file */

/** More than so many are counted, not read out. */
const MOST_READ = 3;
/** A longer message is read to its end in the panel. */
const LONGEST_READ = 200;

/**
 * What is heard of messages of others that came together.
 * @param {readonly ChatMessage[]} messages
 * @returns {string[]}
 */
export function newsSentences(messages) {
  if (messages.length <= MOST_READ) return messages.map(newsSentence);
  const names = new Map(messages.map(({ from, name }) => [from, name]));
  return [t('chat.news', { count: messages.length, names: nameList(names.values()) })];
}

/** @param {ChatMessage} message */
function newsSentence(message) {
  const values = { name: displayName(message.name), text: shortened(message) };
  return t(message.to === null ? 'chat.said' : 'chat.said-to-you', values);
}

/**
 * A message in one line.
 * @param {ChatMessage} message
 */
export function shortened({ text, file }) {
  const whole = file ? t('chat.sent-file', { file: fileName(file.name) }) : text;
  const letters = [...whole.replace(/\s+/g, ' ').trim()];
  if (letters.length <= LONGEST_READ) return letters.join('');
  return `${letters.slice(0, LONGEST_READ).join('')}…`;
}

/** @param {ChatMessage} message */
export function senderName({ self, name }) {
  return self ? t('chat.you') : displayName(name);
}

/**
 * Who alone gets a message; empty when it is for everybody.
 * @param {Pick<ChatMessage, 'self' | 'to' | 'toName'>} message
 */
export function privacy({ self, to, toName }) {
  if (to === null) return '';
  if (!self) return t('chat.only-for-you');
  return toName ? t('chat.only-for', { name: toName }) : t('chat.only-for-one');
}

/** Marks that turn the order of letters: after one, `gpj.exe` is read as `exe.jpg`, and opened. */
const TURNING = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

/**
 * The name of a file as it is shown, and saved.
 * @param {string} name
 */
export function fileName(name) {
  return name.replace(TURNING, '');
}

/** A longer one is shown without its middle: its end says what it is. */
const LONGEST_NAME = 48;
const END_OF_NAME = 14;

/**
 * The name of a file where there is little room.
 * @param {string} name
 */
export function shortFileName(name) {
  const letters = [...fileName(name)];
  if (letters.length <= LONGEST_NAME) return letters.join('');
  const start = letters.slice(0, LONGEST_NAME - END_OF_NAME - 1);
  return [...start, '…', ...letters.slice(-END_OF_NAME)].join('');
}

/**
 * How many characters are left of a message that has nearly as many as it may; else empty.
 * @param {number} count of its characters
 * @param {number} limit
 */
export function counter(count, limit) {
  if (count > limit) return t('chat.over', { count: count - limit });
  return count > limit * 0.9 ? t('chat.left', { count: limit - count }) : '';
}

/**
 * Why nothing can be sent now; empty when it can.
 * @param {ChatState} state
 */
export function closedSentence(state) {
  if (state === 'open') return '';
  return t(state === 'waiting' ? 'chat.connecting' : 'chat.unavailable');
}

/**
 * Why a message was not taken.
 * @param {string} code
 * @param {Limits} limits
 */
export function messageProblem(code, limits) {
  if (code === 'too-large') return t('chat.too-long', { count: limits.text });
  const key = `chat-problem.${code}`;
  return isPlain(key) ? t(key) : t('chat-problem.unknown');
}

/**
 * How far a file is, or why it goes no further.
 * @param {Pick<Transfer, 'state' | 'code' | 'done' | 'size'>} transfer
 * @param {Limits} limits
 */
export function fileStatus({ state, code, done, size }, limits) {
  switch (state) {
    case 'waiting':
      return t('chat.file-waits');
    case 'running':
      return t('chat.file-progress', { done: bytes(done), size: bytes(size) });
    case 'failed':
      return fileProblem(code, limits);
    default:
      return bytes(size);
  }
}

/**
 * @param {string} code
 * @param {Limits} limits
 */
function fileProblem(code, limits) {
  if (code === 'too-large') return t('chat.file-too-large', { limit: bytes(limits.file) });
  const key = `file-problem.${code}`;
  return isPlain(key) ? t(key) : t('file-problem.unknown');
}
