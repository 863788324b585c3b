/** What we add to an offer on its way to the server, and read in its answer. */

/**
 * Ask for repair of sound: browsers can ask for lost packets of Opus again and resend their own,
 * but Chromium does so only when the answer says `nack`, which it does not offer by itself. Its
 * own copy of the offer stays as it was: the answer alone counts.
 * @param {string} sdp
 */
export function withAudioRepair(sdp) {
  return sdp
    .split(/^(?=m=)/m)
    .map((section) =>
      section.replace(/^a=rtpmap:(\d+) opus\/48000.*\r?\n/gim, (line, type) => {
        const offered = new RegExp(`^a=rtcp-fb:(${type}|\\*) nack\\s*$`, 'm').test(section);
        return offered ? line : `${line}a=rtcp-fb:${type} nack\r\n`;
      }),
    )
    .join('');
}

/**
 * Whether the server takes part in data channels.
 * @param {string} sdp its answer
 */
export function hasChannels(sdp) {
  return /^m=application (?!0 )/m.test(sdp);
}
