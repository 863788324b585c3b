/** Stand-ins for what a browser has and Node has not; just enough for web/src/sdk. */

export class FakeSocket extends EventTarget {
  /** @type {FakeSocket[]} every socket that was opened */
  static all = [];
  static get last() {
    return FakeSocket.all[FakeSocket.all.length - 1];
  }

  readyState = 0;
  sent = [];

  constructor(url) {
    super();
    this.url = url;
    FakeSocket.all.push(this);
  }

  open() {
    this.readyState = 1;
    this.dispatchEvent(new Event('open'));
  }

  send(text) {
    this.sent.push(JSON.parse(text));
  }

  /** Let the client have a message of the server. */
  say(message) {
    this.dispatchEvent(Object.assign(new Event('message'), { data: JSON.stringify(message) }));
  }

  close(code) {
    if (this.readyState === 3) return;
    this.closedWith = code;
    this.readyState = 3;
    this.dispatchEvent(new Event('close'));
  }

  /** The messages of one type that the client sent. */
  all(type) {
    return this.sent.filter((message) => message.type === type);
  }
}

export class FakeSender {
  /** @type {object[][]} the encodings of every change */
  changes = [];
  #transaction = 0;

  constructor(track, encodings) {
    this.track = track;
    this.encodings = encodings.map((each) => ({ active: true, ...each }));
  }

  async replaceTrack(track) {
    this.track = track;
  }

