"""Any order of arrival, loss and script of switches gives one continuous outgoing stream."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field

from hypothesis import given, settings
from hypothesis import strategies as st

from sfu.media.drop_reason import DropReason
from sfu.media.forwarder import Forwarder
from sfu.media.receive_stream import ReceiveStream
from sfu.media.sender_clock import SenderClock
from sfu.rtp import packet as rtp
from sfu.rtp.codecs.mark import PayloadMark
from sfu.rtp.packet import RtpPacket
from sfu.rtp.rewrite import NO_EXTENSIONS
from sfu.rtp.sequence import SequenceUnwrapper

TYPES = {96: 120}
PATTERN = (0, 2, 1, 2)  # temporal ids of L1T3
FRAME = 3000


@dataclass
class Source:
    """A layer of a camera: frames of one to three packets, delivered in any order or never."""

    index: int
    number: int
    frame: int = 0
    stream: ReceiveStream = field(init=False)
    unwrapper: SequenceUnwrapper = field(default_factory=SequenceUnwrapper)
    waiting: list[RtpPacket] = field(default_factory=list)
    delivered: set[int] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.stream = ReceiveStream(
            ssrc=1000 + self.index, rid="", clock_rate=90000, clock=SenderClock()
        )

    def send_frame(self, packets: int, key: bool) -> None:
        temporal = 0 if key else PATTERN[self.frame % 4]
        for part in range(packets):
            self.number += 1
            packet = rtp.parse(
                rtp.write(
                    payload_type=96,
                    sequence_number=self.number & 0xFFFF,
                    timestamp=(self.frame * FRAME + self.index * 10**9) & 0xFFFFFFFF,
                    ssrc=1000 + self.index,
                    payload=bytes(20),
                    marker=part == packets - 1,
                )
            )
            packet.mark = PayloadMark(
                keyframe=key and part == 0,
                start_of_frame=part == 0,
                temporal_id=temporal,
                picture_id=(self.frame + 32700) & 0x7FFF,
                picture_id_long=True,
                tl0picidx=self.frame // 4 & 0xFF,
                switching_point=temporal > 0,
            )
            self.waiting.append(packet)
        self.frame += 1


_frame = st.tuples(st.just("frame"), st.integers(0, 2), st.integers(1, 3), st.booleans())
_deliver = st.tuples(st.just("deliver"), st.integers(0, 2), st.integers(0, 5), st.booleans())
_lose = st.tuples(st.just("lose"), st.integers(0, 2), st.integers(0, 5), st.booleans())
_again = st.tuples(st.just("again"), st.integers(0, 2), st.integers(0, 5), st.booleans())
_aim = st.tuples(st.just("aim"), st.integers(0, 2), st.integers(0, 2), st.booleans())
_limit = st.tuples(st.just("limit"), st.integers(0, 2), st.integers(0, 2), st.booleans())
_pause = st.tuples(st.just("pause"), st.integers(0, 2), st.integers(0, 2), st.booleans())
# Mostly packets, so that there is something between the switches.
_script = st.lists(
    st.one_of(_frame, _frame, _deliver, _deliver, _deliver, _lose, _again, _aim, _limit, _pause),
    max_size=150,
)


@settings(max_examples=300, deadline=None)
@given(_script, st.integers(0, 65535))
def test_numbers_time_and_switches(script, first: int) -> None:
    out = Forwarder(ssrc=42, clock_rate=90000, first_sequence=500)
    sources = [Source(0, first), Source(1, 65530), Source(2, 7)]
    outgoing = SequenceUnwrapper()
    went_out: dict[int, tuple[int, int]] = {}  # outgoing number -> source, incoming number
    came_as: dict[tuple[int, int], int] = {}
    frames: dict[int, int] = {}  # outgoing number -> timestamp
    pictures: dict[int, tuple[int, int]] = {}  # outgoing picture id -> source, timestamp
    runs: list[tuple[int, int, int]] = []  # source, first incoming, first outgoing
    left_out: set[tuple[int, int]] = set()
    now = 0.0
    for action, index, detail, flag in script:
        source = sources[index]
        now += 0.005  # what is kept for sending it again is younger than a second
        if action == "frame":
            source.send_frame(detail, flag)
        elif action == "lose" and source.waiting:
            source.waiting.pop(min(detail, len(source.waiting) - 1))
        elif action == "aim":
            out.aim(source.stream, TYPES, NO_EXTENSIONS, 7, detail)
        elif action == "limit":
            out.limit(7, detail)
        elif action == "pause":
            out.pause()
        elif action in ("deliver", "again") and source.waiting:
            packet = source.waiting[min(detail, len(source.waiting) - 1)]
            if action == "deliver":
                source.waiting.remove(packet)
            mark = packet.mark
            assert mark is not None
            if mark.picture_id < 1 << 15:
                mark.picture_id = source.stream.extended_picture_id(mark.picture_id & 0x7FFF, True)
            number = source.stream.receive(packet, now)
            if isinstance(number, DropReason):
                continue
            source.delivered.add(number)
            pending = [(packet, number)]
            while pending:
                packet, number = pending.pop(0)
                mark = packet.mark
                assert mark is not None
                before = out.run
                reason = out.decide(source.stream, packet, number, now)
                if out.run is not before and out.run is not None:
                    assert mark.keyframe  # a switch starts on a keyframe
                    runs.append((index, number, out.run.sequence.offset + number))
                    # What a published track does when the beginning of a keyframe came late.
                    kept = source.stream.cache
                    for later in range(number + 1, source.stream.losses.highest + 1):
                        if (found := kept.get(later, now)) is not None:
                            pending.append((found, later))
                if reason is DropReason.LAYER_LEFT_OUT:
                    left_out.add((index, number))
                if reason is not None:
                    continue
                sequence = outgoing.unwrap(out.rewrite.sequence_number)
                assert sequence not in went_out  # no number twice
                assert (index, number) not in came_as  # no packet twice
                went_out[sequence] = index, number
                came_as[index, number] = sequence
                frames[sequence] = out.rewrite.timestamp
                if not out.rewrite.empty:
                    picture = pictures.setdefault(
                        (out.rewrite.picture_id, len(runs)), (index, packet.timestamp)
                    )
                    assert picture == (index, packet.timestamp)  # one picture id for one picture

    # Every gap is a packet that did not come: within a run, numbers count on without a gap of ours.
    ends = [begin for _, _, begin in runs[1:]] + [out.sequence + 1][: len(runs)]
    for (index, first_in, begin), end in zip(runs, ends, strict=True):
        inside = sorted(n for n in went_out if begin <= n < end)
        missing = (end - begin) - len(inside)
        last_in = max((went_out[n][1] for n in inside), default=first_in)
        absent = sum(n not in sources[index].delivered for n in range(first_in, last_in + 1))
        assert missing <= absent
        incoming = [went_out[n][1] for n in inside]
        assert incoming == sorted(incoming)
    # What was left out did not go out as well.
    assert not left_out & came_as.keys()
    # Time does not run back from frame to frame.
    times = [frames[n] for n in sorted(frames)]
    for earlier, later in itertools.pairwise(times):
        assert (later - earlier) & 0xFFFFFFFF < 1 << 31
    # What went out under a number is found again under it, and nothing else.
    for sequence, (index, number) in went_out.items():
        again = out.again(sequence & 0xFFFF, now)
        if not isinstance(again, DropReason):
            assert again.ssrc == 1000 + index
            assert again.sequence_number == number & 0xFFFF
            assert out.rewrite.sequence_number == sequence & 0xFFFF
            assert out.rewrite.timestamp == frames[sequence]
