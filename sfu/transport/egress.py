"""Applies rewrites, protects and sends all copies of one packet; the seam for native code."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Protocol

from pylibsrtp import Error

from sfu.rtp.rewrite import (
    ExtensionBlock,
    ExtensionPlan,
    Rewrite,
    abs_send_time,
    extension_block,
    padding,
    retransmission,
    rewritten,
    stamped,
)

if TYPE_CHECKING:
    from sfu.congestion.send_history import SendHistory
    from sfu.counters import Counters, Traffic
    from sfu.rtp.packet import RtpPacket
    from sfu.transport.address import Address
    from sfu.transport.transport import Transport

# What a datagram has around the bytes of an RTP packet: IPv4, UDP and the SRTP tag. A path's
# capacity is measured with them.
OVERHEAD_BYTES = 20 + 8 + 16
# What stands for the descriptor of a family without a socket; a closed socket's is -1.
NO_SOCKET = -2


class Copy(Protocol):
    """One outgoing stream, as the egress sees it; ``rewrite`` is for the packet at hand."""

    transport: Transport
    rewrite: Rewrite
    history: SendHistory
    packets_sent: int
    octets_sent: int  # of payload, as sender reports count them


class PythonEgress:
    """Always there; ``send`` puts one datagram on the wire and says (and counts) if it could not.

    A copy that cannot be protected or sent is counted and stops none of the others.
    """

    __slots__ = ("_counters", "_send")

    name = "python"  # for logs and /debug

    def __init__(self, send: Callable[[bytes, Address], bool], counters: Counters) -> None:
        self._send = send
        self._counters = counters

    def emit(self, packet: RtpPacket, copies: Sequence[Copy], traffic: Traffic, now: float) -> None:
        """Send one copy of ``packet`` per element of ``copies``."""
        send = self._send
        octets = packet.payload_end - packet.payload_offset
        plan: ExtensionPlan | None = None
        block = ExtensionBlock(b"")
        packets = size = 0
        for copy in copies:
            rewrite, transport = copy.rewrite, copy.transport
            try:
                if rewrite.extensions != plan:
                    block = extension_block(packet, rewrite.extensions)
                    plan = rewrite.extensions
                if block.transport_cc < 0 and block.abs_send_time < 0 and block.frame_number < 0:
                    head = block.data
                else:
                    head = _stamp(block, copy, octets, now)
                data = rewritten(packet, rewrite, head)
                protected = transport.protect(data)  # type: ignore[misc]
            except Exception:  # whatever it is, it is no reason for the others to get nothing
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
        now: float,
        probe: int = 0,
    ) -> int:
        """Send ``packet`` again in its RTX form; its size, 0 when that was not possible.

        ``probe`` is the cluster when it is sent only to measure the path.
        """
        octets = packet.payload_end - packet.payload_offset + 2
        block = extension_block(packet, copy.rewrite.extensions)
        head = _stamp(block, copy, octets, now, probe)
        data = retransmission(
            packet, copy.rewrite, head, rtx_ssrc, rtx_payload_type, rtx_sequence_number
        )
        return self._send_one(data, copy)

    def emit_plain(self, packet: RtpPacket, copy: Copy) -> int:
        """Send the identical bytes again; their size, 0 when that was not possible."""
        block = extension_block(packet, copy.rewrite.extensions)
        return self._send_one(rewritten(packet, copy.rewrite, block.data), copy)

    def emit_padding(
        self,
        size: int,
        copy: Copy,
        rtx_ssrc: int,
        rtx_payload_type: int,
        rtx_sequence_number: int,
        now: float,
        probe: int = 0,
    ) -> int:
        """Send ``size`` (1 to 255) bytes of padding; the packet's size, 0 when not possible."""
        block = extension_block(None, copy.rewrite.extensions)
        data = padding(
            size=size,
            ssrc=rtx_ssrc,
            payload_type=rtx_payload_type,
            sequence_number=rtx_sequence_number,
            timestamp=copy.rewrite.timestamp,
            block=_stamp(block, copy, size, now, probe),
        )
        return self._send_one(data, copy)

    def _send_one(self, data: bytes, copy: Copy) -> int:
        transport = copy.transport
        if transport.protect is None:
            return 0
        try:
            protected = transport.protect(data)
        except (Error, ValueError):
            self._counters.drops["egress-protect"] += 1
            return 0
        return len(data) if self._send(protected, transport.remote_address) else 0


def _stamp(block: ExtensionBlock, copy: Copy, octets: int, now: float, probe: int = 0) -> bytes:
    """The copy's own header extensions; notes it in the history of its path."""
    number = 0
    if block.transport_cc >= 0:
        size = OVERHEAD_BYTES + 12 + len(block.data) + octets
        number = copy.history.record(size, now, probe)
    return stamped(block, number, abs_send_time(now), copy.rewrite.frame_number)
