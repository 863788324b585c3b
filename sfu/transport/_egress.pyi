"""Native code behind ``native_egress`` (sfu/transport/native); built where that is possible."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias, TypeVar

from sfu.counters import Traffic
from sfu.rtp.packet import RtpPacket
from sfu.rtp.rewrite import ExtensionBlock, ExtensionPlan
from sfu.transport.address import Address
from sfu.transport.egress import Copy
from sfu.transport.transport import Transport

Subscribed = TypeVar("Subscribed")

class Sender:
    """The SRTP and SRTCP of one association in both directions.

    An index (rollover counter and sequence number) never protects two different packets, and is
    unprotected once.
    """

    def __new__(cls, profile: str, local: bytes, remote: bytes) -> Sender:
        """Key and salt of each side, as in ``SrtpKeys``.

        Raises ``ValueError`` for other profiles and wrong lengths.
        """

    def protect(self, packet: bytes, /) -> bytes:
        """The RTP packet protected.

        Raises ``ValueError`` when it is none, is too long, too old, or was sent with other bytes.
        """

    def unprotect(self, packet: bytes, /) -> bytes:
        """The RTP packet inside. Raises ``ValueError`` with the reason that ``Srtp`` knows."""

    def protect_rtcp(self, packet: bytes, /) -> bytes:
        """The compound RTCP packet protected, with the next index of its SSRC.

        Raises ``ValueError`` with the reason that ``Srtp`` knows; ``srtp-failed`` once the SSRC
        has used up its indices (2^31).
        """

    def unprotect_rtcp(self, packet: bytes, /) -> bytes:
        """The compound RTCP packet inside. Raises ``ValueError`` as ``unprotect``."""

    def stamps(self, ssrc: int, sequence_number: int, /) -> tuple[int, bytes] | None:
        """The transport-wide number and send time that ``emit`` wrote into a packet.

        None when it was not sent, or too long ago.
        """

Outcome: TypeAlias = tuple[int, int, int, int, int, list[Copy]]
"""Packets sent; how many were not since they could not be protected, the socket was full, the
system refused them, or their address family has no socket; the copies nothing was done for."""

def decide(
    subscribed: list[Subscribed],
    stream: object,
    packet: RtpPacket,
    sequence: int,
    now: float,
    copies: list[Any],
    /,
) -> list[Subscribed]:
    """Whom ``Forwarder.decide`` has to decide for; for the others it was done, just so.

    Their send streams are appended to ``copies``.
    """

def emit(
    packet: RtpPacket,
    copies: Sequence[Copy],
    traffic: Traffic,
    now: float,
    block_of: Callable[[RtpPacket, ExtensionPlan], ExtensionBlock],
    ipv4: int,
    ipv6: int,
    overhead: int,
    /,
) -> Outcome | None:
    """Send the copies on the sockets with these descriptors (-2: no such socket).

    None when there is nothing to tell. What is sent is counted in ``traffic`` and in its copy.
    ``overhead`` is what a packet takes on the wire besides.
    """

def hold() -> None:
    """Let ``emit`` only collect what it sends."""

def flush() -> Outcome | None:
    """Send what was collected, and collect no more."""

def parse(packet: type[RtpPacket], data: bytes, /) -> RtpPacket | None:
    """As ``sfu.rtp.packet.parse``, with the class of its result; None for what is malformed."""

def take(publisher: object, packet: RtpPacket, now: float, /) -> Any:
    """The route of a packet that ``Publisher.rtp_received`` takes in without further ado.

    It was, just so; ``PublishedTrack.forward`` is what is left to do. None: nothing was done.
    """

def receive(
    routes: Mapping[Address, Transport], packet: type[RtpPacket], descriptor: int, count: int, /
) -> tuple[list[tuple[Any, Address, Transport | None]], float]:
    """Up to ``count`` datagrams of a socket: (data, the sender's address, transport).

    Where ``routes``, a dict, has a transport with a ``Sender`` for the address, ``data`` is the RTP
    packet inside, parsed, or its bytes where ``parse`` finds it malformed; or the RTCP packet
    inside. Everything else comes as it is, with None: STUN, DTLS, and what could not be
    unprotected. The second is when the
    kernel got the first one that is media (Unix time, seconds), 0 without any. Raises ``OSError``.
    """
