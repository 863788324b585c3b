"""The seams of the forwarding core: what it needs from transports and egress, as protocols."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from sfu.counters import Traffic
    from sfu.media.send_stream import SendStream
    from sfu.rtp.packet import RtpPacket

SendRtcp = Callable[[bytes], None]
"""Protects one compound RTCP packet and sends it to the browser of one participant."""

Association = Any
"""The transport a copy leaves by; the core only hands it on to the egress."""


class Egress(Protocol):
    """Applies rewrites, protects and sends; the seam that native code may fill."""

    def emit(self, packet: RtpPacket, copies: Sequence[SendStream], traffic: Traffic) -> None:
        """Send one copy of ``packet`` for each send stream, as its ``rewrite`` says."""
        ...

    def emit_retransmission(
        self,
        packet: RtpPacket,
        copy: SendStream,
        rtx_ssrc: int,
        rtx_payload_type: int,
        rtx_sequence_number: int,
    ) -> bool:
        """Send ``packet`` again in its RTX form (RFC 4588); False when it could not be sent."""
        ...

    def emit_plain(self, packet: RtpPacket, copy: SendStream) -> bool:
        """Send the identical bytes again, for a receiver without RTX."""
        ...
