/** What was said: the messages in their order, each once, over outages and closed rooms. */

/** @typedef {import('./chat.js').ChatMessage} ChatMessage */
/** @typedef {import('./messages.d.ts').Said} Said */

/** More than the server keeps, and more than anybody scrolls through. */
const MAX_MESSAGES = 2000;

/**
 * The server's numbers rise while a room exists; one that was closed begins anew. Ours go on: they
 * are the server's, plus what came before.
 */
export class Conversation {
  /** @type {readonly ChatMessage[]} by number */
  messages = [];
  /** Counts the rooms: another number means that the server's numbers mean something else. */
  room = 0;
  /** What is added to the numbers of the room as it is now. */
  #base = 0;

  /** @param {(said: Said, number: number) => ChatMessage} read */
  constructor(read) {
    this.read = read;
  }

  /**
   * What the server kept of the time before; may be less than what we saw ourselves.
   * @param {readonly Said[]} history by number
   * @returns {Said[]} what we did not know
   */
  recall(history) {
    if (this.#isAnotherRoom(history)) this.#beginAnew();
    const fresh = history.filter((said) => !this.#find(said.number));
    this.#keep([...this.messages, ...fresh.map((said) => this.#message(said))]);
    return fresh;
  }

  /**
   * @param {Said} said
   * @returns {boolean} whether it is new
   */
  take(said) {
    const known = this.#find(said.number);
    if (known && isSame(known, said)) return false;
    // Within a room what is said now has the highest number.
    if (said.number + this.#base <= this.#highest()) this.#beginAnew();
    this.#keep([...this.messages, this.#message(said)]);
    return true;
  }

  /**
   * Nobody can have that file any more.
   * @param {number} file its number
   */
  fileGone(file) {
    this.#withoutFiles((number) => number === file);
  }

  /** @param {readonly Said[]} history */
  #isAnotherRoom(history) {
    const known = history.map((said) => this.#find(said.number));
    if (known.some(Boolean)) {
      return history.some((said, index) => {
        const message = known[index];
        return message && !isSame(message, said);
      });
    }
    const last = history.at(-1);
    if (last) return last.number + this.#base <= this.#highest();
    // A room that lives has its latest public messages.
    return this.messages.some((each) => each.number > this.#base && each.to === null);
  }

  #beginAnew() {
    this.room += 1;
    this.#base = this.#highest();
    this.#withoutFiles(() => true);
  }

  #highest() {
    return this.messages.at(-1)?.number ?? this.#base;
  }

  /** @param {number} number the server's */
  #find(number) {
    return this.messages.find((each) => each.number === number + this.#base);
  }

  /** @param {Said} said */
  #message(said) {
    return this.read(said, said.number + this.#base);
  }

  /** @param {(file: number) => boolean} which */
  #withoutFiles(which) {
    this.messages = this.messages.map((each) =>
      each.file && !each.file.gone && which(each.file.number)
        ? { ...each, file: { ...each.file, gone: true } }
        : each,
    );
  }

  /** @param {ChatMessage[]} messages */
  #keep(messages) {
    this.messages = messages.sort((a, b) => a.number - b.number).slice(-MAX_MESSAGES);
  }
}

/**
 * @param {ChatMessage} message
 * @param {Said} said
 */
function isSame(message, said) {
  return message.from === said.sender && message.at.getTime() === milliseconds(said.at);
}

/** @param {number} seconds */
export function milliseconds(seconds) {
  return Math.round(seconds * 1000);
}
