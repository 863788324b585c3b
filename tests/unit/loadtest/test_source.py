"""What a synthetic source puts on the wire is what the server's own parsers read."""

from __future__ import annotations

from typing import Any

from loadtest import stamp
from loadtest.description import AUDIO_LEVEL_ID, MID_ID, RID_ID, TRANSPORT_CC_ID
from loadtest.recording import Recording
from loadtest.source import Source, TransportNumbers
from loadtest.tally import Tally
from sfu.rtp import packet as rtp
from sfu.rtp.codecs import vp8
from sfu.rtp.extensions import parse_extensions

LAYERS = (0, 2, 1, 2)
# A keyframe and seven other frames of two packets each, with three temporal layers.
FRAMES = tuple(
    tuple(
        bytes((start, 0xE0, 0x80, 0, 0, LAYERS[n % 4] << 6, int(n > 0))) + bytes(20)
        for start in (0x90, 0x80)
    )
    for n in range(8)
)
VIDEO = Recording("VP8", FRAMES, 1 / 30, 3000, rid="h", temporal=3)
AUDIO = Recording("opus", ((b"\x00tone",),), 0.02, 960)


class Wire:
    """Keeps what is sent."""

    def __init__(self) -> None:
        self.sent: list[bytes] = []

    def send(self, packet: bytes) -> bytes:
        self.sent.append(packet)
        return packet

    def repeat(self, datagram: bytes) -> None:
        self.sent.append(datagram)


def source(recording: Recording, wire: Any, **options: Any) -> Source:
    return Source(
        ssrc=5,
        publisher=7,
        recording=recording,
        wire=wire,
        numbers=TransportNumbers(),
        tally=Tally(),
        **options,
    )


def test_an_encoding_tells_its_name_until_the_server_knows_it() -> None:
    wire = Wire()
    sends = source(VIDEO, wire, mid="1", encoding=2)
    sends.send_frame()
    sends.named = False
    sends.send_frame()
    packets = [rtp.parse(data) for data in wire.sent]
    named, *_, plain = [parse_extensions(packet) for packet in packets]
    assert (named[MID_ID], named[RID_ID]) == (b"1", b"h")
    assert plain.keys() == {TRANSPORT_CC_ID}
    assert [packet.marker for packet in packets] == [False, True, False, True]
    assert len({packet.timestamp for packet in packets}) == 2
    numbers = [parse_extensions(packet)[TRANSPORT_CC_ID] for packet in packets]
    assert [int.from_bytes(number, "big") for number in numbers] == [1, 2, 3, 4]
    stamps = [stamp.read(data) for data in wire.sent]
    assert [each and each.number >> stamp.ENCODING_BIT for each in stamps] == [2] * 4


def test_picture_ids_count_frames_and_the_lowest_layer_has_a_count_of_its_own() -> None:
    wire = Wire()
    sends = source(VIDEO, wire)
    for _ in range(8):
        sends.send_frame()
    marks = [vp8.mark(rtp.parse(data)) for data in wire.sent[::2]]
    first = marks[0]
    steps = [(mark.picture_id - first.picture_id) & 0x7FFF for mark in marks]
    assert steps == list(range(8))
    lowest = [(mark.tl0picidx - first.tl0picidx) & 0xFF for mark in marks]
    assert lowest == [0, 0, 0, 0, 1, 1, 1, 1]
    assert [mark.temporal_id for mark in marks] == [*LAYERS, *LAYERS]


def test_a_paused_encoding_sends_nothing_and_begins_again_with_a_keyframe() -> None:
    wire = Wire()
    sends = source(VIDEO, wire)
    for _ in range(3):
        sends.send_frame()
    before = len(wire.sent)
    sends.pause(True)
    sends.send_frame()
    assert len(wire.sent) == before
    sends.pause(False)
    sends.send_frame()
    assert vp8.mark(rtp.parse(wire.sent[before])).keyframe


def test_sound_tells_its_level() -> None:
    wire = Wire()
    source(AUDIO, wire, level=33).send_frame()
    (packet,) = [rtp.parse(data) for data in wire.sent]
    assert parse_extensions(packet)[AUDIO_LEVEL_ID] == bytes((0x80 | 33,))
    assert packet.payload_type == 111
