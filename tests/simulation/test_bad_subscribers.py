"""Whatever a subscriber says, nobody else's call changes, and nothing grows at the server."""

from __future__ import annotations

import gc
from collections import deque
from collections.abc import Callable
from itertools import pairwise
from random import Random
from types import FunctionType, MethodType, ModuleType
from typing import Any

import msgspec
import pytest

from sfu.counters import Counters
from sfu.rtp.feedback import Fir, Nack, Pli, Remb
from sfu.rtp.rtcp import ReceiverReport, ReportBlock, parse_compound
from sfu.rtp.transport_cc import TransportFeedback
from tests.simulation.simulator import Call

CALM, BAD, AFTER = 4.0, 3.0, 1.5
TICK = 0.02
RNG_SEED = 5


class Bad:
    """A call of three in which ann's browser tells nonsense after a while."""

    def __init__(self, **knobs: Any) -> None:
        self.call = call = Call(seed=3)
        self.ann = call.browser("ann", simulcast=True, **knobs)
        self.bob = call.browser("bob", simulcast=True)
        self.cem = call.browser("cem", simulcast=True)
        self.random = Random(RNG_SEED)
        self.asked: list[tuple[float, int]] = []  # keyframes of bob and cem: when, of what
        for each in (self.bob, self.cem):
            self._listen(each.sender)
        call.run(CALM)
        self.at = call.now
        self.carried = self.ann.down.carried_bytes
        self.subscriber = self.ann.session._participant.subscriber

    def _listen(self, sender) -> None:
        take = sender.feedback

        def feedback(packet) -> None:
            if isinstance(packet, Pli):
                self.asked.append((self.call.now, packet.media_ssrc))
            take(packet)

        sender.feedback = feedback

    @property
    def ssrcs(self) -> list[int]:
        """What ann receives."""
        return list(self.ann.receiver.streams)

    def tell(self, data: bytes) -> None:
        """RTCP of ann arrives at the server."""
        self.ann.transport.take_rtcp(data)

    def say(self, **message: Any) -> None:
        self.ann.session.receive(msgspec.json.encode(message), self.call.now)

    def flood(self, tell: Callable[[Bad], None], seconds: float = BAD) -> None:
        """Let ``tell`` happen with every tick, and see that the server's tables do not grow."""
        half = 0
        for number in range(round(seconds / TICK)):
            tell(self)
            self.call.run(TICK)
            if number == round(seconds / TICK / 2):
                half = held_by(self.subscriber)
        assert held_by(self.subscriber) <= half * 1.1 + 200

    def check(self) -> None:
        """The others saw and heard no difference, and she is still served."""
        call = self.call
        self.call.run(AFTER)
        for viewer, other in ((1, 0), (1, 2), (2, 0), (2, 1)):
            view = call.browsers[viewer].view_of(call.browsers[other])
            assert view.freezes == []
            assert max(at for at, _, _ in view.changes) < self.at
            assert view.height == 720
            assert view.fps >= 24
            listener = call.browsers[viewer].listening_to(call.browsers[other])
            assert listener.residual_loss == 0.0
        assert not call.counters.bugs
        assert len(call.rooms.rooms[call.room].participants) == 3
        for other in (self.bob, self.cem):
            assert self.ann.listening_to(other).residual_loss == 0.0
        for ssrc in {ssrc for _, ssrc in self.asked}:
            times = [at for at, of in self.asked if of == ssrc and at > self.at]
            gaps = [later - earlier for earlier, later in pairwise(times)]
            assert all(gap > 0.49 for gap in gaps)

    @property
    def rate(self) -> float:
        """Bits per second to ann since the nonsense began."""
        return (self.ann.down.carried_bytes - self.carried) * 8 / (self.call.now - self.at)


def held_by(root: object) -> int:
    """How many entries all tables have that are reached from ``root``, but for what is common."""
    seen = {id(root)}
    waiting, entries = deque([root]), 0
    common = type, ModuleType, FunctionType, MethodType, Counters, Call
    while waiting:
        each = waiting.popleft()
        if isinstance(each, dict | list | set | deque):
            entries += len(each)
        for found in gc.get_referents(each):
            if id(found) not in seen and not isinstance(found, common):
                seen.add(id(found))
                waiting.append(found)
    return entries


@pytest.fixture(scope="module")
def healthy() -> Bad:
    """The same call without any nonsense."""
    good = Bad()
    good.call.run(BAD + AFTER)
    return good


# --- transport-wide feedback ---


def feedback(base: int, reference: int, arrivals: list[int | None]) -> bytes:
    return TransportFeedback(1, 1, base & 0xFFFF, 0, reference, arrivals).write()


def never_sent(bad: Bad) -> None:
    bad.tell(feedback(bad.random.getrandbits(16), int(bad.call.now / 0.064), [10] * 200))


def absurd_times(bad: Bad) -> None:
    base = bad.ann.receiver._highest - 20
    arrivals = [bad.random.choice([-16_000, 0, 16_000, None]) for _ in range(30)]  # 4 s
    bad.tell(feedback(base, bad.random.randrange(-(1 << 23), 1 << 23), arrivals))


