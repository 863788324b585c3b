/** The files we send, on their way: each with a bar, and a button to stop it. */

import { fileName, fileStatus, shortFileName } from './chatsentences.js';
import { icon } from './icons.js';
import { element } from './parts.js';
import { t } from './text.js';

/** @typedef {import('../sdk/chat.js').Chat} Chat */
/** @typedef {import('../sdk/transfer.js').Transfer} Transfer */

/**
 * @typedef {object} Row
 * @property {HTMLElement} element
 * @property {HTMLElement} status
 * @property {HTMLProgressElement} progress
 * @property {HTMLButtonElement} button
 */

export class Uploads {
  #list;
  /** @type {Map<Transfer, Row>} */
  #rows = new Map();

  /**
   * @param {ShadowRoot} root
   * @param {object} listener
   * @param {(sentence: string) => void} listener.announce
   * @param {() => void} listener.emptied a row that had the focus has gone
   */
  constructor(root, { announce, emptied }) {
    this.root = root;
    this.#list = element(root, 'chat-uploads', HTMLElement);
    this.announce = announce;
    this.emptied = emptied;
  }

  /** @param {Chat} chat */
  paint(chat) {
    const all = [...chat.transfers.values()].filter(({ direction }) => direction === 'up');
    for (const transfer of all) {
      const { state, key, name } = transfer;
      // What has arrived is among the messages. To forget one paints again, without it.
      if ((state !== 'done' && state !== 'cancelled') || !chat.transfers.has(key)) continue;
      chat.forget(transfer);
      if (state === 'done') this.announce(t('chat.file-there', { file: fileName(name) }));
    }
    const left = new Set(all.filter(({ key }) => chat.transfers.has(key)));
    for (const [transfer, row] of this.#rows) if (!left.has(transfer)) this.#remove(transfer, row);
    for (const transfer of left) this.#paint(chat, transfer);
    this.#list.hidden = left.size === 0;
  }

  clear() {
    for (const [transfer, row] of this.#rows) this.#remove(transfer, row);
    this.#list.hidden = true;
  }

  /**
   * @param {Chat} chat
   * @param {Transfer} transfer
   */
  #paint(chat, transfer) {
    const file = fileName(transfer.name);
    let row = this.#rows.get(transfer);
    if (!row) {
      row = makeRow(file, () => (transfer.finished ? chat.forget(transfer) : transfer.cancel()));
      this.#rows.set(transfer, row);
      this.#list.append(row.element);
    }
    const status = fileStatus(transfer, chat.limits);
    if (transfer.finished && !row.progress.hidden) {
      this.announce(t('chat.said', { name: file, text: status }));
    }
    row.status.textContent = status;
    row.progress.hidden = transfer.finished;
    row.progress.max = Math.max(1, transfer.size);
    row.progress.value = transfer.done;
    row.element.classList.toggle('failed', transfer.finished);
    const label = transfer.finished ? t('chat.dismiss-file', { file }) : t('chat.cancel-file', { file });
    row.button.setAttribute('aria-label', label);
    row.button.title = label;
  }

  /**
   * @param {Transfer} transfer
   * @param {Row} row
   */
  #remove(transfer, row) {
    const focused = row.element.contains(this.root.activeElement);
    row.element.remove();
    this.#rows.delete(transfer);
    if (focused) this.emptied();
  }
}

/**
 * @param {string} file its name
 * @param {() => void} stop
 * @returns {Row}
 */
function makeRow(file, stop) {
  const item = document.createElement('li');
  const name = document.createElement('bdi');
  const status = document.createElement('span');
  const progress = document.createElement('progress');
  const button = document.createElement('button');
  item.className = 'file';
  name.className = 'file-name';
  name.textContent = shortFileName(file);
  status.className = 'file-status';
  progress.setAttribute('aria-label', t('chat.sending-file', { file }));
  button.type = 'button';
  button.className = 'file-button';
  button.append(icon('close'));
  button.onclick = stop;
  const about = document.createElement('div');
  about.className = 'file-about';
  about.append(name, status);
  item.append(icon('file'), about, button, progress);
  return { element: item, status, progress, button };
}
