/** The others as a company: who they are, their hands and reactions, and what hosts do with it. */

import { Hands } from './hands.js';
import { Knocks } from './knocks.js';
import { Moderation } from './moderation.js';
import { People } from './people.js';
import { GLYPHS, Reactions } from './reactions.js';
import { Volumes } from './sound.js';
import { t } from './text.js';

/** @typedef {import('../sdk/call.js').Call} Call */
/** @typedef {import('../sdk/events.js').MutedEvent} MutedEvent */
/** @typedef {import('../sdk/events.js').ReactionEvent} ReactionEvent */
/** @typedef {import('../sdk/events.js').RefusedEvent} RefusedEvent */
/** @typedef {import('./announcer.js').Announcer} Announcer */
/** @typedef {import('./peoplestates.js').Oneself} Oneself */
/** @typedef {'microphone' | 'camera' | 'screen'} Mutable */

/**
 * @typedef {object} Surroundings
 * @property {() => Call | null} call that goes on
 * @property {Announcer} announcer
 * @property {import('./stage.js').Stage} stage
 * @property {import('./panel.js').Panels} panels
 * @property {HTMLElement} more gets the focus back where a button is not seen
 * @property {(participant: string) => void} write begin to write to them alone
 * @property {(source: Mutable, host: string | undefined) => void} muted a host switched off
 *   something of ours; their name, if they are still here
 * @property {(problem: string) => void} complain
 * @property {AbortSignal} signal ends it
 */

export class Company {
  #hands;
  #knocks;
  #reactions;
  #moderation;
  #people;
  #volumes = new Volumes();
  /** @type {{call: Call, self: Oneself} | null} */
  #shown = null;

  /**
   * @param {ShadowRoot} root
   * @param {Surroundings} around
   */
  constructor(root, around) {
    this.around = around;
    const { call, announcer, stage, panels, more, write, signal } = around;
    const announce = (/** @type {string} */ sentence) => announcer.say(sentence);
    this.#hands = new Hands(root, announce);
    this.#knocks = new Knocks(root, call, announce);
    this.#reactions = new Reactions(root, more, (reaction) => call()?.react(reaction), signal);
    this.#moderation = new Moderation(root, call, announce);
    this.#people = new People(root, panels, this.#moderation, {
      pin: (participant) => {
        const key = this.#tileOf(participant)?.state?.key;
        if (key) stage.pin(key);
      },
      isPinned: (participant) => this.#tileOf(participant)?.pinned ?? false,
      volume: (participant) => this.#volumes.of(participant),
      setVolume: (participant, volume) => {
        this.#volumes.set(participant, volume);
        this.#setVolumes();
      },
      write,
    });
    stage.addEventListener('view', () => this.#paint());
    stage.addEventListener('shown', () => this.#setVolumes());
  }

  /**
   * @param {Call} call that begins
   * @param {string} name ours
   */
  enter(call, name) {
    const { announcer, muted, complain } = this.around;
    call.addEventListener('room', () => {
      if (call.state !== 'joined') return;
      this.#moderation.room(call);
      this.#paint();
    });
    call.addEventListener('waiting', () => this.#knocks.show(call.waiting));
    call.addEventListener('reaction', (event) => {
      const { participant, reaction } = /** @type {ReactionEvent} */ (event);
      this.#tileOf(participant)?.react(GLYPHS[reaction]);
      const own = participant === call.you;
      const who = own ? t('reactions.you') : (call.participants.get(participant)?.name ?? name);
      announcer.reacted(who, reaction);
    });
    call.addEventListener('muted', (event) => {
      const { source, by } = /** @type {MutedEvent} */ (event);
      if (source !== 'screen-audio') muted(source, call.participants.get(by)?.name);
    });
    call.addEventListener('refused', (event) => {
      const { code } = /** @type {RefusedEvent} */ (event);
      if (code === 'too-fast') complain(t('moderation.too-fast'));
      else if (REFUSED.includes(code)) complain(t('moderation.refused'));
      else if (NO_PLACE.includes(code)) complain(t('lobby.no-place'));
    });
  }

  /**
   * @param {Call} call
   * @param {Oneself} self
   */
  show(call, self) {
    this.#shown = { call, self };
    this.#volumes.prune((participant) => call.participants.has(participant));
    if (call.state === 'joined') this.#hands.show(call);
    this.#paint();
  }

  /** @param {'hand' | 'react' | 'people'} action of a button or a key */
  act(action) {
    const call = this.around.call();
    if (action === 'people') this.around.panels.toggle('people');
    else if (action === 'react') this.#reactions.popup.toggle();
    else if (call) this.#hands.toggle(call);
  }

  /** The call is over. */
  leave() {
    this.#shown = null;
    this.#hands.reset();
    this.#reactions.popup.close();
    this.#moderation.reset();
    this.#people.reset();
    this.#knocks.repaint();
  }

  /** Another language is spoken. */
  repaint() {
    this.#hands.repaint();
    this.#knocks.repaint();
    this.#reactions.repaint();
    this.#people.repaint();
  }

  /** @param {string} participant */
  #tileOf(participant) {
    return this.around.stage.tiles.find(
      ({ state }) => state?.participant === participant && state.source === 'camera',
    );
  }

  #setVolumes() {
    for (const { state, sound } of this.around.stage.tiles) {
      if (state && !state.self) sound.volume = this.#volumes.of(state.participant);
    }
  }

  #paint() {
    if (this.#shown) this.#people.show(this.#shown.call, this.#shown.self);
  }
}

/** For somebody who was to be let in. */
const NO_PLACE = ['room-full', 'server-full', 'server-busy'];
/** What is asked for may be too late: they have left, or we are host no more. */
const REFUSED = ['not-allowed', 'no-such-participant', 'no-such-track'];
