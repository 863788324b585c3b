/** In which order tiles are placed: as they came, but who speaks where nobody looks comes forward. */

/** @typedef {import('./view.js').Seen} Seen */

/** A cough or a yes does not move anybody. */
const SPEAKS_MILLISECONDS = 2000;

export class Order {
  /** @type {string[]} */
  #keys = [];
  /** Since when they speak unseen, by key. @type {Map<string, number>} */
  #since = new Map();
  /** When they were heard last, by key. @type {Map<string, number>} */
  #heard = new Map();

  /**
   * Everybody in their order; who is new is last.
   * @template T
   * @param {readonly [string, T][]} tiles by key
   * @returns {[string, T][]}
   */
  sort(tiles) {
    const known = new Map(tiles);
    const kept = this.#keys.filter((key) => known.has(key));
    this.#keys = [...kept, ...[...known.keys()].filter((key) => !kept.includes(key))];
    for (const memory of [this.#since, this.#heard]) {
      for (const key of memory.keys()) if (!known.has(key)) memory.delete(key);
    }
    return this.#keys.map((key) => [key, /** @type {T} */ (known.get(key))]);
  }

  /**
   * Somebody who has been speaking unseen changes places with whoever was silent for the longest
   * time; nobody else moves.
   * @param {readonly Seen[]} tiles
   * @param {readonly string[]} speaking participants
   * @param {ReadonlySet<string>} shown keys of the tiles that are seen and may make room
   * @param {ReadonlySet<string>} hidden keys of those that are not seen
   * @param {number} now in milliseconds
   * @returns {{swapped: boolean, wait: number}} after how long to look again; 0: no need
   */
  bring(tiles, speaking, shown, hidden, now) {
    let wait = 0;
    let swapped = false;
    for (const { key, participant, source, self } of tiles) {
      if (self || source !== 'camera') continue;
      const speaks = speaking.includes(participant);
      if (speaks) this.#heard.set(key, now);
      if (!speaks || !hidden.has(key)) {
        this.#since.delete(key);
        continue;
      }
      const since = this.#since.get(key) ?? now;
      this.#since.set(key, since);
      const left = since + SPEAKS_MILLISECONDS - now;
      const place = left <= 0 && !swapped ? this.#free(tiles, speaking, shown) : null;
      if (place) {
        this.#swap(key, place);
        this.#since.delete(key);
        swapped = true;
      } else if (left > 0) wait = wait ? Math.min(wait, left) : left;
    }
    return { swapped, wait };
  }

  /**
   * @param {readonly Seen[]} tiles
   * @param {readonly string[]} speaking
   * @param {ReadonlySet<string>} shown
   * @returns {string | null} whose place is taken
   */
  #free(tiles, speaking, shown) {
    const silent = tiles.filter(
      (each) => !each.self && shown.has(each.key) && !speaking.includes(each.participant),
    );
    // The later ones first: they are the smallest loss to whoever looks at the first.
    const ranked = silent
      .toSorted((a, b) => this.#keys.indexOf(b.key) - this.#keys.indexOf(a.key))
      .toSorted((a, b) => (this.#heard.get(a.key) ?? -1) - (this.#heard.get(b.key) ?? -1));
    return ranked[0]?.key ?? null;
  }

  /**
   * @param {string} one
   * @param {string} other
   */
  #swap(one, other) {
    const [from, to] = [this.#keys.indexOf(one), this.#keys.indexOf(other)];
    this.#keys[from] = other;
    this.#keys[to] = one;
  }
}
