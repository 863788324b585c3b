"""Asks the path whether it carries more, with padding, when more is wanted."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sfu.congestion.send_history import Arrived

# At most double in one probe; after failures the question is asked more softly.
_FACTORS = (2.0, 1.5, 1.25)
# On a slow path the queue of too much stands long before its feedback comes.
_SLOW, _SLOW_FACTOR = 300_000.0, 1.5
# A known capacity is exceeded by this: enough to tell, and little to queue when it is right.
_BEYOND = 1.25
# Below this a probe sends too few packets to measure, and what it adds to a queue is small.
_FLOOR = 100_000.0
# A little more than what is wanted, so that a measurement 5 % low still shows enough.
_MARGIN = 1.05
# A probe lasts until it has sent some 15 full-size packets, within these bounds.
_PACKETS_BITS = 15 * 1200 * 8
_MIN_SECONDS, _MAX_SECONDS = 0.3, 0.6
# Padding comes in packets of some 255 bytes; what is missing less than that can wait a tick.
_LEAST_BYTES = 200
# What late ticks did not send is not made up for in one burst beyond this.
_CATCH_UP_SECONDS = 0.06
# How long after its end the feedback may take, on top of the round trip.
_PATIENCE_SECONDS = 0.5
# Back-off after failures: 3, 6, 6 ... seconds. A failed probe costs a queue of some 30 ms, and the
# best layer should be back within ten seconds of a path's recovery.
_BACKOFF_SECONDS, _BACKOFF_MAX_SECONDS = 3.0, 6.0

# What comes out must be at least this share of what went in: the rest waits in a queue.
_THROUGH = 0.9
# More loss than before the probe by this share is the probe's (20 packets are a rough measure).
_EXTRA_LOSS = 0.1
# Less than this is not a measurement.
_MIN_PACKETS, _MIN_SPAN_SECONDS = 8, 0.1
_CAPACITY = 4096


class Phase(Enum):
    """Where a probe is."""

    IDLE = "idle"
    SENDING = "sending"
    WAITING = "waiting"


@dataclass(slots=True)
class Outcome:
    """What a probe showed: ``rate`` is what came through (bits/s), None when not measured."""

    passed: bool
    rate: float | None


class Prober:
    """One probe at a time: pads for some ticks, then measures all packets of that time.

    The draft has no probes; libwebrtc sends clusters of packets at a rate and compares how fast
    they were sent and received. Here media and padding together make the rate.
    """

    __slots__ = (
        "_bits_target",
        "_bytes_before",
        "_ended_at",
        "_failures",
        "_loss_before",
        "_lost",
        "_packets",
        "_padded_at",
        "_seconds",
        "_spoilt",
        "_started_at",
        "cluster",
        "phase",
        "retry_at",
    )

    def __init__(self) -> None:
        self.cluster = 0
        self.phase = Phase.IDLE
        self._failures = 0
        self.retry_at = float("-inf")
        self._bits_target = 0.0
        self._seconds = 0.0
        self._bytes_before = 0
        self._started_at = self._padded_at = self._ended_at = 0.0
        self._spoilt = False
        self._loss_before = 0.0
        self._lost = 0
        self._packets: list[Arrived] = []

    def start(
        self,
        estimate: float,
        wanted: float,
        sent_bytes: int,
        now: float,
        *,
        loss: float = 0.0,
        capacity: float | None = None,
    ) -> bool:
        """Begin a probe towards ``wanted`` (bits/s) unless one runs or the back-off does.

        ``loss`` is the share of packets lost already. The probe does not go far beyond a known
        ``capacity``, which may be right.
        """
        if self.phase is not Phase.IDLE or now < self.retry_at or wanted <= estimate:
            return False
        factor = _FACTORS[min(self._failures, len(_FACTORS) - 1)]
        if estimate < _SLOW:
            factor = min(factor, _SLOW_FACTOR)
        target = min(wanted * _MARGIN, estimate * factor)
        if capacity is not None:
            target = min(target, max(capacity, estimate) * _BEYOND)
        target = max(target, min(wanted * _MARGIN, _FLOOR))
        self._bits_target = target
        seconds = _PACKETS_BITS / self._bits_target
        self._seconds = min(max(seconds, _MIN_SECONDS), _MAX_SECONDS)
        self.phase = Phase.SENDING
        self.cluster = self.cluster % 0xFFFF + 1
        self._started_at = self._padded_at = now
        self._bytes_before = sent_bytes
        self._loss_before = loss
        self._spoilt = False
        self._lost = 0
        self._packets.clear()
        return True

    def padding(self, sent_bytes: int, now: float) -> int:
        """The bytes to add now, so that all that is sent makes the probe's rate."""
        if self.phase is not Phase.SENDING:
            return 0
        elapsed = now - self._started_at
        if elapsed > self._seconds:
            self._stop(self._padded_at)  # what is sent since then is media alone
            return 0
        self._padded_at = now
        due = self._bits_target / 8 * elapsed
        missing = int(due) - (sent_bytes - self._bytes_before)
        most = int(self._bits_target / 8 * _CATCH_UP_SECONDS)
        return min(missing, most) if missing >= _LEAST_BYTES else 0

    def add(self, arrived: Iterable[Arrived], lost: Iterable[float]) -> None:
        """Note the fates of any packets: ``lost`` are the times at which they were sent."""
        if self.phase is Phase.IDLE:
            return
        end = self._ended_at if self.phase is Phase.WAITING else float("inf")
        self._lost += sum(self._started_at <= sent_at <= end for sent_at in lost)
        for packet in arrived:
            if self._started_at <= packet[0] <= end and len(self._packets) < _CAPACITY:
                self._packets.append(packet)

    def spoil(self, now: float) -> None:
        """The path shows congestion: stop padding at once."""
        self._spoilt = True
        if self.phase is Phase.SENDING:
            self._stop(now)

    def due(self, reported: float, rtt: float, now: float) -> float:
        """When a probe has something to do that began: pad, or ``conclude``."""
        if self.phase is Phase.SENDING or reported >= self._ended_at:
            return now
        return self._ended_at + rtt + _PATIENCE_SECONDS

    def conclude(self, reported: float, rtt: float, now: float) -> Outcome | None:
        """The outcome, once all is known that was sent until ``reported``, or patience ends."""
        if self.phase is not Phase.WAITING or now < self.due(reported, rtt, now):
            return None
        self.phase = Phase.IDLE
        sent, received = _rates(self._packets)
        loss = self._loss_before
        count = len(self._packets) + self._lost
        lossy = count > 0 and self._lost / count > loss + _EXTRA_LOSS
        passed = (
            not self._spoilt
            and not lossy
            and sent is not None
            and received is not None
            and received >= _THROUGH * sent
            and sent >= _THROUGH * self._bits_target * (1.0 - loss)
        )
        self._packets.clear()
        if passed and sent is not None and received is not None:
            self._failures = 0
            self.retry_at = now
            through = min(sent, received) / (1.0 - min(loss, 0.5))
            return Outcome(True, min(through, self._bits_target))
        backoff = _BACKOFF_SECONDS * 2.0**self._failures
        self.retry_at = now + min(backoff, _BACKOFF_MAX_SECONDS)
        self._failures = min(self._failures + 1, 8)
        return Outcome(False, received)

    def retry(self, now: float) -> None:
        """The path may have become faster: ask again now, if more softly after failures."""
        self._failures = min(self._failures, 1)
        self.retry_at = now

    def _stop(self, now: float) -> None:
        self.phase = Phase.WAITING
        self._ended_at = now


def _rates(packets: list[Arrived]) -> tuple[float | None, float | None]:
    """Bits/s in which delivered packets were sent, and in which they arrived."""
    if len(packets) < _MIN_PACKETS:
        return None, None
    first_sent = packets[0][0]
    last_sent = max(sent for sent, _, _ in packets)
    first_arrival = max(arrival for sent, arrival, _ in packets if sent == first_sent)
    last_arrival = max(arrival for _, arrival, _ in packets)
    bits = 8 * sum(size for sent, _, size in packets if sent > first_sent)
    sent_span, arrival_span = last_sent - first_sent, last_arrival - first_arrival
    if sent_span < _MIN_SPAN_SECONDS or arrival_span < _MIN_SPAN_SECONDS:
        return None, None
    return bits / sent_span, bits / arrival_span
