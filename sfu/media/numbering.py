"""Maps the numbers of an incoming stream to outgoing ones without a gap where we left some out."""

from __future__ import annotations

from collections import deque

# A packet that comes over 1,000 numbers late is not taken any more, so no more need be remembered.
MEMORY = 1024


class Numbering:
    """One continuous run: ``first`` (an extended number) goes out as ``outgoing``.

    Every number between ``first`` and ``newest`` either has a place of its own in the outgoing
    numbering (whether or not it has arrived yet) or was left out for good. The same number
    always goes out under the same one.
    """

    __slots__ = ("_left_out", "first", "newest", "offset")

    def __init__(self, first: int, outgoing: int) -> None:
        self.first = first
        self.newest = first - 1
        self.offset = outgoing - first  # of the newest number
        self._left_out: deque[int] = deque(maxlen=MEMORY)  # ascending

    def forward(self, number: int) -> int:
        """The outgoing number of ``number``; it must not be one that was left out."""
        if number >= self.newest:
            self.newest = number
            return number + self.offset
        return number + self.offset + self._left_out_after(number)

    def leave_out(self, number: int) -> bool:
        """Close the gap that ``number`` would leave; False when later ones have gone out already.

        True as well for a number that was left out before.
        """
        if number > self.newest:
            self.newest = number
            self._left_out.append(number)
            self.offset -= 1
            return True
        return self.is_left_out(number)

    def is_left_out(self, number: int) -> bool:
        """Whether ``number`` has no place in the outgoing numbering."""
        left_out = self._left_out
        if not left_out or number > left_out[-1]:
            return False
        return number in left_out

    def original(self, outgoing: int) -> int | None:
        """The number that went (or will go) out as ``outgoing``; None when there is none."""
        number = outgoing - self.offset
        for left_out in reversed(self._left_out):
            if number > left_out:
                break
            number -= 1
        else:
            if len(self._left_out) == MEMORY:
                return None  # from before what is remembered
        return number if self.first <= number <= self.newest else None

    def _left_out_after(self, number: int) -> int:
        count = 0
        for left_out in reversed(self._left_out):
            if left_out <= number:
                break
            count += 1
        return count
