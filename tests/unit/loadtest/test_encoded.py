"""Recordings stay valid for real decoders with stamps in their packets."""

from __future__ import annotations

import array

import av
import pytest
from av.audio.codeccontext import AudioCodecContext
from av.video.codeccontext import VideoCodecContext

from loadtest import encoded, stamp
from loadtest.media import mean_colour
from loadtest.watch import looks_like
from sfu.rtp import packet as rtp
from sfu.rtp.codecs import vp8

RED = (200, 40, 40)


def sent(payload: bytes) -> bytes:
    return payload + stamp.write(7, 1)


@pytest.mark.parametrize("bitrate", [100_000, 240_000, 2_000_000])
def test_pictures_have_the_rate_asked_for_and_every_packet_fits(bitrate: int) -> None:
    recording = encoded.video(RED, bitrate=bitrate, fps=30)
    payloads = [sent(payload) for frame in recording.frames for payload in frame]
    assert max(map(len, payloads)) <= encoded.MAX_PAYLOAD
    seconds = len(recording.frames) * recording.interval
    assert sum(map(len, payloads)) * 8 / seconds == pytest.approx(bitrate, rel=0.1)


@pytest.mark.parametrize("bitrate", [100_000, 2_000_000])
def test_a_decoder_shows_every_picture_in_its_colour(bitrate: int) -> None:
    decoder = av.CodecContext.create("vp8", "r")
    assert isinstance(decoder, VideoCodecContext)
    shown = 0
    for frame in encoded.video(RED, bitrate=bitrate, fps=30).frames:
        data = b"".join(sent(payload)[4:] for payload in frame)
        for picture in decoder.decode(av.Packet(data)):
            shown += 1
            assert looks_like(mean_colour(picture), RED)
    assert shown == encoded.LOOP_PICTURES


def test_only_the_first_picture_is_a_keyframe_and_picture_ids_have_their_place() -> None:
    def mark(payload: bytes) -> object:
        data = rtp.write(payload_type=96, sequence_number=1, timestamp=1, ssrc=1, payload=payload)
        packet = rtp.parse(data)
        found = vp8.mark(packet)
        assert found.picture_id_long
        assert found.picture_id_offset - packet.payload_offset == encoded.PICTURE_ID_AT
        return found

    frames = encoded.video(RED, bitrate=1_000_000, fps=30).frames
    marks = [[mark(payload) for payload in frame] for frame in frames]
    assert [each[0].keyframe for each in marks] == [True] + [False] * (len(frames) - 1)
    assert all(
        [m.start_of_frame for m in each] == [True] + [False] * (len(each) - 1) for each in marks
    )
    assert len(marks[0]) > 1


def test_a_decoder_hears_the_tone_through_the_padding() -> None:
    decoder = av.CodecContext.create("libopus", "r")
    assert isinstance(decoder, AudioCodecContext)
    decoder.format, decoder.layout, decoder.sample_rate = "s16", "mono", 48000
    recording = encoded.audio()
    loudest = []
    for (payload,) in recording.frames:
        for frame in decoder.decode(av.Packet(sent(payload))):
            assert frame.samples == recording.ticks
            loudest.append(max(array.array("h", bytes(frame.planes[0]))))
    assert len(loudest) == len(recording.frames)
    assert loudest[-1] == pytest.approx(8000, rel=0.05)
