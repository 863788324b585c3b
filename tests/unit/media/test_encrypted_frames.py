"""Pictures that the browsers encrypt end to end pass as they are, and can still be switched."""

from __future__ import annotations

from random import Random
from types import SimpleNamespace
from typing import Any

import pytest

from sfu.congestion.send_history import SendHistory
from sfu.counters import Counters
from sfu.media.drop_reason import DropReason
from sfu.media.published_track import PublishedTrack
from sfu.media.receive_stream import ReceiveStream
from sfu.media.send_stream import SendStream
from sfu.media.sender_clock import SenderClock
from sfu.media.source import Source
from sfu.media.subscribed_track import SubscribedTrack
from sfu.rtp import packet as rtp
from sfu.rtp.dependency_descriptor import Dependency, write
from sfu.rtp.extensions import DEPENDENCY_DESCRIPTOR, find_extension
from sfu.rtp.packet import RtpPacket
from sfu.sdp.answer import NegotiatedMedia
from sfu.sdp.codecs import NegotiatedCodec
from sfu.transport.egress import PythonEgress
from tests.unit.media.svc import Frame, SvcEncoder

# What transforms of encoded frames leave clear, so that payload formats work: VP8's frame header.
CLEAR_KEY, CLEAR = 10, 3
DESCRIPTOR = 6
DEPENDENCY_IN, DEPENDENCY_OUT = 5, 7
TICKS = 3000
H264_MODE_1 = {"packetization-mode": "1", "profile-level-id": "42e01f"}


class Wire:
    """A published track with one stream, and who subscribes to it; ``sent`` is what goes out."""

    def __init__(self, codec: str, *, dependencies: bool = False) -> None:
        self.sent: list[RtpPacket] = []
        self.number = 65_530
        self.now = 10.0
        self.random = Random(1)
        counters = Counters()

        def send(data: bytes, address: Any) -> bool:
            self.sent.append(rtp.parse(data))
            return True

        self.track = PublishedTrack(
            id="t",
            participant="p",
            source=Source.CAMERA,
            muted=False,
            media=media(codec, 96, DEPENDENCY_IN if dependencies else 0),
            egress=PythonEgress(send, counters),
            counters=counters,
        )
        self.codec, self.dependencies = codec, dependencies
        self.stream = ReceiveStream(ssrc=1, rid="", clock_rate=90000, clock=SenderClock())
        self.track.add_stream(self.stream)

    def subscribe(self) -> SubscribedTrack:
        send = SendStream(
            mid="0",
            kind="video",
            ssrc=1000,
            rtx_ssrc=1001,
            clock_rate=90000,
            first_sequence=1,
            transport=SimpleNamespace(remote_address=None, protect=lambda data: data),
            history=SendHistory(),
        )
        return SubscribedTrack(
            self.track, send, media(self.codec, 120, DEPENDENCY_OUT if self.dependencies else 0)
        )

    def receive(
        self, payload: bytes, picture: int, *, marker: bool = True, element: bytes = b""
    ) -> DropReason | None:
        """Take one packet of the publisher."""
        self.number += 1
        self.now += 0.01
        data = rtp.write(
            payload_type=96,
            sequence_number=self.number & 0xFFFF,
            timestamp=picture * TICKS,
            ssrc=1,
            payload=payload,
            marker=marker,
            extensions={DEPENDENCY_IN: element} if element else None,
        )
        return self.track.receive(self.stream, rtp.parse(data), self.now)

    def cipher(self, size: int) -> bytes:
        return self.random.randbytes(size)


def media(codec: str, payload_type: int, dependency: int) -> NegotiatedMedia:
    parameters = H264_MODE_1 if codec == "H264" else {}
    codecs = (
        NegotiatedCodec(codec, payload_type, 90000, parameters=parameters, rtx_payload_type=99),
    )
    return NegotiatedMedia(
        "1", "video", "receive", codecs, {DEPENDENCY_DESCRIPTOR: dependency} if dependency else {}
    )


