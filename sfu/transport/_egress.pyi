"""Native code behind ``NativeEgress`` (sfu/transport/native); built where that is possible."""

from collections.abc import Callable, Sequence

from sfu.rtp.packet import RtpPacket
from sfu.rtp.rewrite import ExtensionBlock, ExtensionPlan
from sfu.transport.egress import Copy

class Sender:
    """The outgoing SRTP of one association: session keys, and a rollover counter per SSRC.

    An index (rollover counter and sequence number) never protects two different packets.
    """

    def __new__(cls, profile: str, key: bytes, salt: bytes) -> Sender:
        """``profile`` as in ``SrtpKeys``. Raises ``ValueError`` for others and wrong lengths."""

    def protect(self, packet: bytes, /) -> bytes:
        """The RTP packet protected.

        Raises ``ValueError`` when it is none, is too long, too old, or was sent with other bytes.
        """

    def stamps(self, ssrc: int, sequence_number: int, /) -> tuple[int, bytes] | None:
        """The transport-wide number and send time that ``emit`` wrote into a packet.

        None when it was not sent, or too long ago.
        """

def emit(
    packet: RtpPacket,
    copies: Sequence[Copy],
    now: float,
    block_of: Callable[[RtpPacket, ExtensionPlan], ExtensionBlock],
    ipv4: int,
    ipv6: int,
    overhead: int,
    /,
) -> tuple[int, int, int, int, int, int, list[Copy]]:
    """Send the copies on the sockets with these descriptors (-2: no such socket).

    Returns packets and bytes sent, how many were not because they could not be protected, the
    socket was full, the system refused them, or their address family has no socket; and the
    copies that nothing was done for. ``overhead`` is what a packet takes on the wire besides.
    """
