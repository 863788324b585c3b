"""Which packets of one received stream are missing, and when to ask for them again."""

from __future__ import annotations

# Two newer packets, or 20 ms, tell a loss from a reordering (a NACK too early costs a duplicate).
REORDER_PACKETS = 2
REORDER_SECONDS = 0.02
# Eight tries cover 40 % loss with 99.9 % success; after a second a frame is not worth having.
MAX_TRIES = 8
MAX_AGE_SECONDS = 1.0
# The longest gap that is repaired packet by packet; longer ones need a keyframe anyway.
MAX_MISSING = 512
# So do those that nothing came in for as long as a packet is worth having: browsers send again what
# they are asked for, sound first, before the keyframe that ends the outage. A source that was
# switched off, and is on again with a loss, misses fewer.
OUTAGE_PACKETS = 10


class LossTracker:
    """Tracks gaps by extended sequence number; also tells duplicates, since what is neither
    new nor missing was seen before (or was given up). ``repaired`` came after it was asked for.
    ``outages`` are the gaps that were given up at once.
    """

    __slots__ = (
        "_heard_at",
        "_missing",
        "given_up",
        "highest",
        "outages",
        "received",
        "repaired",
    )

    def __init__(self) -> None:
        self.highest = -1
        self.received = 0
        self.repaired = 0
        self.given_up = 0
        self.outages = 0
        self._heard_at = 0.0
        self._missing: dict[int, _Missing] = {}

    def __len__(self) -> int:
        return len(self._missing)

    def add(self, sequence: int, now: float) -> bool:
        """Note the arrival of ``sequence``; False when it is a duplicate or was given up."""
        highest = self.highest
        if sequence == highest + 1 or highest < 0:
            self.highest = sequence
        elif sequence > highest:
            first = highest + 1
            if sequence - first >= OUTAGE_PACKETS and now - self._heard_at >= MAX_AGE_SECONDS:
                self.outages += 1
                self.given_up += sequence - first
                first = sequence
            elif sequence - first > MAX_MISSING:
                self.given_up += sequence - first - MAX_MISSING
                first = sequence - MAX_MISSING
            missing = self._missing
            for lost in range(first, sequence):
                missing[lost] = _Missing(now)
            while len(missing) > MAX_MISSING:
                del missing[next(iter(missing))]
                self.given_up += 1
            self.highest = sequence
        else:
            entry = self._missing.pop(sequence, None)
            if entry is None:
                return False
            self.repaired += entry.tries > 0
        self._heard_at = now
        self.received += 1
        return True

    def due(self, now: float, rtt: float) -> list[int]:
        """The sequence numbers to ask for now, oldest first; forgets those past hope.

        ``rtt`` in seconds spaces the tries, so that an answer under way is not asked for again.
        """
        if not self._missing:
            return []
        asked: list[int] = []
        gone: list[int] = []
        for sequence, entry in self._missing.items():
            if entry.tries >= MAX_TRIES or now - entry.since > MAX_AGE_SECONDS:
                if entry.tries < MAX_TRIES or now - entry.asked > rtt:
                    gone.append(sequence)
            elif entry.tries == 0:
                late = self.highest - sequence >= REORDER_PACKETS
                if late or now - entry.since >= REORDER_SECONDS:
                    asked.append(sequence)
            elif now - entry.asked >= rtt:
                asked.append(sequence)
        for sequence in gone:
            del self._missing[sequence]
        self.given_up += len(gone)
        for sequence in asked:
            entry = self._missing[sequence]
            entry.tries += 1
            entry.asked = now
        return asked


class _Missing:
    """One missing packet: since when, how often and when last asked for (seconds)."""

    __slots__ = ("asked", "since", "tries")

    def __init__(self, since: float) -> None:
        self.since = since
        self.asked = 0.0
        self.tries = 0
