/** One message in the list of the chat. */

import { FileCard } from './chatfile.js';
import { privacy, senderName } from './chatsentences.js';
import { icon } from './icons.js';
import { linked } from './links.js';
import { clock, t } from './text.js';

/** @typedef {import('../sdk/chat.js').ChatMessage} ChatMessage */
/** @typedef {import('./files.js').Files} Files */

export class MessageRow {
  element = document.createElement('li');
  /** @type {FileCard | null} */
  #card = null;

  /**
   * @param {ChatMessage} message
   * @param {object} how
   * @param {boolean} how.first it begins a group
   * @param {boolean} how.waiting the server does not have it yet
   * @param {Files} how.files
   */
  constructor(message, { first, waiting, files }) {
    this.message = message;
    this.first = first;
    const { classList } = this.element;
    classList.add('message');
    classList.toggle('first', first);
    classList.toggle('own', message.self);
    classList.toggle('private', message.to !== null);
    classList.toggle('waiting', waiting);
    if (first) this.element.append(heading(message));
    if (message.text) this.element.append(paragraph(message.text));
    if (message.file) {
      this.#card = new FileCard(message.file, files);
      this.element.append(this.#card.element);
    }
    if (waiting) this.element.append(labelled('p', 'not-sent', t('chat.not-sent-yet')));
  }

  /** The transfer of its file may have changed. */
  repaintFile() {
    this.#card?.paint();
  }
}

/** @param {ChatMessage} message */
function heading(message) {
  const line = document.createElement('div');
  line.className = 'who';
  const time = document.createElement('time');
  time.dateTime = message.at.toISOString();
  time.textContent = clock(message.at);
  line.append(labelled('bdi', 'name', senderName(message)), ' ', time);
  const only = privacy(message);
  if (only) {
    const mark = document.createElement('span');
    mark.className = 'privacy';
    mark.append(icon('lock'), labelled('span', '', only));
    line.append(' ', mark);
  }
  return line;
}

/** @param {string} text */
function paragraph(text) {
  const paragraph = document.createElement('p');
  paragraph.className = 'text';
  paragraph.dir = 'auto';
  for (const part of linked(text)) {
    if (!part.link) {
      paragraph.append(part.text);
      continue;
    }
    const link = document.createElement('a');
    link.href = part.text;
    link.target = '_blank';
    link.rel = 'noopener noreferrer';
    link.dir = 'ltr';
    link.textContent = part.text;
    paragraph.append(link);
  }
  return paragraph;
}

/**
 * @param {string} tag
 * @param {string} name of the class
 * @param {string} text
 */
function labelled(tag, name, text) {
  const element = document.createElement(tag);
  if (name) element.className = name;
  element.textContent = text;
  return element;
}
