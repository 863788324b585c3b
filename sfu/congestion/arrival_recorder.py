"""When the packets of one publisher arrived, for its congestion control (transport-cc feedback)."""

from __future__ import annotations

from sfu.rtp.sequence import SequenceUnwrapper
from sfu.rtp.transport_cc import TransportFeedback

# Often enough for the sender's estimate to follow, rare enough to cost under 5 % of the rate.
INTERVAL_SECONDS = 0.1
# One feedback packet must fit a datagram; what does not fit goes into the next one.
MAX_PACKETS = 512
# Bounds what an authenticated sender can make us keep; 20,000 packets/s between two feedbacks.
MAX_PENDING = 2048

# Times of one report are at most 8.19 s apart (16 bits of a quarter of a millisecond). What waits
# for so long, behind numbers that leap, tells a sender nothing any more.
MAX_WAIT_SECONDS = 4.0

_TICK_SECONDS = 0.00025
_REFERENCE_TICKS = 256  # a reference time unit is 64 ms


class ArrivalRecorder:
    """Collects transport-wide sequence numbers and reports each of them once.

    draft-holmer-rmcat-transport-wide-cc-extensions-01. A packet that arrives after the report
    that called it lost is not reported again, one that waited too long for its report not at all.
    """

    __slots__ = ("_arrivals", "_count", "_next", "_sent", "_unwrapper", "media_ssrc")

    def __init__(self) -> None:
        self.media_ssrc = 0
        self._arrivals: dict[int, float] = {}
        self._unwrapper = SequenceUnwrapper()
        self._next: int | None = None
        self._count = 0
        self._sent = float("-inf")

    def record(self, sequence_number: int, media_ssrc: int, now: float) -> None:
        """Note the arrival of the packet with that transport-wide sequence number."""
        sequence = self._unwrapper.unwrap(sequence_number)
        if len(self._arrivals) < MAX_PENDING and (self._next is None or sequence >= self._next):
            self._arrivals.setdefault(sequence, now)
            self.media_ssrc = media_ssrc

    def due(self, now: float) -> float:
        """When to ask for the next report: where nothing came, as often as is reported."""
        waits = now - self._sent < INTERVAL_SECONDS
        return (self._sent if waits else now) + INTERVAL_SECONDS

    def take_feedback(self, sender_ssrc: int, now: float) -> TransportFeedback | None:
        """The next report, at most one per ``INTERVAL_SECONDS``; None when none is due."""
        if not self._arrivals or now - self._sent < INTERVAL_SECONDS:
            return None
        arrivals = self._arrivals
        first = min(arrivals)
        base = first if self._next is None or first - self._next >= MAX_PACKETS else self._next
        end = min(max(arrivals) + 1, base + MAX_PACKETS)
        take = arrivals.pop
        times = [take(sequence, None) for sequence in range(base, end)]
        self._next = end
        kept = [time for time in times if time is not None and now - time <= MAX_WAIT_SECONDS]
        if not kept:
            return None
        earliest = min(kept)
        reference = int(earliest / _TICK_SECONDS) // _REFERENCE_TICKS
        origin = reference * _REFERENCE_TICKS
        feedback = TransportFeedback(
            sender_ssrc=sender_ssrc,
            media_ssrc=self.media_ssrc,
            base_sequence=base & 0xFFFF,
            feedback_count=self._count,
            reference_time=((reference + 0x800000) & 0xFFFFFF) - 0x800000,
            arrivals=[
                None if time is None or time < earliest else int(time / _TICK_SECONDS) - origin
                for time in times
            ],
        )
        self._count = (self._count + 1) & 0xFF
        self._sent = now
        return feedback
