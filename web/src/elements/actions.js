/** What the buttons and keys of a call do. */

import { ALL } from './devices.js';
import { element } from './parts.js';
import { viewName } from './sentences.js';

/** @typedef {import('./keys.js').Action} Action */

/** Those with a button; some of the others have theirs where they are done. */
const BUTTONS = /** @type {Action[]} */ ([...ALL, 'share', 'hand', 'view', 'help']);

/**
 * @typedef {object} Doers
 * @property {import('./own.js').Own} own
 * @property {import('./complaints.js').Complaints} complaints
 * @property {import('./stage.js').Stage} stage
 * @property {import('./chatpanel.js').ChatPanel} chat
 * @property {import('./company.js').Company} company
 * @property {import('./help.js').Help} help
 * @property {import('./popup.js').Popup} popup holds the buttons that there is no room for
 * @property {(sentence: string) => void} announce
 */

export class Actions {
  /**
   * @param {ShadowRoot} root
   * @param {Doers} doers
   */
  constructor(root, doers) {
    this.doers = doers;
    for (const action of BUTTONS) {
      element(root, action, HTMLButtonElement).onclick = () => this.act(action);
    }
  }

  /** @param {Action} action */
  act(action) {
    const { own, complaints, stage, chat, company, help, popup, announce } = this.doers;
    switch (action) {
      case 'microphone':
      case 'camera':
        complaints.host(''); // it is read, if there is one
        void own.toggle(action);
        break;
      case 'share':
        void own.toggleShare();
        break;
      case 'view':
        stage.toggleView();
        announce(viewName(stage.large));
        break;
      case 'pin':
        stage.pinChosen();
        break;
      case 'fullscreen':
        stage.toggleFullscreen();
        break;
      case 'chat':
        chat.toggle();
        break;
      case 'hand':
      case 'react':
      case 'people':
        company.act(action);
        break;
      case 'help':
        popup.close(); // first: the dialog gives the focus back to where it was
        help.open();
        break;
    }
  }
}
