"""Numbers of any width in bits, for formats that do not keep to bytes."""

from __future__ import annotations

from sfu.errors import MalformedPacket


class BitReader:
    """Reads ``data`` from its highest bit on; raises ``MalformedPacket(reason)`` behind its end."""

    __slots__ = ("_left", "_reason", "_value")

    def __init__(self, data: bytes, reason: str) -> None:
        self._value = int.from_bytes(data, "big")
        self._left = 8 * len(data)
        self._reason = reason

    def read(self, count: int) -> int:
        """The next ``count`` bits."""
        self._left -= count
        if self._left < 0:
            raise MalformedPacket(self._reason)
        return self._value >> self._left & (1 << count) - 1

    def read_below(self, limit: int) -> int:
        """A number under ``limit``, in the code that AV1 calls ``ns(n)``."""
        width, short = _short_codes(limit)
        value = self.read(width)
        return value if value < short else (value << 1) - short + self.read(1)


class BitWriter:
    """The counterpart of ``BitReader``."""

    __slots__ = ("_count", "_value")

    def __init__(self) -> None:
        self._value = self._count = 0

    def write(self, count: int, value: int) -> None:
        """Append ``value`` in ``count`` bits. Raises ``ValueError`` when it has no room in them."""
        if not 0 <= value < 1 << count:
            raise ValueError(f"{value} does not fit {count} bits")
        self._value = self._value << count | value
        self._count += count

    def write_below(self, limit: int, value: int) -> None:
        """Append a number under ``limit``. Raises ``ValueError`` when it is not."""
        if not 0 <= value < limit:
            raise ValueError(f"{value} is not below {limit}")
        width, short = _short_codes(limit)
        if value < short:
            self.write(width, value)
        else:
            self.write(width + 1, value + short)

    def to_bytes(self) -> bytes:
        """All that was written, with zeros up to a whole byte."""
        padding = -self._count % 8
        return (self._value << padding).to_bytes((self._count + padding) // 8, "big")


def _short_codes(limit: int) -> tuple[int, int]:
    """How wide the short codes of numbers under ``limit`` are, and how many; others have one more.

    AV1 bitstream specification section 4.10.7.
    """
    width = limit.bit_length()
    return width - 1, (1 << width) - limit
