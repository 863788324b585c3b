"""What a transport hands up: media, feedback, data, and what becomes of itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from sfu.rtp.packet import RtpPacket


class TransportSink(Protocol):
    """Who gets what a transport receives."""

    def rtp_received(self, data: RtpPacket | bytes, now: float) -> None:
        """Take one unprotected RTP packet, perhaps parsed already."""

    def rtcp_received(self, data: bytes, now: float) -> None:
        """Take one unprotected compound RTCP packet."""

    def data_received(self, data: bytes, now: float) -> None:
        """Take one SCTP packet of the data channels (RFC 8261)."""

    def transport_connected(self, now: float) -> None:
        """Media can flow in both directions."""

    def transport_moved(self, now: float) -> None:
        """The address that media went to is dead, and it goes to another one now."""

    def transport_closed(self, reason: str, now: float) -> None:
        """``consent-lost``, ``dtls-closed``, ``handshake-failed``, ``internal-error`` or
        ``closed`` (by us).
        """
