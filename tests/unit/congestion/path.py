"""A subscriber's path in virtual time: an Estimator, a Link and a browser that sends feedback."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from heapq import heappop, heappush
from random import Random

from loadtest.link import OVERHEAD_BYTES, Link
from sfu.congestion.arrival_recorder import ArrivalRecorder
from sfu.congestion.estimator import Estimator
from sfu.rtp.transport_cc import TransportFeedback

STEP = 0.01
FRAME_STEPS, AUDIO_STEPS, TICK_STEPS = 4, 2, 2
PACKET_BYTES = 1200  # on the wire
AUDIO_BYTES = 150 - OVERHEAD_BYTES  # 50 of these a second are 60 kbit/s
PADDING_BYTES = 280  # the least; more is sent as retransmissions of full size

Media = Callable[[Estimator], float]


def greedy(estimator: Estimator) -> float:
    return estimator.estimate


def fixed(rate: float) -> Media:
    return lambda _: rate


class Path:
    """Runs in steps of 10 ms; a video frame each 40 ms, audio (unrecorded) each 20 ms."""

    def __init__(
        self,
        rate: float | None,
        *,
        media: Media = greedy,
        delay: float = 0.025,
        queue: float = 0.3,
        jitter: float = 0.0,
        loss: float = 0.0,
        burst: float = 1.0,
        reorders: bool = False,
        audio: bool = False,
        variation: float = 0.2,
        seed: int = 1,
        start: float = 600_000.0,
    ) -> None:
        self.random = Random(seed)
        self.link = Link(
            self.random,
            rate=rate,
            queue=queue,
            delay=delay,
            jitter=jitter,
            loss=loss,
            burst=burst,
            reorders=reorders,
        )
        self.media = media
        self.audio = audio
        self.variation = variation
        self.estimator = Estimator(start=start)
        self.now = self.random.uniform(0.0, 1000.0)
        self.started = self.now
        self.feedback_works = True
        self.padded = 0
        self.cross: Callable[[float], float] | None = None  # bytes of others' traffic, per step
        self.trace: list[tuple[float, float]] = []
        self.delays: list[tuple[float, float]] = []
        self._clock_offset = self.random.uniform(0.0, 1e6)
        self._recorder = ArrivalRecorder()
        self._flying: list[tuple[float, int]] = []
        self._reports: deque[tuple[float, TransportFeedback]] = deque()
        self._step = 0
        self._owed = 0.0

    @property
    def time(self) -> float:
        """Seconds since the start."""
        return self.now - self.started

    def run(self, seconds: float) -> None:
        for _ in range(round(seconds / STEP)):
            self._advance()

    def run_until(self, condition: Callable[[Estimator], bool], limit: float) -> float:
        """The seconds until the condition holds; fails the test after ``limit``."""
        since = self.now
        while not condition(self.estimator):
            self._advance()
            assert self.now - since <= limit, f"not within {limit} s: {self.estimator.explain()}"
        return self.now - since

    def estimates(self, first: float, last: float) -> list[float]:
        return [estimate for time, estimate in self.trace if first <= time < last]

    def queueing(self, first: float, last: float) -> list[float]:
        """Sorted seconds that media packets waited (their own transmission included)."""
        return sorted(delay for time, delay in self.delays if first <= time < last)

    def set_clock(self, seconds: float) -> None:
        """Sets the receiver's clock forward."""
        self._clock_offset += seconds

    def standing(self) -> float:
        """Seconds of queue in the link now."""
        return max(0.0, self.link._free_at - self.now)

    def decreases(self, first: float, last: float, share: float = 0.1) -> int:
        """How often the estimate fell by more than ``share`` within a second."""
        values = self.estimates(first, last)
        count, index = 0, 1
        while index < len(values):
            before = max(values[max(0, index - 10) : index])
            if values[index] < before * (1.0 - share):
                count += 1
                index += 10
            index += 1
        return count

    def _advance(self) -> None:
        self._step += 1
        self.now = self.started + self._step * STEP
        now, estimator = self.now, self.estimator
        while self._reports and self._reports[0][0] <= now:
            estimator.feedback(self._reports.popleft()[1], now)
        if self.cross is not None:
            self.link.carry(int(self.cross(now)), now)
        if self._step % AUDIO_STEPS == 0 and self.audio:
            self.link.carry(AUDIO_BYTES, now)
        if self._step % FRAME_STEPS == 0:
            size = 1.0 + self.random.uniform(-self.variation, self.variation)
            self._owed += size * self.media(estimator) * FRAME_STEPS * STEP / 8
            while self._owed >= 100:
                self._send(min(PACKET_BYTES, int(self._owed)))
        if self._step % TICK_STEPS == 0:
            padding = estimator.tick(now)
            while padding > 0:
                size = PACKET_BYTES if padding > PADDING_BYTES else PADDING_BYTES
                self._carry(size, estimator.probe_cluster)
                self.padded += size
                padding -= size
        if self._step % 10 == 0:
            self.trace.append((self.time, estimator.estimate))
        self._receive()

    def _send(self, size: int) -> None:
        self._owed -= size
        arrival = self._carry(size, 0)
        if arrival is not None:
            self.delays.append((self.time, arrival - self.now - self.link.delay))

    def _carry(self, size: int, probe: int) -> float | None:
        number = self.estimator.history.record(size, self.now, probe)
        arrival = self.link.carry(max(0, size - OVERHEAD_BYTES), self.now)
        if arrival is not None:
            heappush(self._flying, (arrival, number))
        return arrival

    def _receive(self) -> None:
        while self._flying and self._flying[0][0] <= self.now:
            arrival, number = heappop(self._flying)
            self._recorder.record(number, 1, arrival + self._clock_offset)
        report = self._recorder.take_feedback(1, self.now)
        if report is not None and self.feedback_works:
            self._reports.append((self.now + self.link.delay, report))
