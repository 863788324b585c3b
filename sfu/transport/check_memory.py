"""The latest connectivity checks of a browser: one that somebody else sends again is known."""

from __future__ import annotations

# Of a transaction's 96 random bits: one check in four million is taken for one of before, and
# answered all the same.
_MARK_BYTES = 4
# Browsers check the address they use every 2 to 6 s: three quarters of an hour, in 4 KiB.
_MOST = 1024


class CheckMemory:
    """A ring of transactions: what is older than the latest 1,024 is forgotten."""

    __slots__ = ("_at", "_marks")

    def __init__(self) -> None:
        self._marks = bytearray()
        self._at = 0

    def repeats(self, transaction: bytes) -> bool:
        """Whether a check with that transaction came before; one that did not is noted."""
        mark = transaction[-_MARK_BYTES:]
        marks = self._marks
        found = marks.find(mark)
        while found >= 0:
            if found % _MARK_BYTES == 0:
                return True
            found = marks.find(mark, found + 1)
        marks[self._at : self._at + _MARK_BYTES] = mark
        self._at = (self._at + _MARK_BYTES) % (_MOST * _MARK_BYTES)
        return False
