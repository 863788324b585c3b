"""What a send stream has sent, as the offsets of its last switches; packets are kept once, at
the received stream's cache.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sfu.media.forwarder import Offsets

# Retransmissions look back one second; nobody is switched more often than this in a second.
CAPACITY = 8


class SentLog:
    """Maps outgoing sequence numbers (extended) to the offsets they were made with."""

    __slots__ = ("_switches",)

    def __init__(self) -> None:
        self._switches: deque[tuple[int, Offsets]] = deque(maxlen=CAPACITY)

    def switched(self, first_outgoing: int, offsets: Offsets) -> None:
        """From ``first_outgoing`` on, packets are sent with ``offsets``."""
        self._switches.append((first_outgoing, offsets))

    def find(self, outgoing: int) -> Offsets | None:
        """The offsets that ``outgoing`` was made with; None when that is too long ago."""
        for first, offsets in reversed(self._switches):
            if outgoing >= first:
                return offsets
        return None

    def clear(self) -> None:
        """Forget everything; nothing sent so far can be sent again."""
        self._switches.clear()
