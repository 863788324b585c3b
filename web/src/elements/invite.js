/** The link of the call, copied for others. */

import { element } from './parts.js';
import { t } from './text.js';
import { paintButton } from './toggle.js';

const COPIED_SECONDS = 2;

export class Invite {
  #button;
  #invite;

  /**
   * @param {ShadowRoot} root
   * @param {() => string} link
   * @param {(text: string) => void} announce
   * @param {(link: string) => void} failed the browser does not let us copy
   */
  constructor(root, link, announce, failed) {
    this.#button = element(root, 'copy-link', HTMLButtonElement);
    this.#invite = element(root, 'invite', HTMLButtonElement);
    this.link = link;
    this.announce = announce;
    this.failed = failed;
    for (const button of [this.#button, this.#invite]) button.onclick = () => void this.#copy();
    paintButton(this.#button, 'link', t('call.copy-link'));
  }

  async #copy() {
    const link = this.link();
    try {
      await navigator.clipboard.writeText(link);
    } catch {
      this.failed(link);
      return;
    }
    paintButton(this.#button, 'done', t('call.link-copied'));
    this.#invite.textContent = t('call.invited');
    this.announce(t('call.link-copied'));
    setTimeout(() => {
      paintButton(this.#button, 'link', t('call.copy-link'));
      this.#invite.textContent = t('call.invite');
    }, COPIED_SECONDS * 1000);
  }
}
