import assert from 'node:assert/strict';
import test from 'node:test';

import { withAudioRepair } from '../src/sdk/description.js';

const SOUND = [
  'm=audio 9 UDP/TLS/RTP/SAVPF 111 0',
  'a=rtpmap:111 opus/48000/2',
  'a=rtcp-fb:111 transport-cc',
  'a=rtpmap:0 PCMU/8000',
];
const PICTURE = [
  'm=video 9 UDP/TLS/RTP/SAVPF 96',
  'a=rtpmap:96 VP8/90000',
  'a=rtcp-fb:96 nack pli',
];

const sdp = (...parts) => ['v=0', ...parts.flat(), ''].join('\r\n');
const added = (text) =>
  withAudioRepair(text).split('\r\n').filter((line) => !text.split('\r\n').includes(line));

test('every Opus of an offer asks for repair, nothing else changes', () => {
  const before = sdp(SOUND, PICTURE, SOUND);
  const after = withAudioRepair(before);
  const repaired = [...SOUND.slice(0, 2), 'a=rtcp-fb:111 nack', ...SOUND.slice(2)];
  assert.equal(after, sdp(repaired, PICTURE, repaired));
});

test('what already asks for repair stays as it is', () => {
  const once = withAudioRepair(sdp(SOUND));
  assert.equal(withAudioRepair(once), once);
  const all = sdp(SOUND, ['a=rtcp-fb:* nack']);
  assert.equal(withAudioRepair(all), all);
});

test('requests for keyframes and the repair of other sections do not count', () => {
  assert.deepEqual(added(sdp(SOUND, ['a=rtcp-fb:111 nack pli'])), ['a=rtcp-fb:111 nack']);
  const after = withAudioRepair(sdp(SOUND, PICTURE, ['a=rtcp-fb:111 nack']));
  assert.match(after.split('m=video')[0] ?? '', /a=rtcp-fb:111 nack\r\n/);
});

test('an offer without Opus is left alone', () => {
  for (const text of ['', 'offer', sdp(PICTURE)]) assert.equal(withAudioRepair(text), text);
});
