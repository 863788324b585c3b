/** The content of a file in pieces: each comes with the file's number in its first four bytes. */

/** The most content in one message that the server takes. */
const PIECE_BYTES = 16 * 1024;
const NUMBER_BYTES = 4;
/** So much waits in the browser: enough for a fast line, little enough to be cancelled at once. */
const BUFFERED_BYTES = 64 * 1024;

/**
 * Send the content of a file as the channel drains.
 * @param {RTCDataChannel} channel
 * @param {Blob} blob
 * @param {number} number the server's, of the file
 * @param {AbortSignal} signal stops it
 * @param {(sent: number) => void} progress bytes that have left
 * @returns {Promise<boolean>} whether all of it was sent; rejects when the blob cannot be read
 */
export async function upload(channel, blob, number, signal, progress) {
  channel.bufferedAmountLowThreshold = BUFFERED_BYTES;
  for (let offset = 0; offset < blob.size; offset += PIECE_BYTES) {
    const content = await blob.slice(offset, offset + PIECE_BYTES).arrayBuffer();
    if (channel.bufferedAmount > BUFFERED_BYTES) await drained(channel, signal);
    if (signal.aborted || channel.readyState !== 'open') return false;
    channel.send(withNumber(number, content));
    progress(Math.max(0, offset + content.byteLength - channel.bufferedAmount));
  }
  return true;
}

/**
 * @param {RTCDataChannel} channel
 * @param {AbortSignal} signal
 * @returns {Promise<void>} resolves when there is room again, or never will be
 */
function drained(channel, signal) {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const over = new AbortController();
    const done = () => {
      over.abort();
      resolve();
    };
    for (const type of ['bufferedamountlow', 'close', 'error']) {
      channel.addEventListener(type, done, { signal: over.signal });
    }
    signal.addEventListener('abort', done, { signal: over.signal });
  });
}

/**
 * @param {number} number
 * @param {ArrayBuffer} content
 */
function withNumber(number, content) {
  const message = new Uint8Array(NUMBER_BYTES + content.byteLength);
  new DataView(message.buffer).setUint32(0, number);
  message.set(new Uint8Array(content), NUMBER_BYTES);
  return message.buffer;
}

/**
 * The number and the content of a piece; null when it is too short to be one.
 * @param {ArrayBuffer} message
 */
export function readPiece(message) {
  if (message.byteLength < NUMBER_BYTES) return null;
  const number = new DataView(message).getUint32(0);
  return { number, content: message.slice(NUMBER_BYTES) };
}
