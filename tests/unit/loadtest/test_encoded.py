"""Recordings stay valid for real decoders with stamps in their packets."""

from __future__ import annotations

import array
from collections.abc import Iterator

import av
import pytest
from av.audio.codeccontext import AudioCodecContext
from av.video.codeccontext import VideoCodecContext

from loadtest import cache as cache_module
from loadtest import encoded, stamp
from loadtest.media import mean_colour
from loadtest.watch import looks_like
from sfu.rtp import packet as rtp
from sfu.rtp.codecs import h264, vp8
from sfu.rtp.codecs.mark import PayloadMark

RED = (200, 40, 40)


@pytest.fixture(scope="module", autouse=True)
def cache_folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Encoded for these tests, whatever was kept on this machine."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        yield


def sent(payload: bytes, number: int = 1) -> bytes:
    return payload + stamp.write(7, number)


def parsed(payload: bytes) -> rtp.RtpPacket:
    return rtp.parse(
        rtp.write(payload_type=96, sequence_number=1, timestamp=1, ssrc=1, payload=payload)
    )


def units(payload: bytes) -> list[bytes]:
    """The NAL units of a packet (RFC 6184 sections 5.6 and 5.7.1)."""
    if payload[0] & 0x1F != 24:
        return [payload]
    found, position = [], 1
    while position < len(payload):
        size = int.from_bytes(payload[position : position + 2], "big")
        found.append(payload[position + 2 : position + 2 + size])
        assert len(found[-1]) == size
        position += 2 + size
    return found


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


@pytest.mark.parametrize("bitrate", [240_000, 2_000_000])
def test_h264_shows_every_picture_with_stamps_in_it(bitrate: int) -> None:
    decoder = av.CodecContext.create("h264", "r")
    assert isinstance(decoder, VideoCodecContext)
    recording = encoded.video(RED, bitrate=bitrate, fps=30, codec="h264")
    pictures, number, total = [], 0, 0
    for index, frame in enumerate(recording.frames):
        data = b""
        for payload in frame:
            number += 1
            written = payload + stamp.escaped(stamp.write(0, number << 8 | 1))
            total += len(written)
            assert len(written) <= encoded.MAX_PAYLOAD
            data += b"".join(b"\0\0\0\1" + unit for unit in units(written))
        mark = h264.mark(parsed(frame[0] + bytes(stamp.ESCAPED_SIZE)))
        assert (mark.keyframe, mark.start_of_frame) == (index == 0, True)
        pictures += decoder.decode(av.Packet(data))
    pictures += decoder.decode(None)
    assert len(pictures) == encoded.LOOP_PICTURES
    assert all(looks_like(mean_colour(each), RED) for each in pictures)
    assert total * 8 / (len(recording.frames) / 30) == pytest.approx(bitrate, rel=0.1)


@pytest.mark.parametrize("layers", [2, 3])
def test_each_temporal_layer_can_be_left_out(layers: int) -> None:
    recording = encoded.video(
        RED, bitrate=100_000, fps=30, width=160, height=90, temporal=layers, rid="q"
    )
    marks: list[PayloadMark] = []
    for frame in recording.frames:
        marks.append(vp8.mark(parsed(sent(frame[0]))))
        assert marks[-1].tl0picidx_offset - marks[-1].picture_id_offset == 2
    assert {mark.temporal_id for mark in marks} == set(range(layers))
    assert marks[0].temporal_id == 0
    whole = decoded([(frame, True) for frame in recording.frames])
    for highest in range(layers):
        kept = [mark.temporal_id <= highest for mark in marks]
        some = decoded(list(zip(recording.frames, kept, strict=True)))
        assert some == [each for each, keep in zip(whole, kept, strict=True) if keep]


def decoded(frames: list[tuple[tuple[bytes, ...], bool]]) -> list[bytes]:
    """The brightness of each picture that is shown to a decoder."""
    decoder = av.CodecContext.create("vp8", "r")
    assert isinstance(decoder, VideoCodecContext)
    pictures = []
    for frame, keep in frames:
        if keep:
            pictures += decoder.decode(av.Packet(b"".join(sent(each)[6:] for each in frame)))
    return [bytes(each.planes[0]) for each in pictures]


def test_simulcast_has_three_sizes_that_share_the_bits() -> None:
    recordings = encoded.simulcast(RED, bitrate=1_500_000, fps=30, codec="h264")
    assert [each.rid for each in recordings] == ["q", "h", "f"]
    rates = [
        sum(len(payload) + stamp.ESCAPED_SIZE for frame in each.frames for payload in frame) * 4
        for each in recordings
    ]
    assert rates == sorted(rates)
    assert sum(rates) == pytest.approx(1_500_000, rel=0.05)


def test_pictures_are_encoded_once_and_a_damaged_file_is_no_problem() -> None:
    calls: list[int] = []

    def make() -> list[bytes]:
        calls.append(1)
        return [b"one", b"two"]

    assert (
        cache_module.kept(("a", 1), make) == cache_module.kept(("a", 1), make) == [b"one", b"two"]
    )
    assert len(calls) == 1
    assert cache_module.kept(("b", 1), lambda: [b"other"]) == [b"other"]
    for file in cache_module.folder().iterdir():
        file.write_bytes(b"nonsense")
    assert cache_module.kept(("a", 1), make) == [b"one", b"two"]
    assert len(calls) == 2
