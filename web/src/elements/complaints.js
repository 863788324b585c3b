/** What is wrong in a call, in the banner until it is settled or read. */

import { Banner } from './banner.js';
import { clock, t } from './text.js';

/** @typedef {import('../sdk/call.js').Call} Call */
/** @typedef {import('./own.js').Way} Way */

export class Complaints {
  #banner;
  #soundBlocked = false;
  /** What a host did to us last. */
  #host = '';
  /** @type {{text: string, way?: Way} | null} */
  #problem = null;
  /** How much the server has to do, as the person has read of it. */
  #readLoad = 'normal';
  /** The announced restart that the person has read of. */
  #read = 0;

  /**
   * @param {ShadowRoot} root
   * @param {() => Call | null} call
   * @param {() => void} play every sound, from a click
   */
  constructor(root, call, play) {
    this.call = call;
    this.play = play;
    this.#banner = new Banner(root);
  }

  /** Another call begins. */
  begin() {
    this.#soundBlocked = false;
    this.#host = '';
    this.#problem = null;
    this.#readLoad = 'normal';
  }

  /** The browser plays no sound before a click. */
  soundBlocked() {
    this.#soundBlocked = true;
    this.paint();
  }

  /** @param {string} sentence what a host did to us */
  host(sentence) {
    this.#host = sentence;
    this.paint();
  }

  /**
   * @param {string} text for people; empty when it is settled
   * @param {Way} [way] what helps
   */
  problem(text, way) {
    this.#problem = text ? { text, way } : null;
    this.paint();
  }

  paint() {
    const call = this.call();
    const lost = { text: t('call.reconnecting'), action: t('call.rejoin') };
    const silent = { text: t('call.sound-blocked'), action: t('call.sound-on') };
    const close = t('call.close');
    const reconnecting = call?.state === 'reconnecting';
    this.#banner.show('connection', reconnecting ? { ...lost, does: () => call.retryNow() } : null);
    const play = () => {
      this.#soundBlocked = false;
      this.play();
      this.paint();
    };
    this.#banner.show('sound', this.#soundBlocked ? { ...silent, does: play } : null);
    const host = { text: this.#host, action: close, does: () => this.host('') };
    this.#banner.show('host', this.#host ? host : null);
    this.#banner.show('problem', this.#problem && this.#way(this.#problem));
    this.#banner.show('restart', this.#restart(reconnecting ? null : (call?.until ?? null)));
    this.#banner.show('load', this.#load(reconnecting ? 'normal' : (call?.load ?? 'normal')));
  }

  /**
   * It passes by itself, and sound is as before: only what people see themselves is said.
   * @param {import('../sdk/messages.d.ts').LoadState} state
   */
  #load(state) {
    const seen = state === 'full' ? 'strained' : state;
    if (seen === 'normal') this.#readLoad = seen;
    if (seen === this.#readLoad) return null;
    const does = () => {
      this.#readLoad = seen;
      this.paint();
    };
    const text = t(seen === 'busy' ? 'call.server-busy' : 'call.server-strained');
    return { text, action: t('call.close'), does };
  }

  /**
   * Nothing is wrong yet, and nothing has to be done.
   * @param {Date | null} until
   */
  #restart(until) {
    const at = until?.getTime() ?? 0;
    if (!until || at === this.#read) return null;
    const does = () => {
      this.#read = at;
      this.paint();
    };
    return { text: t('call.draining', { time: clock(until) }), action: t('call.close'), does };
  }

  /**
   * What helps, and a way to have it gone without.
   * @param {{text: string, way?: Way}} problem
   */
  #way({ text, way }) {
    const close = () => this.problem('');
    if (!way) return { text, action: t('call.close'), does: close };
    const does = () => {
      close();
      way.does();
    };
    return { text, action: way.action, does, close };
  }
}