def payload_of(packet: RtpPacket) -> bytes:
    return packet.data[packet.payload_offset : packet.payload_end]


def descriptor(picture: int, tl0picidx: int, temporal: int, *, start: bool) -> bytes:
    """Chromium's: a 15-bit picture id, TL0PICIDX, the temporal id."""
    identity = 0x8000 | picture & 0x7FFF
    return bytes(
        [0x90 if start else 0x80, 0xE0, identity >> 8, identity & 0xFF, tl0picidx, temporal << 6]
    )


# --- the codec's own header is left clear ---


def test_vp8_passes_byte_for_byte_but_for_the_numbers_of_its_descriptor() -> None:
    wire = Wire("VP8")
    given: list[bytes] = []
    for picture in range(40):
        if picture == 5:
            wire.subscribe()
        key = picture in (0, 10)
        # The tag of a frame header (RFC 6386 section 9.1); a keyframe's has its size as well.
        clear = bytes([0x10 | (not key), 0, 0])
        if key:
            clear += b"\x9d\x01\x2a\x80\x02\x68\x01"
        assert len(clear) == (CLEAR_KEY if key else CLEAR)
        for part in range(3):
            begin = descriptor(32_760 + picture, 250 + picture & 0xFF, 0, start=part == 0)
            payload = begin + (clear if part == 0 else b"") + wire.cipher(200)
            wire.receive(payload, picture, marker=part == 2)
            if picture >= 10:
                given.append(payload)
    assert wire.track.ladder.layers[0].height == 360
    went = [payload_of(packet) for packet in wire.sent]
    assert [each[DESCRIPTOR:] for each in went] == [each[DESCRIPTOR:] for each in given]
    assert [each[:2] + each[5:6] for each in went] == [each[:2] + each[5:6] for each in given]
    ids = [int.from_bytes(each[2:4], "big") & 0x7FFF for each in went[::3]]
    assert [(one - ids[0]) & 0x7FFF for one in ids] == list(range(30))
    assert [packet.marker for packet in wire.sent] == [False, False, True] * 30


@pytest.mark.parametrize("aggregated", [False, True])
def test_h264_with_clear_headers_passes_and_begins_with_a_keyframe(aggregated) -> None:
    wire = Wire("H264")
    given: list[bytes] = []
    sps, pps = b"\x67" + wire.cipher(12), b"\x68" + wire.cipher(4)
    for picture in range(20):
        if picture == 5:
            wire.subscribe()
        key = picture in (0, 10)
        payloads = [fragment(0x65 if key else 0x41, part, wire.cipher(300)) for part in range(3)]
        if key and aggregated:
            units = [len(unit).to_bytes(2, "big") + unit for unit in (sps, pps)]
            payloads.insert(0, b"\x78" + b"".join(units))
        elif key:
            payloads[:0] = [sps, pps]
        for payload in payloads:
            wire.receive(payload, picture, marker=payload is payloads[-1])
            if picture >= 10:
                given.append(payload)
    assert [payload_of(packet) for packet in wire.sent] == given
    assert {packet.payload_type for packet in wire.sent} == {120}


def fragment(header: int, part: int, cipher: bytes) -> bytes:
    """The first, second or last part of a NAL unit (FU-A, RFC 6184 section 5.8)."""
    return bytes([header & 0xE0 | 28, (0x80, 0, 0x40)[part] | header & 0x1F]) + cipher


# --- nothing but the payload descriptor is clear, and there is a dependency descriptor ---