def many_at_once(bad: Bad) -> None:
    if bad.random.random() < 0.04:
        data = feedback(bad.ann.receiver._highest - 100, int(bad.call.now / 0.064), [5] * 100)
        for _ in range(1000):
            bad.tell(data)


def all_lost(bad: Bad) -> None:
    """Instead of what really arrived."""
    transport = bad.ann.transport
    if "take_rtcp" in vars(transport):
        return
    take = transport.take_rtcp

    def lying(data: bytes) -> None:
        for packet in parse_compound(data):
            if isinstance(packet, TransportFeedback):
                packet.arrivals = [None] * len(packet.arrivals)
                take(packet.write())
                return
        take(data)

    transport.take_rtcp = lying


@pytest.mark.parametrize("nonsense", [never_sent, absurd_times, many_at_once, all_lost])
def test_lies_about_arrivals(healthy, nonsense) -> None:
    bad = Bad()
    bad.flood(nonsense)
    estimator = bad.subscriber.downlink.estimator
    assert 30_000 <= estimator.estimate <= 20_000_000
    assert bad.rate < 1.5 * healthy.rate
    bad.check()
    if nonsense is all_lost:
        assert estimator.estimate < 200_000
    if nonsense is never_sent:
        assert estimator.history.ignored > 10_000


# --- floods ---


def nacks(bad: Bad) -> None:
    for ssrc, stream in bad.ann.receiver.streams.items():
        if stream.highest < 0:
            continue
        for first in range(0, 1000, 200):
            lost = [(stream.highest - first - each) & 0xFFFF for each in range(200)]
            bad.tell(Nack(1, ssrc, lost[::-1]).write())


def picture_losses(bad: Bad) -> None:
    for ssrc in bad.ssrcs:
        for _ in range(20):
            bad.tell(Pli(1, ssrc).write())
            bad.tell(Fir(1, [(ssrc, bad.random.randrange(256))]).write())


@pytest.mark.parametrize("nonsense", [nacks, picture_losses])
def test_floods_of_requests(healthy, nonsense) -> None:
    bad = Bad()
    bad.flood(nonsense, 2.0)
    assert bad.rate < 2.0 * healthy.rate
    bad.check()
    counters = bad.call.counters
    if nonsense is nacks:
        assert counters.nacked_in > 100_000
        assert counters.retransmitted_out < 350 * 4 * 3  # of four streams in three windows
    else:
        assert counters.keyframe_requests["pli"] > 2_000


# --- reports and estimates ---


def everything_lost(bad: Bad) -> None:
    blocks = [ReportBlock(ssrc, 255, 0x7FFFFF, 0xFFFFFFFF, 2**32 - 1, 1, 1) for ssrc in bad.ssrcs]
    for start in range(0, len(blocks), 31):
        bad.tell(ReceiverReport(1, blocks[start : start + 31]).write())


@pytest.mark.parametrize("remb", [False, True])
def test_reports_that_everything_is_lost(healthy, remb) -> None:
    bad = Bad(remb=remb)
    bad.flood(everything_lost)
    bad.check()
    counters = bad.call.counters
    assert counters.video.lost_out + counters.audio.lost_out == 0  # more than was ever sent
    assert bad.rate < 1.5 * healthy.rate


@pytest.mark.parametrize("bitrate", [0, 1 << 63])
def test_impossible_estimates_of_the_receiver(healthy, bitrate) -> None:
    bad = Bad(remb=True)
    bad.flood(lambda bad: bad.tell(Remb(1, bitrate, bad.ssrcs).write()))
    assert 30_000 <= bad.subscriber.downlink.estimator.estimate <= 20_000_000
    assert bad.rate < 1.5 * healthy.rate
    bad.check()


# --- wishes ---


def strangers(bad: Bad) -> None:
    names = [f"p{bad.random.getrandbits(48):012x}-camera" for _ in range(1000)]
    bad.say(type="subscribe", tracks=[{"id": name, "height": 180} for name in names])


def too_many(bad: Bad) -> None:
    bad.say(type="subscribe", tracks=[{"id": "p", "height": 180}] * 1001)


def flapping(bad: Bad) -> None:
    height = 8640 if round(bad.call.now / TICK) % 2 else 0
    tracks = [{"id": each.track(), "height": height} for each in (bad.bob, bad.cem)]
    bad.say(type="subscribe", tracks=tracks)


@pytest.mark.parametrize("nonsense", [strangers, flapping])
def test_wishes_without_sense(healthy, nonsense) -> None:
    bad = Bad()
    bad.flood(nonsense)
    bad.check()
    assert not bad.ann.hung_up
    assert bad.rate < 1.5 * healthy.rate
    assert len(bad.ann.of_type("slots")) < 10
    if nonsense is strangers:
        assert bad.ann.view_of(bad.bob).fps >= 24


def test_more_wishes_than_a_message_may_have_end_the_session_of_that_client_only() -> None:
    bad = Bad()
    too_many(bad)
    bad.call.run(0.1)
    assert bad.ann.hung_up
    bad.call.run(BAD)
    for viewer, other in ((bad.bob, bad.cem), (bad.cem, bad.bob)):
        assert viewer.view_of(other).freezes == []
        assert viewer.listening_to(other).residual_loss == 0.0
    assert not bad.call.counters.bugs
