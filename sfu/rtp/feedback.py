"""RTCP feedback messages: NACK, PLI, FIR (RFC 4585, RFC 5104) and REMB."""

from __future__ import annotations

import struct
from dataclasses import dataclass

from sfu.errors import MalformedPacket

RTPFB, PSFB = 205, 206
_NACK, _PLI, _FIR, _AFB = 1, 1, 4, 15
_COMMON = struct.Struct("!BBHII")
_PAIR = struct.Struct("!HH")
_FIR_ENTRY = struct.Struct("!IB3x")


def write_feedback(kind: int, form: int, sender_ssrc: int, media_ssrc: int, body: bytes) -> bytes:
    """A feedback message with its header; ``body`` is a multiple of four bytes."""
    words = 2 + len(body) // 4
    return _COMMON.pack(0x80 | form, kind, words, sender_ssrc, media_ssrc) + body


@dataclass(slots=True)
class Nack:
    """Asks for packets again; ``lost`` are 16-bit sequence numbers of ``media_ssrc``."""

    sender_ssrc: int
    media_ssrc: int
    lost: list[int]

    def write(self) -> bytes:
        """The message, 17 numbers to four bytes where they are close together."""
        body = bytearray()
        pending = list(self.lost)
        while pending:
            first = pending.pop(0)
            mask = 0
            while pending and 0 < (distance := (pending[0] - first) & 0xFFFF) <= 16:
                mask |= 1 << (distance - 1)
                pending.pop(0)
            body += _PAIR.pack(first, mask)
        return write_feedback(RTPFB, _NACK, self.sender_ssrc, self.media_ssrc, bytes(body))


@dataclass(slots=True)
class Pli:
    """Picture loss: the decoder of ``media_ssrc`` needs a keyframe."""

    sender_ssrc: int
    media_ssrc: int

    def write(self) -> bytes:
        """The message."""
        return write_feedback(PSFB, _PLI, self.sender_ssrc, self.media_ssrc, b"")


@dataclass(slots=True)
class Fir:
    """Full intra request: pairs of SSRC and a command number."""

    sender_ssrc: int
    entries: list[tuple[int, int]]

    def write(self) -> bytes:
        """The message."""
        body = b"".join(_FIR_ENTRY.pack(ssrc, number) for ssrc, number in self.entries)
        return write_feedback(PSFB, _FIR, self.sender_ssrc, 0, body)


@dataclass(slots=True)
class Remb:
    """The receiver's estimate of its path in bits per second (draft-alvestrand-rmcat-remb)."""

    sender_ssrc: int
    bitrate: int
    ssrcs: list[int]

    def write(self) -> bytes:
        """The message; the bit rate loses what does not fit 18 bits of mantissa."""
        exponent = max(0, self.bitrate.bit_length() - 18)
        mantissa = self.bitrate >> exponent
        body = b"REMB" + (len(self.ssrcs) << 24 | exponent << 18 | mantissa).to_bytes(4, "big")
        body += struct.pack(f"!{len(self.ssrcs)}I", *self.ssrcs)
        return write_feedback(PSFB, _AFB, self.sender_ssrc, 0, body)


def parse_rtpfb_nack(sender_ssrc: int, media_ssrc: int, body: bytes) -> Nack:
    """A NACK from what follows its two SSRCs."""
    if not body or len(body) % 4:
        raise MalformedPacket("rtcp-malformed")
    lost: list[int] = []
    for first, mask in _PAIR.iter_unpack(body):
        lost.append(first)
        lost += [(first + bit + 1) & 0xFFFF for bit in range(16) if mask >> bit & 1]
    return Nack(sender_ssrc, media_ssrc, lost)


def parse_psfb(
    form: int, sender_ssrc: int, media_ssrc: int, body: bytes
) -> Pli | Fir | Remb | None:
    """A payload-specific message; None for forms that are not known."""
    if form == _PLI:
        return Pli(sender_ssrc, media_ssrc)
    if form == _FIR:
        if len(body) % 8:
            raise MalformedPacket("rtcp-malformed")
        return Fir(sender_ssrc, [(ssrc, number) for ssrc, number in _FIR_ENTRY.iter_unpack(body)])
    if form == _AFB and body[:4] == b"REMB":
        if len(body) < 8 or len(body) != 8 + 4 * body[4]:
            raise MalformedPacket("rtcp-malformed")
        word = int.from_bytes(body[5:8], "big")
        bitrate = (word & 0x3FFFF) << (word >> 18)
        return Remb(sender_ssrc, bitrate, list(struct.unpack(f"!{body[4]}I", body[8:])))
    return None
