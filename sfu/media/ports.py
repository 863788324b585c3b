"""The seams of the forwarding core: what it needs from transports and egress, as protocols."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from sfu.counters import Traffic
    from sfu.media.publisher import Publisher
    from sfu.media.receive_stream import ReceiveStream
    from sfu.media.send_stream import SendStream
    from sfu.media.subscribed_track import SubscribedTrack
    from sfu.rtp.packet import RtpPacket

SendRtcp = Callable[[bytes], None]
"""Protects one compound RTCP packet and sends it to the browser of one participant."""

Association = Any
"""The transport a copy leaves by; the core only hands it on to the egress."""


Decide = Callable[
    [
        "list[SubscribedTrack]",
        "ReceiveStream",
        "RtpPacket",
        int,
        float,
        "list[SendStream]",
    ],
    "list[SubscribedTrack]",
]
"""Decides for the copies of a packet that simply go on, as ``Forwarder.decide`` does: adds their
send streams to the last argument and returns whom it leaves to that. A native egress has one."""


def all_left(
    subscribed: list[SubscribedTrack],
    stream: ReceiveStream,
    packet: RtpPacket,
    sequence: int,
    now: float,
    copies: list[SendStream],
) -> list[SubscribedTrack]:
    """Where there is none: all are left."""
    return subscribed


Take = Callable[["Publisher", "RtpPacket", float], Any]
"""Takes in a packet that is the next one of its stream, as ``Publisher.rtp_received`` does, up to
``PublishedTrack.forward``; its route, or None where nothing was done. A native egress has one."""


def none_taken(publisher: Publisher, packet: RtpPacket, now: float) -> None:
    """Where there is none: all are left."""


class Egress(Protocol):
    """Applies rewrites, protects and sends; the seam that native code may fill."""

    @property
    def name(self) -> str:
        """``python`` or ``native``."""
        ...

    def emit(
        self, packet: RtpPacket, copies: Sequence[SendStream], traffic: Traffic, now: float
    ) -> None:
        """Send one copy of ``packet`` for each send stream, as its ``rewrite`` says."""
        ...

    def emit_retransmission(
        self,
        packet: RtpPacket,
        copy: SendStream,
        rtx_ssrc: int,
        rtx_payload_type: int,
        rtx_sequence_number: int,
        now: float,
        probe: int = 0,
    ) -> int:
        """Send ``packet`` again in its RTX form (RFC 4588); its size, 0 when not possible."""
        ...

    def emit_plain(self, packet: RtpPacket, copy: SendStream) -> int:
        """Send the identical bytes again, for a receiver without RTX; their size or 0."""
        ...

    def emit_padding(
        self,
        size: int,
        copy: SendStream,
        rtx_ssrc: int,
        rtx_payload_type: int,
        rtx_sequence_number: int,
        now: float,
        probe: int = 0,
    ) -> int:
        """Send ``size`` bytes of padding, to measure the path; the packet's size or 0."""
        ...
