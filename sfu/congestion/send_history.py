"""What was sent under which transport-wide sequence number, until feedback tells its fate."""

from __future__ import annotations

from array import array
from dataclasses import dataclass, field
from typing import TypeAlias

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


Arrived: TypeAlias = tuple[float, float, int]
"""A packet that arrived: when it was sent (our time) and arrived (the receiver's, whose zero is
arbitrary), in seconds, and its bytes on the wire."""


@dataclass(slots=True)
class Fates:
    """What one feedback tells that was not known, in the order of sending.

    ``media`` are those of ``arrived`` that were not padding of a probe; ``lost`` are the sending
    times of losses; so many of ``arrived`` are ``late``: an earlier feedback had called them lost.
    ``newest`` is when the last of all was sent.
    """

    arrived: list[Arrived] = field(default_factory=list)
    media: list[Arrived] = field(default_factory=list)
    lost: list[float] = field(default_factory=list)
    late: int = 0
    newest: float = float("-inf")

    def __len__(self) -> int:
        return len(self.arrived) + len(self.lost)


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

    def resolve(self, feedback: TransportFeedback, now: float) -> Fates:
        """The fates that ``feedback`` tells and that were not known."""
        fates = Fates()
        count = len(feedback.arrivals)
        clock = self._follow(feedback.reference_time, now)
        if clock is None:
            self.ignored += count
            return fates
        newest = self._next - 1
        base = newest - ((newest - feedback.base_sequence) & 0xFFFF)
        first = min(max(0, self._next - CAPACITY - base, -base), count)
        end = max(first, min(count, self._next - base))
        self.ignored += count - (end - first)
        known, sent_at, sizes, probes = self._fates, self._sent_at, self._sizes, self._probes
        arrived, media = fates.arrived.append, fates.media.append
        slot = -1
        for number, ticks in enumerate(feedback.arrivals[first:end], base + first):
            place = number & _MASK
            fate = known[place]
            if fate in (_ARRIVED, _NEVER):
                self.ignored += 1
            elif ticks is None:
                if fate == _LOST:
                    self.ignored += 1
                    continue
                known[place] = _LOST
                slot = place
                fates.lost.append(sent_at[place])
            elif -_SPAN_TICKS <= ticks <= _SPAN_TICKS:
                if fate == _LOST:
                    fates.late += 1
                known[place] = _ARRIVED
                slot = place
                packet = sent_at[place], clock + ticks * _TICK_SECONDS, sizes[place]
                arrived(packet)
                if not probes[place]:
                    media(packet)
            else:
                self.ignored += 1
        if slot >= 0:
            fates.newest = sent_at[slot]
            self._reported = max(self._reported, base + end - 1)
        return fates

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
