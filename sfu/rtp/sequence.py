"""Sequence numbers that wrap, brought into a line that does not."""

from __future__ import annotations


class SequenceUnwrapper:
    """Extends 16-bit sequence numbers; the first one keeps its value, an older one may be lower."""

    __slots__ = ("_last",)

    def __init__(self) -> None:
        self._last: int | None = None

    def unwrap(self, number: int) -> int:
        """The extended number nearest to the highest one so far."""
        last = self._last
        if last is None:
            self._last = number
            return number
        extended = last + ((number - last + 0x8000) & 0xFFFF) - 0x8000
        if extended > last:
            self._last = extended
        return extended
