"""Frames as a simulated camera encodes them, and which of them a simulated decoder takes."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sfu.rtp import packet as rtp
from sfu.rtp.codecs.vp8 import mark
from tests.simulation.decoder import Decoder, Frame, parse_frame
from tests.simulation.incoming import Incoming
from tests.simulation.jitter_buffer import JitterBuffer
from tests.simulation.sources import MAX_PAYLOAD, SIMULCAST, Vp8Encoder, video_tail

HIGH = SIMULCAST[2]


def encoder(encoding=HIGH) -> Vp8Encoder:
    return Vp8Encoder(encoding, 1, 25.0, Random(1))


def frames(count: int) -> list[Frame]:
    """The first frames of an encoder, complete; the first is a keyframe."""
    source = encoder()
    return [complete(source.encode(number / 25)) for number in range(count)]


def complete(payloads: list[bytes]) -> Frame:
    tail = video_tail(payloads[-1], len(payloads[-1]))
    return parse_frame(0, 0, payloads[0], 0, sum(map(len, payloads)), tail)


@pytest.mark.parametrize("encoding", SIMULCAST, ids=lambda each: each.rid)
def test_an_encoding_has_its_rate_and_each_temporal_layer_its_share(encoding) -> None:
    source = encoder(encoding)
    source.encode(0.0)
    sizes = {0: 0, 1: 0, 2: 0}
    for number in range(1, 1001):
        payloads = source.encode(number / 25)
        assert max(map(len, payloads)) <= MAX_PAYLOAD
        temporal_id = payloads[0][5] >> 6
        sizes[temporal_id] += sum(map(len, payloads))
    total = sum(sizes.values())
    # Descriptors and tails come on top.
    assert total * 8 / 40 == pytest.approx(encoding.bitrate, rel=0.07)
    assert [sizes[layer] / total for layer in range(3)] == pytest.approx([0.4, 0.2, 0.4], abs=0.02)


def test_the_server_reads_what_the_encoder_writes() -> None:
    source = encoder()
    marks = []
    for number in range(9):
        payloads = source.encode(number / 25)
        for part, payload in enumerate(payloads):
            data = rtp.write(
                payload_type=96, sequence_number=1, timestamp=1, ssrc=1, payload=payload
            )
            read = mark(rtp.parse(data))
            assert read.start_of_frame == (part == 0)
            assert read.keyframe == (part == 0 and number == 0)
            assert read.picture_id_long
        marks.append(read)
    assert [each.temporal_id for each in marks] == [0, 2, 1, 2, 0, 2, 1, 2, 0]
    assert [each.switching_point for each in marks[:5]] == [False, True, True, False, False]
    first, base = marks[0].picture_id, marks[0].tl0picidx
    assert [each.picture_id for each in marks] == [(first + n) & 0x7FFF for n in range(9)]
    assert [(each.tl0picidx - base) & 0xFF for each in marks] == [0, 0, 0, 0, 1, 1, 1, 1, 2]


def test_a_keyframe_is_five_times_a_frame_and_starts_the_pattern_anew() -> None:
    made = frames(100)
    mean = sum(frame.size for frame in made[1:]) / 99
    assert made[0].size == pytest.approx(5 * mean, rel=0.25)
    assert made[0].height == 720
    source = encoder()
    for number in range(3):
        source.encode(number / 25)
    source.want_keyframe = True
    again = source.encode(0.12)[0]
    assert again[5] >> 6 == 0
    assert not again[6] & 1


def decoded(made: list[Frame], *lost: int) -> list[int]:
    """Which of the frames a decoder takes, in order, when some never come."""
    decoder, taken = Decoder(), []
    for number, frame in enumerate(made):
        if number not in lost and decoder.takes(frame):
            decoder.decode(frame)
            taken.append(number)
    return taken


@pytest.mark.parametrize(
    ("lost", "missing"),
    [
        ((), []),
        ((5,), [5, 7]),  # the second T2 might refer to the first one
        ((7,), [7]),
        ((6,), [6, 7]),  # T1, and the T2 above it
        ((5, 6, 7, 9, 10, 11), [5, 6, 7, 9, 10, 11]),  # only T0 is left
        ((4,), list(range(4, 12))),  # T0: all until the next keyframe
        ((0,), list(range(12))),
    ],
)
def test_what_depends_on_a_lost_frame_is_not_decoded(lost, missing) -> None:
    assert decoded(frames(12), *lost) == [n for n in range(12) if n not in missing]


def test_a_keyframe_heals_everything() -> None:
    source = encoder()
    made = [complete(source.encode(n / 25)) for n in range(5)]
    source.want_keyframe = True
    made += [complete(source.encode(n / 25)) for n in range(5, 12)]
    assert decoded(made, 0) == list(range(5, 12))


@given(lost=st.sets(st.integers(0, 39)))
def test_whatever_is_lost_no_frame_is_decoded_without_what_it_refers_to(lost: set[int]) -> None:
    made = frames(40)
    taken = decoded(made, *lost)  # raises where a reference was not decoded
    assert not lost & set(taken)
    if lost:
        # Base layer frames before the first loss are always decoded.
        assert set(range(0, min(lost), 4)) <= set(taken)


def test_numbering_that_hides_a_lost_reference_is_an_error_of_the_server() -> None:
    made = frames(12)
    for frame in made[8:]:
        frame.tl0picidx -= 1  # as if the base layer frame 4 had never been
        frame.picture_id -= 4
    with pytest.raises(AssertionError, match="was not decoded"):
        decoded(made, 4, 5, 6, 7)


@dataclass
class Line:
    """A jitter buffer fed packet by packet."""

    patience: float = 0.04

    def __post_init__(self) -> None:
        self.stream = Incoming(1, "3", "video")
        self.shown: list[tuple[float, int]] = []
        self.now = 0.0
        self.buffer = JitterBuffer(
            self.stream, lambda _, frame: self.shown.append((self.now, frame.tail.frame))
        )
        self.buffer.patience = self.patience
        self.packets: list[tuple[int, int, bool, bytes]] = []
        source = encoder()
        for number in range(40):
            payloads = source.encode(number / 25)
            for part, payload in enumerate(payloads):
                last = part == len(payloads) - 1
                self.packets.append((len(self.packets), number * 3600, last, payload))

    def of_frame(self, frame: int) -> list[int]:
        return [
            number
            for number, (_, _, _, payload) in enumerate(self.packets)
            if video_tail(payload, len(payload)).frame == frame
        ]

    def take(self, number: int, now: float | None = None) -> None:
        sequence, timestamp, marker, payload = self.packets[number]
        self.now = timestamp / 90000 if now is None else now
        extended = self.stream.note(sequence, timestamp, self.now, repair=False)
        if extended is not None:
            self.buffer.packet(extended, timestamp, marker, payload, 0, len(payload), self.now)

    def feed(self, *, without: set[int], frames: int) -> None:
        for number in range(self.of_frame(frames - 1)[-1] + 1):
            if number not in without:
                self.take(number)

    def pass_time(self, until: float) -> None:
        while self.now < until:
            self.now += 0.01
            self.buffer.release(self.now)

    @property
    def numbers(self) -> list[int]:
        return [number for _, number in self.shown]


def test_frames_are_shown_as_they_complete() -> None:
    line = Line()
    line.feed(without=set(), frames=10)
    assert line.numbers == list(range(10))
    assert [at for at, _ in line.shown] == [n / 25 for n in range(10)]


def test_packets_in_any_order_make_the_same_frames() -> None:
    line = Line()
    order = list(range(1, line.of_frame(9)[-1] + 1))
    for start in range(0, len(order), 6):
        block = order[start : start + 6]
        Random(start).shuffle(block)
        order[start : start + 6] = block
    for number in [0, *order]:
        line.take(number, now=0.001 * number)
    line.pass_time(2.0)
    assert line.numbers == list(range(10))


def test_a_repaired_packet_in_time_loses_no_frame() -> None:
    line = Line()
    lost = line.of_frame(6)[0]
    line.feed(without={lost}, frames=8)
    assert line.numbers == list(range(6))
    line.take(lost, now=line.now + 0.01)
    assert line.numbers == list(range(8))


def test_a_frame_that_does_not_need_the_missing_one_goes_on_after_a_little_patience() -> None:
    line = Line()
    lost = line.of_frame(7)[0]  # the second T2: nothing refers to it
    line.feed(without={lost}, frames=20)
    assert line.numbers == [n for n in range(20) if n != 7]
    assert max(at - n / 25 for at, n in line.shown) <= 0.08


def test_a_frame_that_needs_the_missing_one_waits_a_second_and_then_for_a_keyframe() -> None:
    line = Line()
    lost = line.of_frame(4)[0]  # T0
    line.feed(without={lost}, frames=20)
    assert line.numbers == list(range(4))
    line.pass_time(0.17 + 0.9)
    assert line.buffer.undecodable == 0
    line.pass_time(0.17 + 1.1)
    assert line.numbers == list(range(4))
    assert line.buffer.undecodable > 0


def test_a_keyframe_is_asked_for_while_nothing_can_be_decoded() -> None:
    line = Line()
    line.feed(without={line.of_frame(4)[0]}, frames=5)
    assert not line.buffer.asks_keyframe(line.now)
    line.feed(without={line.of_frame(4)[0]}, frames=12)
    assert line.buffer.asks_keyframe(line.now)
    assert not line.buffer.asks_keyframe(line.now + 0.1)
    assert not line.buffer.asks_keyframe(line.now + 5.0)  # nothing comes any more


def test_padding_keeps_its_place_in_the_numbering() -> None:
    line = Line()
    line.feed(without=set(), frames=4)
    number = len(line.stream.missing) + line.stream.highest + 1
    extended = line.stream.note(number & 0xFFFF, 0, line.now, repair=False)
    line.buffer.packet(extended, 0, False, b"\x80" * 12, 12, 12, line.now)
    for index, packet in enumerate(line.packets):
        line.packets[index] = (packet[0] + 1, *packet[1:])
    for number in [n for frame in range(4, 8) for n in line.of_frame(frame)]:
        line.take(number)
    assert line.numbers == list(range(8))
    assert not line.stream.missing
