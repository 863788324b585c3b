/** The file of a message: what it is, the button that gets it, and how far that is. */

import { fileName, fileStatus, shortFileName } from './chatsentences.js';
import { icon } from './icons.js';
import { bytes, t } from './text.js';

/** @typedef {import('../sdk/chat.js').ChatFile} ChatFile */
/** @typedef {import('../sdk/transfer.js').Transfer} Transfer */
/** @typedef {import('./files.js').Files} Files */

export class FileCard {
  element = document.createElement('div');
  #status = document.createElement('span');
  #button = document.createElement('button');
  #progress = document.createElement('progress');
  /** @type {Blob | null} whose picture is shown */
  #pictured = null;

  /**
   * @param {ChatFile} file
   * @param {Files} files
   */
  constructor(file, files) {
    this.file = file;
    this.files = files;
    this.element.className = 'file';
    const name = document.createElement('bdi');
    name.className = 'file-name';
    name.textContent = shortFileName(file.name);
    this.#status.className = 'file-status';
    const about = document.createElement('div');
    about.className = 'file-about';
    about.append(name, this.#status);
    this.#progress.max = file.size;
    this.#progress.setAttribute('aria-label', t('chat.downloading-file', { file: fileName(file.name) }));
    this.#button.type = 'button';
    this.#button.className = 'file-button';
    this.#button.addEventListener('click', ({ detail }) => {
      if (detail > 1) return; // a double click must not cancel what it has begun
      const { unfinished } = this;
      if (unfinished) unfinished.cancel();
      else this.files.fetch(this.file);
    });
    this.element.append(icon('file'), about, this.#button, this.#progress);
    this.paint();
  }

  /** @returns {Transfer | null} */
  get unfinished() {
    const transfer = this.files.download(this.file);
    return transfer && !transfer.finished ? transfer : null;
  }

  paint() {
    const { file, files, unfinished } = this;
    const transfer = files.download(file);
    this.element.classList.toggle('failed', transfer?.state === 'failed');
    this.#status.textContent = transfer ? fileStatus(transfer, files.limits) : bytes(file.size);
    if (file.gone) this.#status.textContent = t('chat.file-gone');
    this.#progress.hidden = !unfinished;
    this.#progress.value = unfinished?.done ?? 0;
    this.#button.hidden = file.gone && !unfinished && !transfer?.blob;
    this.#paintButton(Boolean(unfinished));
    if (transfer?.blob) this.#picture(transfer.blob);
  }

  /** @param {boolean} cancels */
  #paintButton(cancels) {
    const shape = cancels ? 'close' : 'download';
    if (this.#button.dataset.icon === shape) return;
    this.#button.dataset.icon = shape;
    this.#button.replaceChildren(icon(shape));
    const file = fileName(this.file.name);
    const label = cancels ? t('chat.cancel-file', { file }) : t('chat.download-file', { file });
    this.#button.setAttribute('aria-label', label);
    this.#button.title = label;
  }

  /** @param {Blob} blob of which the sdk gave a type only if it is harmless */
  #picture(blob) {
    if (blob === this.#pictured || !blob.type.startsWith('image/')) return;
    this.#pictured = blob;
    const picture = document.createElement('img');
    picture.className = 'file-picture';
    picture.alt = fileName(this.file.name);
    picture.src = URL.createObjectURL(blob);
    picture.onload = () => URL.revokeObjectURL(picture.src);
    picture.onerror = () => {
      URL.revokeObjectURL(picture.src);
      picture.remove();
    };
    this.element.append(picture);
  }
}
