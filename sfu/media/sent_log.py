"""What a send stream has sent, as its last runs; packets are kept once, at the received stream."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sfu.media.run import Run

# Retransmissions look back one second; nobody is switched more often than this in a second.
CAPACITY = 8


class SentLog:
    """Maps outgoing sequence numbers (extended) to the run they were made with."""

    __slots__ = ("_switches",)

    def __init__(self) -> None:
        self._switches: deque[tuple[int, Run]] = deque(maxlen=CAPACITY)

    def switched(self, first_outgoing: int, run: Run) -> None:
        """From ``first_outgoing`` on, packets are sent with ``run``."""
        self._switches.append((first_outgoing, run))

    def find(self, outgoing: int) -> Run | None:
        """The run that ``outgoing`` was made with; None when that is too long ago."""
        for first, run in reversed(self._switches):
            if outgoing >= first:
                return run
        return None

    def latest(self) -> Run | None:
        """The last run; None when nothing was sent or all is forgotten."""
        return self._switches[-1][1] if self._switches else None

    def clear(self) -> None:
        """Forget everything; nothing sent so far can be sent again."""
        self._switches.clear()
