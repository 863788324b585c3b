"""Broken input made of good input: bytes and text, a few changes at a time."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

# Numbers at which lengths, counts and offsets go wrong.
_BYTES = (0, 1, 2, 3, 4, 0x0F, 0x10, 0x1F, 0x7F, 0x80, 0xBE, 0xDE, 0xFE, 0xFF)
_WORDS = (0, 1, 0x7F, 0x80, 0xFF, 0x100, 0x7FFF, 0x8000, 0xFFFE, 0xFFFF, 0xBEDE, 0x1000)
# Longer than any datagram the port takes.
_MAX_BYTES = 2048
# What text formats trip over.
_PIECES = (
    b"",
    b" ",
    b"\r",
    b"\n",
    b"\r\n",
    b"\0",
    b":",
    b";",
    b"/",
    b"=",
    b",",
    b'"',
    b"\\",
    b"\\ud800",
    b"{",
    b"}",
    b"[",
    b"]",
    b"[" * 300,
    b"-1",
    b"0",
    b"65536",
    b"4294967296",
    b"1e999",
    b"9" * 40,
    b"null",
    b"\xff\xfe",
    "٣".encode(),
    "\u202e\ud7ff".encode(),
    b"../../etc/passwd",
    b"<script>",
    b"%s%n",
    b"a" * 300,
)


class Mutator:
    """Changes inputs by its own random numbers: the same seed makes the same inputs."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)

    def datagram(self, seeds: Sequence[bytes]) -> bytes:
        """A seed with up to four changes; now and then noise, or a seed as it is."""
        random = self.random
        chance = random.random()
        if chance < 0.03:
            return random.randbytes(random.randrange(64))
        data = bytearray(random.choice(seeds))
        if chance < 0.05:
            return bytes(data)
        for _ in range(random.choice((1, 1, 1, 2, 2, 4))):
            self._change(data, seeds)
        return bytes(data[:_MAX_BYTES])

    def _change(self, data: bytearray, seeds: Sequence[bytes]) -> None:
        random = self.random
        kind = random.randrange(8)
        if not data:
            data += random.randbytes(random.randrange(1, 16))
        # Headers come first, and they are what parsers read.
        at = random.randrange(len(data) if random.random() < 0.4 else min(len(data), 32))
        if kind == 0:
            data[at] ^= 1 << random.randrange(8)
        elif kind == 1:
            data[at] = random.choice(_BYTES)
        elif kind == 2:
            data[at : at + 2] = random.choice(_WORDS).to_bytes(2, "big")
        elif kind == 3:
            data[at] = (data[at] + random.choice((1, -1, 4, -4))) & 0xFF
        elif kind == 4:
            del data[at:]
        elif kind == 5:
            del data[at : at + random.choice((1, 2, 4, 12))]
        elif kind == 6:
            data[at:at] = random.randbytes(random.choice((1, 2, 4, 12)))
        else:
            other = random.choice(seeds)
            start = random.randrange(len(other) + 1)
            data[at:] = other[start : start + 400]

    def text(self, seeds: Sequence[bytes]) -> bytes:
        """A seed with up to four changes between its lines and words."""
        random = self.random
        data = random.choice(seeds)
        for _ in range(random.choice((1, 1, 2, 4))):
            data = self._change_text(data, seeds)
        return data

    def _change_text(self, data: bytes, seeds: Sequence[bytes]) -> bytes:
        random = self.random
        kind = random.randrange(6)
        if kind < 3:
            at = random.randrange(len(data) + 1)
            until = at + random.choice((0, 0, 1, 2, 8))
            return data[:at] + random.choice(_PIECES) + data[until:]
        lines = data.split(b"\n")
        at = random.randrange(len(lines))
        if kind == 3:
            del lines[at]
        elif kind == 4:
            lines[at:at] = [random.choice(lines)] * random.choice((1, 1, 3, 200))
        else:
            lines[at] = random.choice(random.choice(seeds).split(b"\n"))
        return b"\n".join(lines)