  getParameters() {
    return { transactionId: String(this.#transaction), encodings: structuredClone(this.encodings) };
  }

  /** As in a browser: parameters that were read before another change are refused. */
  async setParameters({ transactionId, encodings }) {
    if (this.stopped) throw new Error('stopped');
    if (transactionId !== String(this.#transaction)) throw new Error('stale');
    await settle();
    this.#transaction += 1;
    this.encodings = encodings;
    this.changes.push(encodings);
  }

  /** The rids that are sent. */
  get active() {
    return this.encodings.filter((each) => each.active).map((each) => each.rid);
  }
}

export class FakeChannel extends EventTarget {
  readyState = 'connecting';
  bufferedAmount = 0;
  bufferedAmountLowThreshold = 0;
  /** What the client sent: messages, and pieces of files as ArrayBuffers. */
  sent = [];
  /** Whether what is sent stays in the buffer until `drain`. */
  slow = false;

  constructor(label, options) {
    super();
    this.label = label;
    this.options = options;
  }

  open() {
    this.readyState = 'open';
    this.dispatchEvent(new Event('open'));
  }

  send(data) {
    if (this.readyState !== 'open') throw new Error('not open');
    if (this.slow) this.bufferedAmount += data.byteLength ?? data.length;
    this.sent.push(typeof data === 'string' ? JSON.parse(data) : data);
  }

  /** All that was sent has left. */
  drain() {
    this.bufferedAmount = 0;
    this.dispatchEvent(new Event('bufferedamountlow'));
  }

  /** Let the client have a message of the server, or a piece of a file. */
  say(message) {
    const data = message instanceof ArrayBuffer ? message : JSON.stringify(message);
    this.dispatchEvent(Object.assign(new Event('message'), { data }));
  }

  close() {
    if (this.readyState === 'closed') return;
    this.readyState = 'closed';
    this.dispatchEvent(new Event('close'));
  }

  /** The messages of one type that the client sent. */
  all(type) {
    return this.sent.filter((message) => message.type === type);
  }

  /** The pieces of files that the client sent. */
  get pieces() {
    return this.sent.filter((each) => each instanceof ArrayBuffer);
  }
}

export class FakeConnection extends EventTarget {
  /** @type {FakeConnection[]} */
  static all = [];
  static get open() {
    return FakeConnection.all.filter((each) => each.connectionState !== 'closed');
  }

  /** @type {string | null} what to offer */
  static sdp = null;

  connectionState = 'new';
  iceConnectionState = 'new';
  transceivers = [];
  answers = [];
  /** How often another way for media was asked for. */
  restarts = 0;
  /** @type {Record<string, FakeChannel>} by label */
  channels = {};

  constructor(configuration) {
    super();
    this.configuration = configuration;
    FakeConnection.all.push(this);
  }

  /** As in a browser: what is not told is as if it had never been. */
  setConfiguration(configuration) {
    if (this.connectionState === 'closed') throw new Error('closed');
    if (configuration.bundlePolicy !== this.configuration.bundlePolicy) throw new Error('changed');
    this.configuration = configuration;
  }

  addTransceiver(trackOrKind, { direction, sendEncodings = [{}] }) {
    const track = typeof trackOrKind === 'string' ? null : trackOrKind;
    const kind = track ? track.kind : trackOrKind;
    if (this.refuses && sendEncodings.some(this.refuses)) throw new Error('refused');
    const sender = new FakeSender(track, sendEncodings);
    const receiver = { track: { kind, id: `remote-${this.transceivers.length}` } };
    const transceiver = { mid: null, kind, direction, sender, receiver, preferred: [] };
    transceiver.setCodecPreferences = (codecs) => (transceiver.preferred = codecs);
    this.transceivers.push(transceiver);
    return transceiver;
  }

  createDataChannel(label, options = {}) {
    return (this.channels[label] = new FakeChannel(label, options));
  }

  getTransceivers() {
    return this.transceivers;
  }

  async createOffer() {
    return { type: 'offer', sdp: FakeConnection.sdp ?? `offer of ${this.transceivers.length}` };
  }

  async setLocalDescription() {
    for (const [index, each] of this.transceivers.entries()) each.mid ??= String(index);
  }

  async setRemoteDescription({ sdp }) {
    this.answers.push(sdp);
    for (const each of this.transceivers) each.currentDirection = each.direction;
  }

  restartIce() {
    this.restarts += 1;
  }

  become(state) {
    this.connectionState = state;
    this.iceConnectionState = state;
    this.dispatchEvent(new Event('connectionstatechange'));
  }

  /** As in a browser: its channels end without an event. */
  close() {
    this.connectionState = 'closed';
    for (const channel of Object.values(this.channels)) channel.readyState = 'closed';
  }
}

const VIDEO_CODECS = [
  { mimeType: 'video/VP8' },
  { mimeType: 'video/VP9' },
  { mimeType: 'video/rtx' },
  { mimeType: 'video/H264', sdpFmtpLine: 'packetization-mode=1;profile-level-id=42e01f' },
  { mimeType: 'video/H264', sdpFmtpLine: 'profile-level-id=42001F;packetization-mode=1' },
  { mimeType: 'video/H264', sdpFmtpLine: 'packetization-mode=0;profile-level-id=42e01f' },
  { mimeType: 'video/H264', sdpFmtpLine: 'packetization-mode=1;profile-level-id=4d001f' },
];
const AUDIO_CODECS = [{ mimeType: 'audio/opus' }, { mimeType: 'audio/PCMU' }];

/** Put the stand-ins where the code under test looks for them. */
export function install() {
  FakeSocket.all = [];
  FakeConnection.all = [];
  FakeConnection.sdp = null;
  Object.assign(globalThis, {
    WebSocket: FakeSocket,
    RTCPeerConnection: FakeConnection,
    RTCRtpReceiver: {
      getCapabilities: (kind) => ({ codecs: kind === 'video' ? VIDEO_CODECS : AUDIO_CODECS }),
    },
    MediaStream: class {
      constructor(tracks = []) {
        this.tracks = tracks;
      }
    },
  });
}

/** A captured track. */
export function track(kind, width = 1280, height = 720) {
  const settings = kind === 'video' ? { width, height } : {};
  return { kind, enabled: true, contentHint: '', getSettings: () => settings };
}

/** Let everything happen that is only waiting for its turn. */
export function settle() {
  return new Promise((resolve) => setImmediate(resolve));
}
