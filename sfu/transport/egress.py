"""Applies rewrites, protects and sends all copies of one packet; the seam for native code."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Protocol

from pylibsrtp import Error

from sfu.errors import MalformedPacket
from sfu.rtp.rewrite import Rewrite, extension_block, retransmission, rewritten

if TYPE_CHECKING:
    from sfu.counters import Counters, Traffic
    from sfu.rtp.packet import RtpPacket
    from sfu.transport.ice_lite import Address
    from sfu.transport.transport import Transport


class Copy(Protocol):
    """One outgoing stream, as the egress sees it; ``rewrite`` is for the packet at hand."""

    transport: Transport
    rewrite: Rewrite
    packets_sent: int
    octets_sent: int  # of payload, as sender reports count them


class PythonEgress:
    """Always there; ``send`` puts one datagram on the wire and says (and counts) if it could not.

    A copy that cannot be protected or sent is counted and stops none of the others.
    """

    __slots__ = ("_counters", "_send")

    def __init__(self, send: Callable[[bytes, Address], bool], counters: Counters) -> None:
        self._send = send
        self._counters = counters

    def emit(self, packet: RtpPacket, copies: Sequence[Copy], traffic: Traffic) -> None:
        """Send one copy of ``packet`` per element of ``copies``."""
        send = self._send
        octets = packet.payload_end - packet.payload_offset
        block_map: tuple[tuple[int, int], ...] = ()
        block = b""
        packets = size = 0
        for copy in copies:
            rewrite, transport = copy.rewrite, copy.transport
            try:
                if rewrite.extension_map != block_map:
                    block_map = rewrite.extension_map
                    block = extension_block(packet, block_map)
                data = rewritten(packet, rewrite, block)
                protected = transport.protect(data)  # type: ignore[misc]
            except (Error, ValueError, TypeError, MalformedPacket):
                self._counters.drops["egress-protect"] += 1
                continue
            if send(protected, transport.remote_address):
                copy.packets_sent += 1
                copy.octets_sent += octets
                packets += 1
                size += len(data)
        traffic.packets_out += packets
        traffic.bytes_out += size

    def emit_retransmission(
        self,
        packet: RtpPacket,
        copy: Copy,
        rtx_ssrc: int,
        rtx_payload_type: int,
        rtx_sequence_number: int,
    ) -> bool:
        """Send ``packet`` again in its RTX form; False when that was not possible."""
        block = extension_block(packet, copy.rewrite.extension_map)
        data = retransmission(
            packet, copy.rewrite, block, rtx_ssrc, rtx_payload_type, rtx_sequence_number
        )
        return self._send_one(data, copy)

    def emit_plain(self, packet: RtpPacket, copy: Copy) -> bool:
        """Send the identical bytes again; False when that was not possible."""
        block = extension_block(packet, copy.rewrite.extension_map)
        return self._send_one(rewritten(packet, copy.rewrite, block), copy)

    def _send_one(self, data: bytes, copy: Copy) -> bool:
        transport = copy.transport
        if transport.protect is None:
            return False
        try:
            protected = transport.protect(data)
        except (Error, ValueError):
            self._counters.drops["egress-protect"] += 1
            return False
        return self._send(protected, transport.remote_address)