class Encrypted(Wire):
    """VP8 with three frame rates of which the server reads nothing but descriptors."""

    def __init__(self) -> None:
        super().__init__("VP8", dependencies=True)
        self.encoder = SvcEncoder(1)
        self.pictures = 0
        self.tl0picidx = 0
        self.given: list[bytes] = []

    def picture(self, *, key: bool = False, lost: bool = False) -> Frame:
        """One picture in two packets, of which the first is perhaps lost."""
        (frame,) = self.encoder.picture(key=key)
        self.tl0picidx = (self.tl0picidx + (frame.temporal_id == 0)) & 0xFF
        for part in range(2):
            dependency = Dependency(
                part == 0,
                part == 1,
                frame.number & 0xFFFF,
                0,
                frame.temporal_id,
                key and part == 0,
                frame.targets,
                frame.references,
            )
            payload = descriptor(
                self.pictures, self.tl0picidx, frame.temporal_id, start=part == 0
            ) + self.cipher(100)
            if lost and part == 0:
                self.number += 1
                continue
            element = write(dependency, self.encoder.structure)
            self.receive(payload, self.pictures, marker=part == 1, element=element)
            self.given.append(payload)
        self.pictures += 1
        return frame


def test_only_the_dependency_descriptor_tells_keyframes() -> None:
    wire = Encrypted()
    wire.picture(key=True)
    subscribed = wire.subscribe()
    for _ in range(40):  # half of their first bytes look like keyframes
        wire.picture()
    assert wire.sent == []
    assert subscribed.drops == {DropReason.AWAITING_KEYFRAME: 80}
    wire.picture(key=True)
    assert [payload_of(packet)[DESCRIPTOR:] for packet in wire.sent] == [
        payload[DESCRIPTOR:] for payload in wire.given[-2:]
    ]


def test_nothing_begins_while_the_structure_is_not_known() -> None:
    wire = Encrypted()
    wire.subscribe()
    wire.picture(key=True, lost=True)
    for _ in range(40):
        wire.picture()
    assert wire.sent == []
    wire.picture(key=True)
    assert len(wire.sent) == 2


def test_a_keyframe_whose_beginning_comes_late_is_sent_with_all_that_came_since() -> None:
    wire = Encrypted()
    wire.picture(key=True)
    wire.subscribe()
    before = wire.number
    frame = wire.picture(key=True, lost=True)
    for _ in range(6):
        wire.picture()
    assert wire.sent == []
    newest, wire.number = wire.number, before
    dependency = Dependency(True, False, frame.number, 0, 0, True, frame.targets, frame.references)
    beginning = descriptor(1, wire.tl0picidx, 0, start=True)
    element = write(dependency, wire.encoder.structure)
    wire.receive(beginning, 1, marker=False, element=element)
    wire.number = newest
    wire.picture()
    numbers = [packet.sequence_number for packet in wire.sent]
    assert numbers == list(range(numbers[0], numbers[0] + 16))
    assert [packet.marker for packet in wire.sent] == [False, True] * 8


def test_frame_rates_are_left_out_and_measured_by_the_dependency_descriptor() -> None:
    wire = Encrypted()
    subscribed = wire.subscribe()
    wire.picture(key=True)
    for _ in range(200):
        wire.picture()
        wire.track.ladder.measure(wire.now)
    assert [option.temporal for option in wire.track.ladder.options] == [0, 1, 2]
    subscribed.send.forwarder.limit(7, 1)
    wire.sent.clear()
    wire.given.clear()
    expected: list[bytes] = []
    for _ in range(80):
        if wire.picture().temporal_id < 2:
            expected += wire.given[-2:]
    went = [payload_of(packet) for packet in wire.sent]
    assert [each[DESCRIPTOR:] for each in went] == [each[DESCRIPTOR:] for each in expected]
    # What is left out leaves no gap in any numbering.
    numbers = [packet.sequence_number for packet in wire.sent]
    assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))
    ids = [int.from_bytes(each[2:4], "big") & 0x7FFF for each in went[::2]]
    assert ids == list(range(ids[0], ids[0] + len(ids)))
    for packet in wire.sent:
        assert find_extension(packet, DEPENDENCY_OUT) is not None
