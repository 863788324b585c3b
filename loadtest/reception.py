"""One stream as a client receives it: what is missing, repaired, doubled or out of order."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

# A packet that is this late is asked for: it may be out of order only.
NACK_SECONDS = 0.02
_REPEAT_SECONDS = 0.1
_MAX_TRIES = 8
# After so long nobody waits for it any more: it is lost.
_GIVE_UP_SECONDS = 1.5
# A jump over more than this is no loss that could be repaired; bounds what is kept.
_MAX_MISSING = 1000


class Verdict(Enum):
    """What one packet was."""

    FRESH = "fresh"
    REPAIRED = "repaired"
    REORDERED = "reordered"
    DUPLICATE = "duplicate"
    UNNEEDED = "unneeded"  # sent again without being missed, to measure the path


@dataclass(slots=True)
class _Missing:
    since: float
    asked_at: float = float("-inf")
    tries: int = 0


class Reception:
    """Follows the sequence numbers of one SSRC; packets of its RTX stream as ``repair``."""

    __slots__ = ("_expected", "_first", "_lost", "_missing", "_received", "highest")

    def __init__(self) -> None:
        self.highest = -1
        self._first = self._received = 0
        self._expected = self._lost = 0  # as of the last report
        self._missing: dict[int, _Missing] = {}

    @property
    def missing(self) -> int:
        """How many packets may still come."""
        return len(self._missing)

    def receive(self, number: int, now: float, *, repair: bool = False) -> tuple[Verdict, int]:
        """What the packet with that sequence number is, and how many others that makes lost."""
        highest = self.highest
        if highest < 0:
            self.highest = self._first = number
            self._received = 1
            return Verdict.FRESH, 0
        step = ((number - highest + 0x8000) & 0xFFFF) - 0x8000
        sequence = highest + step
        if step > 0:
            self.highest = sequence
            self._received += 1
            if step > 1:
                return Verdict.FRESH, self._miss(highest + 1, sequence, now)
            return Verdict.FRESH, 0
        found = self._missing.pop(sequence, None)
        if found is None:
            if sequence < self._first:
                return Verdict.REORDERED, 0
            return Verdict.UNNEEDED if repair else Verdict.DUPLICATE, 0
        self._received += 1
        return Verdict.REPAIRED if repair or found.tries else Verdict.REORDERED, 0

    def losses(self) -> tuple[int, int]:
        """For a report block: the share lost since the last one in 1/256, and all losses."""
        expected = self.highest - self._first + 1 if self.highest >= 0 else 0
        lost = expected - self._received
        newly, sent = lost - self._lost, expected - self._expected
        self._expected, self._lost = expected, lost
        return (min(255, 256 * newly // sent) if newly > 0 and sent > 0 else 0), lost

    def _miss(self, start: int, end: int, now: float) -> int:
        lost = max(0, end - start - _MAX_MISSING)
        for sequence in range(start + lost, end):
            if len(self._missing) >= _MAX_MISSING:
                del self._missing[next(iter(self._missing))]
                lost += 1
            self._missing[sequence] = _Missing(now)
        return lost

    def due(self, now: float, *, ask: bool = True) -> tuple[list[int], int]:
        """The 16-bit numbers to ask for now, and how many packets are lost for good."""
        if not self._missing:
            return [], 0
        asked, lost = [], []
        for sequence, each in self._missing.items():
            if now - each.since >= _GIVE_UP_SECONDS:
                lost.append(sequence)
            elif (
                ask
                and now - each.since >= NACK_SECONDS
                and now - each.asked_at >= _REPEAT_SECONDS
                and each.tries < _MAX_TRIES
            ):
                each.asked_at = now
                each.tries += 1
                asked.append(sequence & 0xFFFF)
        for sequence in lost:
            del self._missing[sequence]
        return asked, len(lost)
