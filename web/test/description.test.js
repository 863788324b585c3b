import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';

import { hasChannels, withAudioRepair, withoutRepetition } from '../src/sdk/description.js';

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

const sample = (name) =>
  readFileSync(new URL(`../../tests/unit/sdp/samples/${name}.sdp`, import.meta.url), 'utf8');
const count = (text, pattern) => [...text.matchAll(pattern)].length;

for (const browser of ['chromium156', 'firefox153']) {
  test(`an offer of ${browser} says its transport once, and all else as before`, () => {
    const before = sample(`${browser}_audio_video_datachannel`);
    const after = withoutRepetition(before);
    for (const name of ['ice-ufrag', 'ice-pwd', 'fingerprint', 'setup']) {
      assert.equal(count(after, new RegExp(`^a=${name}:`, 'gm')), 1, name);
    }
    assert.match(after.split(/^m=/m)[1], /^a=ice-pwd:/m);
    assert.equal(count(after, /^a=(candidate|rtcp):/gm), 0);
    for (const kept of [/^m=/gm, /^a=mid:/gm, /^a=rtcp-mux/gm, /^a=rtcp-fb/gm, /^a=extmap/gm]) {
      assert.equal(count(after, kept), count(before, kept), String(kept));
    }
    assert.equal(count(after, /^a=sctp-port/gm), 1);
    assert.ok(after.endsWith('\r\n') && !after.includes('\r\n\r\n'));
    assert.equal(withoutRepetition(after), after);
  });
}

test('slots do not offer what only senders write into packets', () => {
  const after = withoutRepetition(sample('chromium156_recvonly_audio_video'));
  assert.equal(count(after, /^a=extmap:.*(stream-id|toffset)/gm), 0);
  assert.ok(count(after, /^a=extmap/gm) >= 12);
  const senders = withoutRepetition(sample('chromium156_simulcast_vp8_3'));
  assert.equal(count(senders, /^a=extmap:.*stream-id/gm), 2);
});

test('an m-line that was refused is not the one that speaks for the transport', () => {
  const transport = ['a=ice-ufrag:u', 'a=ice-pwd:p', 'a=setup:actpass'];
  const offer = sdp(['m=audio 0 X 0', ...transport], ['m=video 9 X 96', ...transport]);
  assert.match(withoutRepetition(offer).split(/^m=/m)[2], /^a=ice-pwd:p/m);
});

test('25 slots fit into what the server reads, with all sources and channels of our own', () => {
  const both = withoutRepetition(sample('chromium156_recvonly_audio_video'));
  const [, audio, video] = both.split(/^(?=m=)/m).map((part) => {
    const unwanted = [...part.matchAll(/^a=rtpmap:(\d+) (?!opus|VP8|rtx|H264)/gm)].map(([, type]) => type);
    const types = [...part.matchAll(/^a=rtpmap:(\d+)/gm)].map(([, type]) => type);
    // The codecs that are preferred: Opus; VP8, two profiles of H.264, and the rtx of each.
    const kept = types.filter((type) => !unwanted.includes(type)).slice(0, 6);
    return part.replace(/^a=(rtpmap|rtcp-fb|fmtp):(\d+) .*\r\n/gm, (line, _, type) =>
      kept.includes(type) ? line : '',
    );
  });
  const own = 10_500; // measured in Chromium 156: four sources and the channels
  assert.ok(own + 25 * (audio.length + video.length) < 64 * 1024);
});

test('an answer takes part in data channels, refuses them, or does not know them', () => {
  assert.equal(hasChannels(sdp(['m=audio 9 X 0', 'm=application 9 UDP/DTLS/SCTP x'])), true);
  assert.equal(hasChannels(sdp(['m=audio 9 X 0', 'm=application 0 UDP/DTLS/SCTP x'])), false);
  assert.equal(hasChannels(sdp(['m=audio 9 X 0'])), false);
});
