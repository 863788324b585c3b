/** Files that are dropped on the chat, or pasted into it. */

import { element } from './parts.js';

export class Drop {
  #panel;
  #veil;

  /**
   * @param {ShadowRoot} root
   * @param {object} does
   * @param {() => string} does.invite what is written over the panel while files are held over it;
   *   empty: they cannot be dropped
   * @param {(files: Iterable<File>) => void} does.send
   */
  constructor(root, { invite, send }) {
    this.#panel = element(root, 'chat', HTMLElement);
    this.#veil = element(root, 'chat-drop', HTMLElement);
    const words = element(root, 'chat-drop-text', HTMLElement);
    const call = element(root, 'call', HTMLElement);
    // A file that misses the panel must not replace the call by its content.
    for (const type of /** @type {const} */ (['dragover', 'drop'])) {
      call.addEventListener(type, (event) => {
        if (!carriesFiles(event) || event.defaultPrevented) return;
        event.preventDefault();
        if (event.dataTransfer) event.dataTransfer.dropEffect = 'none';
      });
    }
    this.#panel.addEventListener('dragover', (event) => {
      const text = invite();
      if (!carriesFiles(event) || !text) return;
      event.preventDefault();
      if (event.dataTransfer) event.dataTransfer.dropEffect = 'copy';
      words.textContent = text;
      this.#veil.hidden = false;
    });
    this.#panel.addEventListener('dragleave', ({ relatedTarget }) => {
      if (relatedTarget instanceof Node && this.#panel.contains(relatedTarget)) return;
      this.#veil.hidden = true;
    });
    this.#panel.addEventListener('drop', (event) => {
      this.#veil.hidden = true;
      if (!carriesFiles(event) || !invite()) return;
      event.preventDefault();
      send(event.dataTransfer?.files ?? []);
    });
    this.#panel.addEventListener('paste', (event) => {
      const { clipboardData } = event;
      // Office programs put a picture of the text beside it.
      if (!clipboardData?.files.length || clipboardData.types.includes('text/plain')) return;
      if (!invite()) return;
      event.preventDefault();
      send(clipboardData.files);
    });
  }
}

/** @param {DragEvent} event */
function carriesFiles({ dataTransfer }) {
  return Boolean(dataTransfer?.types.includes('Files'));
}
