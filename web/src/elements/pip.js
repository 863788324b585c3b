/** One picture over all windows: the large tile's, or that of whoever speaks. */

import { t } from './text.js';
import { paintButton } from './toggle.js';

/** @typedef {import('./stage.js').Stage} Stage */

export class PictureInPicture {
  #video = document.createElement('video');
  #button;
  #stage;

  /**
   * @param {HTMLButtonElement} button
   * @param {Stage} stage
   */
  constructor(button, stage) {
    this.#button = button;
    this.#stage = stage;
    const video = this.#video;
    video.muted = true; // everybody is heard through their tile
    video.playsInline = true;
    button.onclick = () => void this.#toggle();
    // Where the browser has no such thing, nobody misses the button.
    stage.addEventListener('shown', () => this.#follow());
    video.addEventListener('enterpictureinpicture', () => this.#changed());
    video.addEventListener('leavepictureinpicture', () => this.#changed());
  }

  get #open() {
    return document.pictureInPictureElement === this.#video;
  }

  close() {
    if (this.#open) void document.exitPictureInPicture().catch(() => {});
    this.#video.srcObject = null;
  }

  repaint() {
    const { principal } = this.#stage;
    this.#button.hidden = !document.pictureInPictureEnabled || (!principal && !this.#open);
    this.#button.classList.toggle('on', this.#open);
    paintButton(this.#button, 'pip', t(this.#open ? 'pip.close' : 'pip.open'));
  }

  async #toggle() {
    if (this.#open) {
      this.close();
      return;
    }
    this.#follow();
    const video = this.#video;
    video.srcObject = this.#stage.principal?.video.srcObject ?? null;
    try {
      if (video.readyState === HTMLMediaElement.HAVE_NOTHING) await loaded(video);
      await video.requestPictureInPicture();
      await video.play();
    } catch {
      video.srcObject = null; // the browser does not want to, and says so itself
    }
  }

  /** Show whoever is the one to see now. */
  #follow() {
    this.repaint();
    if (!this.#open) return;
    const { principal } = this.#stage;
    const stream = principal?.video.srcObject ?? null;
    if (!stream) this.close();
    else if (stream !== this.#video.srcObject) {
      this.#video.srcObject = stream;
      void this.#video.play().catch(() => {});
    }
  }

  #changed() {
    this.#stage.showOutside(this.#open);
    if (!this.#open) this.#video.srcObject = null;
    this.repaint();
  }
}

/** @param {HTMLVideoElement} video */
function loaded(video) {
  return new Promise((resolve, reject) => {
    video.addEventListener('loadedmetadata', resolve, { once: true });
    video.addEventListener('error', reject, { once: true });
  });
}
