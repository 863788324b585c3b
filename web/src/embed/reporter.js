/** Tells the page around a frame what happens in the call. */

/** @typedef {import('../sdk/index.js').Call} Call */
/** @typedef {import('../sdk/index.js').RefusedEvent} RefusedEvent */
/** @typedef {import('../elements/sfu-call.js').SfuCall} SfuCall */
/** @typedef {import('./messages.js').News} News */
/** @typedef {import('./messages.js').Person} Person */

/** The views of a call that is over. */
const OVER = ['ended', 'error'];

export class Reporter {
  /** @type {Map<string, Person> | null} whom the page knows of; null: we are in no call */
  #people = null;
  /** @type {Call | null} that is listened to */
  #call = null;
  /** The last message in the chat that was told. */
  #lastMessage = 0;
  /** What was told last, by type, as text to compare. @type {Map<string, string>} */
  #told = new Map();

  /**
   * @param {SfuCall} element
   * @param {(news: News) => void} tell
   */
  constructor(element, tell) {
    this.element = element;
    this.tell = tell;
    element.addEventListener('sfu-state', () => this.#state());
    element.addEventListener('sfu-participants', () => this.#participants());
    element.addEventListener('sfu-chat', () => this.#chat());
    element.addEventListener('sfu-devices', () => this.#devices());
  }

  #state() {
    const { state, reason, call } = this.element;
    this.tell({ type: 'state', state, reason });
    if (call && call !== this.#call) this.#enter(call);
    if (state === 'call' && call && !this.#people) {
      const people = everybody(call);
      this.#people = new Map(people.map((each) => [each.id, each]));
      this.#devices();
      this.#room(call);
      this.tell({ type: 'joined', you: call.you, participants: people });
    } else if (OVER.includes(state)) {
      this.#people = null;
      this.#told.clear();
      this.tell({ type: 'left', reason });
    }
  }

  /** @param {Call} call */
  #enter(call) {
    this.#call = call;
    this.#lastMessage = 0;
    call.addEventListener('room', () => this.#room(call));
    call.addEventListener('refused', (event) => {
      this.tell({ type: 'refused', code: /** @type {RefusedEvent} */ (event).code });
    });
  }

  #participants() {
    const before = this.#people;
    const { call } = this.element;
    if (!before || !call) return;
    const people = new Map(everybody(call).map((each) => [each.id, each]));
    this.#people = people;
    for (const [id, participant] of before) {
      if (!people.has(id)) this.tell({ type: 'participant-left', participant });
    }
    for (const [id, participant] of people) {
      const known = before.get(id);
      if (!known) this.tell({ type: 'participant-joined', participant });
      else if (JSON.stringify(known) !== JSON.stringify(participant)) {
        this.tell({ type: 'participant-updated', participant });
      }
    }
  }

  #chat() {
    for (const { number, from, name, self, to, text } of this.element.call?.chat.messages ?? []) {
      if (number <= this.#lastMessage) continue;
      this.#lastMessage = number;
      this.tell({ type: 'chat', from, name, self, to, text });
    }
  }

  #devices() {
    this.#tellChange({ type: 'devices', ...this.element.devices });
  }

  /** @param {Call} call */
  #room({ state, role, locked }) {
    if (state === 'joined') this.#tellChange({ type: 'room', role, locked });
  }

  /** @param {News} news about what has one state at a time */
  #tellChange(news) {
    const text = JSON.stringify(news);
    if (this.#told.get(news.type) === text) return;
    this.#told.set(news.type, text);
    this.tell(news);
  }
}

/**
 * @param {Call} call
 * @returns {Person[]}
 */
function everybody(call) {
  const all = [...call.participants.values()];
  return all.map(({ id, name, role, hand }) => ({ id, name, role, hand }));
}
