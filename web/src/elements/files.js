/** The files of a call: sent, fetched, and saved where the browser keeps downloads. */

import { fileName } from './chatsentences.js';
import { t } from './text.js';

/** @typedef {import('../sdk/chat.js').Chat} Chat */
/** @typedef {import('../sdk/chat.js').ChatFile} ChatFile */
/** @typedef {import('../sdk/transfer.js').Transfer} Transfer */

/** By then every browser has begun to save; the content must not stay for its address's sake. */
const SAVED_SECONDS = 30;

export class Files {
  /** @type {Chat | null} */
  #chat = null;
  /** Downloads that somebody waits for. @type {Set<Transfer>} */
  #wanted = new Set();

  /** @param {(sentence: string) => void} announce */
  constructor(announce) {
    this.announce = announce;
  }

  /** @param {Chat | null} chat */
  enter(chat) {
    this.#chat = chat;
    this.#wanted.clear();
  }

  /** What the server takes. */
  get limits() {
    return this.#chat?.limits ?? { text: 0, file: 0 };
  }

  /**
   * @param {Iterable<File>} files
   * @param {string | null} to
   */
  send(files, to) {
    for (const file of files) this.#chat?.sendFile(file, file.name, to);
  }

  /**
   * Get a file and save it; at once if it is here already.
   * @param {ChatFile} file
   */
  fetch(file) {
    const transfer = this.#chat?.fetchFile(file);
    if (!transfer) return;
    this.#wanted.add(transfer);
    this.look();
  }

  /**
   * The latest download of a file.
   * @param {ChatFile} file
   * @returns {Transfer | null}
   */
  download({ number }) {
    const all = [...(this.#chat?.transfers.values() ?? [])];
    return all.findLast((each) => each.direction === 'down' && each.number === number) ?? null;
  }

  /** A transfer has changed: what is here now is saved, what has been sent is told. */
  look() {
    for (const transfer of this.#wanted) {
      if (!transfer.finished) continue;
      this.#wanted.delete(transfer);
      if (!transfer.blob) continue;
      save(transfer.blob, fileName(transfer.name));
      this.announce(t('chat.file-here', { file: fileName(transfer.name) }));
    }
  }
}

/**
 * @param {Blob} blob
 * @param {string} name
 */
function save(blob, name) {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), SAVED_SECONDS * 1000);
}
