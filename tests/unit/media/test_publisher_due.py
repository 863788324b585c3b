"""A publisher is looked at when there is something to ask for or to report, and at once then."""

from __future__ import annotations

from typing import Any

import pytest

from sfu.congestion.arrival_recorder import INTERVAL_SECONDS
from sfu.counters import Counters
from sfu.media.ladder import MEASURE_SECONDS
from sfu.media.published_track import PublishedTrack
from sfu.media.publisher import Publisher
from sfu.media.source import Source
from sfu.rtp import packet as rtp
from sfu.rtp.extensions import TRANSPORT_CC
from sfu.rtp.feedback import Nack, Pli
from sfu.rtp.rtcp import parse_compound
from sfu.rtp.transport_cc import TransportFeedback
from sfu.sdp.answer import NegotiatedCodec, NegotiatedMedia

TICK = 0.02
MEDIA, REPAIR, VP8, RTX = 1001, 1002, 96, 97


class Camera:
    """A publisher of one picture, driven as its participant drives it."""

    def __init__(self) -> None:
        self.sent: list[bytes] = []
        self.hastened: list[float] = []
        self.ticks = 0
        self.now = 100.0
        self.publisher = Publisher(
            ssrc=1,
            counters=Counters(),
            send_rtcp=self.sent.append,
            level=lambda level: None,
            layers_changed=lambda track: None,
            hasten=self.hastened.append,
        )
        codec = NegotiatedCodec("VP8", VP8, 90000, rtx_payload_type=RTX, feedback=("nack",))
        self.track = PublishedTrack(
            id="camera",
            participant="p",
            source=Source.CAMERA,
            muted=False,
            media=NegotiatedMedia(
                mid="0",
                kind="video",
                direction="receive",
                codecs=(codec,),
                extensions={TRANSPORT_CC: 3},
                ssrcs=(MEDIA,),
                rtx_ssrcs={MEDIA: REPAIR},
            ),
            egress=object(),  # type: ignore[arg-type]
            counters=Counters(),
        )
        self.publisher.set_tracks([self.track])
        self._stamp = 0

    def tick(self) -> None:
        """20 ms pass."""
        self.now += TICK
        if self.now >= self.publisher.due:
            self.ticks += 1
            self.publisher.tick(self.now)

    def send(self, number: int) -> None:
        self._receive(MEDIA, VP8, number, b"\x10\x01" + bytes(50))

    def send_again(self, number: int) -> None:
        self._receive(REPAIR, RTX, number, number.to_bytes(2, "big") + b"\x10\x01" + bytes(50))

    def _receive(self, ssrc: int, payload_type: int, number: int, payload: bytes) -> None:
        self._stamp += 1
        wire = rtp.write(
            payload_type=payload_type,
            sequence_number=number,
            timestamp=3000 * number,
            ssrc=ssrc,
            payload=payload,
            extensions={3: self._stamp.to_bytes(2, "big")},
        )
        self.publisher.rtp_received(wire, self.now)

    def told(self, kind: type) -> list[Any]:
        packets = [packet for data in self.sent for packet in parse_compound(data)]
        self.sent.clear()
        return [packet for packet in packets if isinstance(packet, kind)]


@pytest.fixture
def flowing() -> Camera:
    """Three packets came, and all that there was to do was done."""
    camera = Camera()
    for number in range(3):
        camera.send(number)
    camera.tick()
    assert camera.publisher.due > camera.now + TICK
    camera.sent.clear()
    camera.hastened.clear()
    return camera


def test_packets_in_order_make_no_work_but_feedback_and_measuring(flowing: Camera) -> None:
    flowing.ticks = 0
    for number in range(3, 103):
        flowing.send(number)
        flowing.tick()
    assert not flowing.hastened
    assert len(flowing.told(TransportFeedback)) >= 2.0 / (INTERVAL_SECONDS + TICK) - 1
    assert flowing.ticks <= 2.0 / INTERVAL_SECONDS + 2.0 / MEASURE_SECONDS + 2


def test_a_gap_is_asked_for_with_the_next_tick(flowing: Camera) -> None:
    flowing.send(4)
    flowing.send(5)
    assert flowing.hastened
    flowing.tick()
    assert [packet.lost for packet in flowing.told(Nack)] == [[3]]


def test_so_is_one_that_a_retransmission_opens(flowing: Camera) -> None:
    flowing.send_again(6)
    assert flowing.hastened
    flowing.tick()
    assert [packet.lost for packet in flowing.told(Nack)] == [[3, 4]]


def test_a_gap_is_asked_for_until_it_is_filled(flowing: Camera) -> None:
    flowing.send(5)
    asked = 0
    for _ in range(15):
        flowing.tick()
        asked += sum(3 in packet.lost for packet in flowing.told(Nack))
    assert asked == 3  # once per round trip of 0.1 s
    flowing.send_again(3)
    flowing.send_again(4)
    flowing.tick()
    flowing.tick()
    assert flowing.publisher.due > flowing.now


def test_a_wish_for_a_keyframe_goes_out_with_the_next_tick(flowing: Camera) -> None:
    (stream,) = flowing.track.streams
    stream.keyframes.wish()
    stream.keyframes.wish()
    assert len(flowing.hastened) == 1
    flowing.tick()
    assert [packet.media_ssrc for packet in flowing.told(Pli)] == [MEDIA]


def test_the_wishes_for_a_stream_that_began_anew_are_noticed_too(flowing: Camera) -> None:
    for number in (20_000, 20_001, 20_002):
        flowing.send(number)
    for _ in range(40):
        flowing.tick()
    flowing.hastened.clear()
    flowing.sent.clear()
    (stream,) = flowing.track.streams
    stream.keyframes.wish()
    assert flowing.hastened
    flowing.tick()
    assert flowing.told(Pli)


def test_whoever_publishes_nothing_any_more_is_left_alone(flowing: Camera) -> None:
    flowing.publisher.set_tracks(())
    flowing.tick()
    assert flowing.publisher.due == float("inf")


def test_a_new_track_is_looked_at_at_once(flowing: Camera) -> None:
    flowing.publisher.set_tracks(())
    flowing.tick()
    flowing.publisher.set_tracks([flowing.track])
    assert flowing.publisher.due <= flowing.now
    assert flowing.hastened
