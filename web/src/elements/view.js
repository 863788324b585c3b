/** Which tile is shown large: by what the person chose, what is shared, and who speaks. */

/** @typedef {import('./layout.js').Mode} Mode */
/** @typedef {{key: string, participant: string, source: string, self: boolean}} Seen one tile */

export class View {
  /** @type {string | null} the key of the tile that the person holds large */
  pinned = null;
  /** @type {'grid' | 'speaker'} */
  #choice = 'grid';
  /** Screens that the person has put back among the others. @type {Set<string>} */
  #dismissed = new Set();
  /** Who is, or was last, shown large for speaking. */
  #speaker = '';
  /** @type {string | null} what was decided last */
  #large = null;
  /** @type {string[]} in the order of their coming */
  #screens = [];

  /**
   * The mode, and the tile that is large in it. A pinned tile comes first, then the screen that
   * was shared last, then whoever speaks: they stay until they are silent and somebody else speaks.
   * @param {readonly Seen[]} tiles all of them, in their order
   * @param {readonly string[]} speaking participants, loudest first
   * @returns {{mode: Mode, large: string | null}}
   */
  decide(tiles, speaking) {
    if (!tiles.some(({ key }) => key === this.pinned)) this.pinned = null;
    this.#followScreens(tiles);
    this.#followSpeaker(tiles, speaking);
    const screen = this.#screens.findLast((key) => !this.#dismissed.has(key));
    const speaker =
      tiles.find((each) => each.source === 'camera' && each.participant === this.#speaker) ??
      tiles[0];
    const chosen = this.#choice === 'speaker' ? (this.#screens.at(-1) ?? speaker?.key) : null;
    this.#large = this.pinned ?? screen ?? chosen ?? null;
    if (this.#large === null) return { mode: 'grid', large: null };
    const shared = tiles.find(({ key }) => key === this.#large)?.source === 'screen';
    return { mode: shared ? 'screen' : 'speaker', large: this.#large };
  }

  /** The participant who speaks, or spoke last; empty: nobody else is here. */
  get speaker() {
    return this.#speaker;
  }

  /**
   * Hold a tile large, or no more if it is.
   * @param {string} key
   */
  pin(key) {
    this.pinned = this.pinned === key ? null : key;
  }

  /** From a large tile to the grid, from the grid to whoever speaks. */
  toggle() {
    if (this.#large === null) {
      this.#choice = 'speaker';
      return;
    }
    this.#choice = 'grid';
    this.pinned = null;
    this.#dismissed = new Set(this.#screens);
  }

  /** @param {readonly Seen[]} tiles */
  #followScreens(tiles) {
    const now = tiles.filter((each) => each.source === 'screen').map(({ key }) => key);
    const before = this.#screens.filter((key) => now.includes(key));
    this.#screens = [...before, ...now.filter((key) => !before.includes(key))];
    this.#dismissed = new Set(now.filter((key) => this.#dismissed.has(key)));
  }

  /**
   * @param {readonly Seen[]} tiles
   * @param {readonly string[]} speaking
   */
  #followSpeaker(tiles, speaking) {
    const others = tiles.filter((each) => !each.self).map((each) => each.participant);
    if (!others.includes(this.#speaker)) this.#speaker = others[0] ?? '';
    if (speaking.includes(this.#speaker)) return;
    this.#speaker = speaking.find((each) => others.includes(each)) ?? this.#speaker;
  }
}
