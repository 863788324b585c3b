/** The link of the call, copied for others. */

import { element } from './page.js';
import { COPY_LINK, LINK_COPIED } from './sentences.js';
import { paintButton } from './toggle.js';

const COPIED_SECONDS = 2;

export class Invite {
  #button = element('copy-link', HTMLButtonElement);
  #invite = element('invite', HTMLButtonElement);

  /**
   * @param {(text: string) => void} announce
   * @param {(link: string) => void} failed the browser does not let us copy
   */
  constructor(announce, failed) {
    this.announce = announce;
    this.failed = failed;
    for (const button of [this.#button, this.#invite]) button.onclick = () => void this.#copy();
    paintButton(this.#button, 'link', COPY_LINK);
  }

  async #copy() {
    const link = location.origin + location.pathname;
    try {
      await navigator.clipboard.writeText(link);
    } catch {
      this.failed(link);
      return;
    }
    paintButton(this.#button, 'done', LINK_COPIED);
    this.#invite.textContent = 'Copied';
    this.announce(LINK_COPIED);
    setTimeout(() => {
      paintButton(this.#button, 'link', COPY_LINK);
      this.#invite.textContent = 'Copy link';
    }, COPIED_SECONDS * 1000);
  }
}
