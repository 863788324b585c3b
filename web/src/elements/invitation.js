/** The dialog that brings others into the call: its link to copy, to share, and as a QR code. */

import { element } from './parts.js';
import { qrCode } from './qrcode.js';
import { t } from './text.js';

export const INVITATION = `
<dialog id="invitation" class="card invitation" part="dialog" aria-labelledby="invitation-title">
  <h2 id="invitation-title" data-text="invite.title"></h2>
  <p id="invitation-lead" class="lead"></p>
  <div id="invitation-code" class="code" role="img" data-label="invite.code"></div>
  <input id="invitation-link" type="text" readonly data-label="invite.link" dir="ltr" />
  <div class="answers">
    <button id="invitation-share" class="secondary" type="button" data-text="invite.share"></button>
    <button id="invitation-copy" class="primary" type="button"></button>
  </div>
  <button id="invitation-close" class="secondary wide" type="button" data-text="call.close"></button>
</dialog>`;

const COPIED_SECONDS = 2;

export class Invitation {
  #dialog;
  #link;
  #copy;
  #code;
  #lead;

  /**
   * @param {ShadowRoot} root
   * @param {() => string} link
   * @param {() => {locked: boolean, lobby: boolean} | null} room whom it lets in
   */
  constructor(root, link, room) {
    this.link = link;
    this.room = room;
    this.#dialog = element(root, 'invitation', HTMLDialogElement);
    this.#link = element(root, 'invitation-link', HTMLInputElement);
    this.#code = element(root, 'invitation-code', HTMLElement);
    this.#lead = element(root, 'invitation-lead', HTMLElement);
    this.#copy = element(root, 'invitation-copy', HTMLButtonElement);
    this.#copy.onclick = () => void this.#copyLink();
    this.#link.onfocus = () => this.#link.select();
    const share = element(root, 'invitation-share', HTMLButtonElement);
    share.hidden = !navigator.share;
    share.onclick = () => {
      const wanted = { text: t('invite.message'), url: this.link() };
      void navigator.share(wanted).catch(() => {}); // the person thought better of it
    };
    element(root, 'invitation-close', HTMLButtonElement).onclick = () => this.close();
    element(root, 'people-invite', HTMLButtonElement).onclick = () => this.open();
  }

  /** The dialog keeps the focus in it, and gives it back to where it was. */
  open() {
    const link = this.link();
    this.#link.value = link;
    this.repaint();
    void this.#draw(link);
    this.#dialog.showModal();
    this.#copy.focus();
  }

  close() {
    this.#dialog.close();
  }

  /** Another language is spoken. */
  repaint() {
    const room = this.room();
    const asks = room?.lobby ? 'invite.lobby' : 'invite.lead';
    this.#lead.textContent = t(room?.locked ? 'invite.locked' : asks);
    this.#copy.textContent = t('call.invite');
  }

  /** @param {string} link */
  async #draw(link) {
    if (this.#code.dataset.link === link) return;
    const code = await qrCode(link);
    this.#code.hidden = !code;
    if (!code) return;
    this.#code.dataset.link = link;
    this.#code.replaceChildren(code);
  }

  async #copyLink() {
    try {
      await navigator.clipboard.writeText(this.link());
    } catch {
      this.#link.focus(); // all of it is selected: the keys of the system copy it
      return;
    }
    this.#copy.textContent = t('call.invited');
    setTimeout(() => (this.#copy.textContent = t('call.invite')), COPIED_SECONDS * 1000);
  }
}
