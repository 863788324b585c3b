/** The data channels of one peer connection: what is said over them, as typed messages. */

/** @typedef {import('./messages.d.ts').DataServerMessage} DataServerMessage */

/** A typed message, or a piece of a file. */
export class DataReceived extends Event {
  /** @param {DataServerMessage | ArrayBuffer} message */
  constructor(message) {
    super('message');
    this.message = message;
  }
}

/**
 * Emits `message` (a DataReceived) and `state` when a channel opens or closes. Made before the
 * first offer, so that nothing has to be negotiated later; a server may answer without them.
 */
export class Channels extends EventTarget {
  #closed = false;

  /** @param {RTCPeerConnection} connection */
  constructor(connection) {
    super();
    this.chat = this.#create(connection, 'chat');
    this.files = this.#create(connection, 'files');
  }

  get open() {
    return this.chat.readyState === 'open' && this.files.readyState === 'open';
  }

  /** There is no way for them, or no more: they do not come back. */
  get closed() {
    return this.#closed;
  }

  /** @param {import('./messages.d.ts').Say} message lost when the channel is closing */
  say(message) {
    if (this.chat.readyState === 'open') this.chat.send(JSON.stringify(message));
  }

  /** The server answered without them, or the connection has ended. */
  close() {
    if (this.#closed) return;
    this.#closed = true;
    this.dispatchEvent(new Event('state'));
  }

  /**
   * @param {RTCPeerConnection} connection
   * @param {string} label
   */
  #create(connection, label) {
    const channel = connection.createDataChannel(label);
    channel.binaryType = 'arraybuffer';
    channel.addEventListener('open', () => this.dispatchEvent(new Event('state')));
    channel.addEventListener('close', () => this.close());
    channel.addEventListener('message', ({ data }) => {
      if (this.#closed) return;
      const message = typeof data === 'string' ? JSON.parse(data) : data;
      this.dispatchEvent(new DataReceived(message));
    });
    return channel;
  }
}
