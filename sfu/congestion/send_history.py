"""What was sent under which transport-wide sequence number, until feedback tells its fate."""

from __future__ import annotations

from array import array
from dataclasses import dataclass

from sfu.rtp.transport_cc import TransportFeedback

# Two seconds at 20 Mbit/s in 1,200-byte packets; feedback that is later than that is of no use.
CAPACITY = 4096
_MASK = CAPACITY - 1

# A receiver's clock that is off by more than this from where it should be was stepped, or lies.
_STEP_SECONDS = 5.0
# One feedback covers well under a second of a live stream; slow ones are given room.
_SPAN_TICKS = 40_000
_TICK_SECONDS = 0.00025
_REFERENCE_SECONDS = 0.064
_REFERENCE_HALF, _REFERENCE_MASK = 1 << 23, (1 << 24) - 1

_NEVER, _AWAITED, _LOST, _ARRIVED = range(4)


@dataclass(slots=True)
class Result:
    """The fate of one packet.

    ``sent_at`` is our time, ``arrived_at`` the receiver's (its zero is arbitrary), both in
    seconds; ``arrived_at`` is None for a loss. ``late`` marks an arrival that an earlier
    feedback had called a loss. ``size`` is bytes on the wire, ``probe`` the cluster or 0.
    """

    sent_at: float
    size: int
    arrived_at: float | None
    probe: int
    late: bool = False


class SendHistory:
    """A ring of the last ``CAPACITY`` packets (draft-holmer-rmcat-transport-wide-cc-extensions-01).

    ``ignored`` counts reported packets that were never sent, are too old, were reported before,
    or came with impossible times.
    """

    __slots__ = (
        "_clock",
        "_clock_at",
        "_fates",
        "_next",
        "_probes",
        "_reference",
        "_reported",
        "_sent_at",
        "_sizes",
        "ignored",
        "sent_bytes",
    )

    def __init__(self) -> None:
        self.sent_bytes = 0
        self.ignored = 0
        self._next = 0
        self._reported = -1
        self._sent_at = array("d", bytes(8 * CAPACITY))
        self._sizes = array("I", bytes(4 * CAPACITY))
        self._probes = array("I", bytes(4 * CAPACITY))
        self._fates = bytearray(CAPACITY)
        self._reference: int | None = None
        self._clock = 0.0
        self._clock_at = 0.0

    def record(self, size: int, now: float, probe: int = 0) -> int:
        """The 16-bit number for a packet of ``size`` bytes on the wire that is sent ``now``."""
        sequence = self._next
        self._next = sequence + 1
        self.sent_bytes += size
        slot = sequence & _MASK
        self._sent_at[slot] = now
        self._sizes[slot] = size
        self._probes[slot] = probe
        self._fates[slot] = _AWAITED
        return sequence & 0xFFFF

    def unreported_since(self) -> float | None:
        """When the first packet after the last reported one was sent; None: all are reported."""
        first = max(self._reported + 1, self._next - CAPACITY)
        return self._sent_at[first & _MASK] if first < self._next else None

    def resolve(self, feedback: TransportFeedback, now: float) -> list[Result]:
        """The fates that ``feedback`` tells and that were not known, in the order of sending."""
        count = len(feedback.arrivals)
        clock = self._follow(feedback.reference_time, now)
        if clock is None:
            self.ignored += count
            return []
        newest = self._next - 1
        base = newest - ((newest - feedback.base_sequence) & 0xFFFF)
        first = min(max(0, self._next - CAPACITY - base, -base), count)
        end = max(first, min(count, self._next - base))
        self.ignored += count - (end - first)
        results: list[Result] = []
        fates, sent_at, sizes, probes = self._fates, self._sent_at, self._sizes, self._probes
        arrivals = feedback.arrivals
        for index in range(first, end):
            slot = (base + index) & _MASK
            fate, ticks = fates[slot], arrivals[index]
            if ticks is None:
                if fate != _AWAITED:
                    self.ignored += 1
                    continue
                fates[slot] = _LOST
                results.append(Result(sent_at[slot], sizes[slot], None, probes[slot]))
            elif fate not in (_AWAITED, _LOST) or not -_SPAN_TICKS <= ticks <= _SPAN_TICKS:
                self.ignored += 1
            else:
                fates[slot] = _ARRIVED
                arrived_at = clock + ticks * _TICK_SECONDS
                results.append(
                    Result(sent_at[slot], sizes[slot], arrived_at, probes[slot], fate == _LOST)
                )
        if results:
            self._reported = max(self._reported, base + end - 1)
        return results

    def _follow(self, reference: int, now: float) -> float | None:
        """The receiver's clock without its 24-bit wrap; None when it jumped.

        After a jump (machines sleep) it goes on as ours did; only the feedback that brings the
        jump is not believed.
        """
        known = self._reference
        self._reference = reference
        elapsed, self._clock_at = now - self._clock_at, now
        if known is None:
            self._clock = 0.0
            return self._clock
        units = ((reference - known + _REFERENCE_HALF) & _REFERENCE_MASK) - _REFERENCE_HALF
        step = units * _REFERENCE_SECONDS
        if abs(step - elapsed) > _STEP_SECONDS:
            self._clock += elapsed
            return None
        self._clock += step
        return self._clock
