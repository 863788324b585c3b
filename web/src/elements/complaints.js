/** What is wrong in a call, in the banner until it is settled or read. */

import { Banner } from './banner.js';
import { t } from './text.js';

/** @typedef {import('../sdk/call.js').Call} Call */

export class Complaints {
  #banner;
  #soundBlocked = false;
  /** What a host did to us last. */
  #host = '';
  #problem = '';

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

  /**
   * Another call begins.
   * @param {string} problem that nobody has read yet
   */
  begin(problem) {
    this.#soundBlocked = false;
    this.#host = '';
    this.#problem = problem;
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

  /** @param {string} sentence for people; empty when it is settled */
  problem(sentence) {
    this.#problem = sentence;
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
    const problem = { text: this.#problem, action: close, does: () => this.problem('') };
    this.#banner.show('problem', this.#problem ? problem : null);
  }
}
