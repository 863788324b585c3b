/** What hosts do to others and to the room: said back to them, and asked first where it hurts. */

import { element } from './parts.js';
import { displayName } from './sentences.js';
import { t } from './text.js';

/** @typedef {import('../sdk/call.js').Call} Call */
/** @typedef {import('../sdk/messages.d.ts').Source} Source */
/** @typedef {{id: string, name: string}} Somebody */

/** @typedef {{title: string, text: string, yes: string}} Asked */

export class Moderation {
  #dialog;
  #title;
  #text;
  #yes;
  /** What was told last; null: nothing yet. @type {{host: boolean, locked: boolean, lobby: boolean} | null} */
  #told = null;

  /**
   * @param {ShadowRoot} root
   * @param {() => Call | null} call that goes on
   * @param {(sentence: string) => void} announce
   */
  constructor(root, call, announce) {
    this.call = call;
    this.announce = announce;
    this.#dialog = element(root, 'question', HTMLDialogElement);
    this.#title = element(root, 'question-title', HTMLElement);
    this.#text = element(root, 'question-text', HTMLElement);
    this.#yes = element(root, 'question-yes', HTMLButtonElement);
    element(root, 'question-no', HTMLButtonElement).onclick = () => this.#dialog.close();
  }

  /**
   * Switch off what somebody sends.
   * @param {Somebody} person
   * @param {'microphone' | 'camera' | 'screen'} source
   */
  mute({ id, name }, source) {
    const call = this.call();
    call?.muteOther(id, source);
    if (source === 'screen') call?.muteOther(id, 'screen-audio');
    this.announce(t(`moderation.done.${source}`, { name: displayName(name) }));
  }

  muteAll() {
    const call = this.call();
    for (const { id, tracks } of call?.participants.values() ?? []) {
      const heard = tracks.some(({ source, muted }) => source === 'microphone' && !muted);
      if (heard) call?.muteOther(id, 'microphone');
    }
    this.announce(t('moderation.done-all'));
  }

  /** @param {Somebody} person */
  remove({ id, name }) {
    const title = t('moderation.remove', { name: displayName(name) });
    const asked = { title, text: t('moderation.remove-text'), yes: t('people.remove') };
    this.#ask(asked, () => this.call()?.remove(id));
  }

  end() {
    const asked = { title: t('moderation.end'), text: t('moderation.end-text'), yes: t('people.end') };
    this.#ask(asked, () => this.call()?.endForAll());
  }

  toggleLock() {
    const call = this.call();
    call?.lock(!call.locked);
  }

  toggleLobby() {
    const call = this.call();
    call?.setLobby(!call.lobby);
  }

  /**
   * Tell what has changed of the room and of what we may do.
   * @param {Call} call
   */
  room(call) {
    const now = { host: call.role === 'host', locked: call.locked, lobby: call.lobby };
    const before = this.#told;
    this.#told = now;
    if (now.host && before && !before.host) this.announce(t('moderation.host'));
    if (now.locked !== (before?.locked ?? false)) {
      this.announce(t(now.locked ? 'moderation.locked' : 'moderation.open'));
    }
    if (now.host && now.lobby !== (before?.lobby ?? false)) {
      this.announce(t(now.lobby ? 'moderation.lobby-on' : 'moderation.lobby-off'));
    }
  }

  /** The call is over. */
  reset() {
    this.#dialog.close();
    this.#told = null;
  }

  /**
   * The dialog gives the focus back to where it was.
   * @param {Asked} asked
   * @param {() => void} does
   */
  #ask({ title, text, yes }, does) {
    this.#title.textContent = title;
    this.#text.textContent = text;
    this.#yes.textContent = yes;
    this.#yes.onclick = () => {
      this.#dialog.close();
      does();
    };
    this.#dialog.showModal();
  }
}
