"""The aggregation header of AV1, and which codec is read by which function."""

from __future__ import annotations

import pytest

from sfu.errors import MalformedPacket
from sfu.rtp import packet as rtp
from sfu.rtp.codecs import av1, h264, marker_for, opus, vp8, vp9
from sfu.rtp.codecs.mark import PayloadMark


def marked(payload: bytes, *, marker: bool = False) -> PayloadMark:
    data = rtp.write(
        payload_type=45,
        sequence_number=1,
        timestamp=2,
        ssrc=3,
        payload=payload,
        marker=marker,
        padding=8,
    )
    return av1.mark(rtp.parse(data))


@pytest.mark.parametrize(
    ("header", "keyframe", "start"),
    [
        (0b0001_1000, True, True),
        (0b0101_1000, True, True),
        (0b0001_0000, False, True),
        (0b0111_0000, False, True),
        (0b1001_0000, False, False),
        (0b1101_0000, False, False),
        (0b1001_1000, False, False),  # a new sequence cannot continue something
    ],
)
def test_a_new_sequence_is_a_keyframe(header: int, keyframe: bool, start: bool) -> None:
    mark = marked(bytes([header]) + b"obu")
    assert (mark.keyframe, mark.start_of_frame) == (keyframe, start)
    assert (mark.picture_id_offset, mark.tl0picidx_offset, mark.height) == (-1, -1, 0)


def test_the_marker_bit_ends_the_frame() -> None:
    assert marked(b"\x90obu", marker=True).end_of_frame
    assert not marked(b"\x90obu").end_of_frame


def test_a_payload_of_padding_only_is_malformed() -> None:
    with pytest.raises(MalformedPacket) as malformed:
        marked(b"")
    assert malformed.value.reason == "av1-malformed"


def test_each_codec_has_its_reader_in_either_case() -> None:
    for name, module in {"VP8": vp8, "H264": h264, "VP9": vp9, "AV1": av1, "opus": opus}.items():
        assert marker_for(name) is module.mark
        assert marker_for(name.lower()) is module.mark
    for audio in ("red", "telephone-event", "unheard-of"):
        assert marker_for(audio) is opus.mark
