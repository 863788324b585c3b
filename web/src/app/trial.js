/** Attempts to reach the server: its WebSocket, and its media port by each of the ways there are. */

/** @typedef {'udp' | 'tcp' | 'turn'} Way */

/**
 * What the server says there is to try.
 * @typedef {object} Offered
 * @property {string[]} addresses of the media port
 * @property {boolean} tcp whether it takes TCP as well
 * @property {boolean} turn whether clients are told of a TURN server
 * @property {RTCIceServer[]} iceServers none where only participants are told
 */

/** Browsers check for up to 15 s, but a way that takes this long is none. */
export const PATIENCE_SECONDS = 8;

/** @returns {Promise<Offered>} rejects when the server does not answer */
export async function offered() {
  const response = await fetch('/api/trials');
  if (!response.ok) throw new RangeError(String(response.status));
  return response.json();
}

/**
 * Connect to the media port by one way, and hang up.
 * @param {Way} way
 * @param {RTCIceServer[]} iceServers
 * @returns {Promise<number>} milliseconds until it was connected; rejects when it was not
 */
export async function reach(way, iceServers) {
  const relayed = way === 'turn';
  const connection = new RTCPeerConnection(
    relayed ? { iceServers, iceTransportPolicy: 'relay' } : {},
  );
  try {
    connection.createDataChannel('test');
    await connection.setLocalDescription();
    const answer = await exchanged(connection.localDescription?.sdp ?? '');
    const sdp = relayed ? answer : only(way, answer);
    const started = performance.now();
    const connected = settled((done) => {
      connection.onconnectionstatechange = () => {
        if (connection.connectionState === 'connected') done(true);
        if (connection.connectionState === 'failed') done(false);
      };
    });
    await connection.setRemoteDescription({ type: 'answer', sdp });
    if (!(await connected)) throw new RangeError(`nothing came back by ${way}`);
    return performance.now() - started;
  } finally {
    connection.close();
  }
}

/**
 * Open the WebSocket of calls, and close it.
 * @returns {Promise<number>} milliseconds until it was open; rejects when it did not
 */
export async function openSocket() {
  const address = new URL('/ws', location.href);
  address.protocol = address.protocol.replace('http', 'ws');
  const started = performance.now();
  const socket = new WebSocket(address);
  const opened = await settled((done) => {
    socket.onopen = () => done(true);
    socket.onerror = () => done(false);
  });
  socket.close();
  if (!opened) throw new RangeError('the WebSocket did not open');
  return performance.now() - started;
}

/**
 * An answer without the candidates of all other ways.
 * @param {Way} way
 * @param {string} sdp
 */
export function only(way, sdp) {
  const lines = sdp.split('\r\n');
  const kept = lines.filter((line) => {
    if (!line.startsWith('a=candidate:')) return true;
    return line.split(' ')[2]?.toLowerCase() === way;
  });
  return kept.join('\r\n');
}

/** @param {string} sdp */
async function exchanged(sdp) {
  const response = await fetch('/api/trials', { method: 'POST', body: JSON.stringify({ sdp }) });
  if (!response.ok) throw new RangeError(String(response.status));
  return String((await response.json()).sdp);
}

/**
 * What `start` is told, false when it is told nothing in time.
 * @param {(done: (good: boolean) => void) => void} start
 * @returns {Promise<boolean>}
 */
function settled(start) {
  return new Promise((resolve) => {
    setTimeout(() => resolve(false), 1000 * PATIENCE_SECONDS);
    start(resolve);
  });
}
