/** The buttons of what we send: microphone, camera, screen; and what a screen reader is told of it. */

import { ALL } from './devices.js';
import { element } from './parts.js';
import { microphoneSentence, shareLabel } from './sentences.js';
import { paintButton, paintForbidden, paintToggle } from './toggle.js';

export class OwnButtons {
  /** Whether the person talks with a key just now. */
  #talking = false;
  /** As it was told last. */
  #microphoneOff = false;

  /**
   * @param {ShadowRoot} root
   * @param {import('./own.js').Own} own
   * @param {(sentence: string) => void} announce
   */
  constructor(root, own, announce) {
    this.root = root;
    this.own = own;
    this.announce = announce;
    this.#button('stop-sharing').onclick = () => own.sharing.stop();
    this.#button('share').hidden = !own.sharing.available;
  }

  /** A call begins: what is on is known. */
  begin() {
    this.#microphoneOff = this.own.off.microphone;
  }

  paint() {
    const { off, sharing } = this.own;
    for (const device of ALL) {
      paintToggle(this.#button(device), device, off[device]);
      paintForbidden(this.#button(device), this.own.forbids(device));
    }
    const share = this.#button('share');
    paintButton(share, sharing.active ? 'screen-off' : 'screen', shareLabel(sharing.active));
    share.classList.toggle('on', sharing.active);
    paintForbidden(share, this.own.forbids('screen'));
    element(this.root, 'sharing', HTMLElement).hidden = !sharing.active;
    this.#tellMicrophone(off.microphone);
  }

  /**
   * The microphone is on as long as a key is down.
   * @param {boolean} on
   */
  async talk(on) {
    this.#talking = true; // nobody wants to hear the screen reader say so
    await this.own.talk(on);
    this.#talking = on;
  }

  /**
   * A host switches something off; the banner says it.
   * @param {import('./company.js').Mutable} source
   */
  silenced(source) {
    if (source === 'microphone') this.#microphoneOff = true;
  }

  /** @param {boolean} off */
  #tellMicrophone(off) {
    if (off === this.#microphoneOff) return;
    this.#microphoneOff = off;
    if (!this.#talking) this.announce(microphoneSentence(off));
  }

  /** @param {string} id */
  #button(id) {
    return element(this.root, id, HTMLButtonElement);
  }
}
