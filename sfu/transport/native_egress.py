"""Egress and receiving in native code: the same counters and bytes, at a fraction of the cost."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from sfu.rtp.packet import RtpPacket
from sfu.rtp.rewrite import extension_block, rewritten, stamped
from sfu.transport.egress import OVERHEAD_BYTES, Copy, PythonEgress

try:
    from sfu.transport import _egress
except ImportError:  # built only where there are a compiler and OpenSSL's headers
    AVAILABLE = False
else:
    AVAILABLE = True

if TYPE_CHECKING:
    from sfu.counters import Counters, Traffic
    from sfu.transport.address import Address
    from sfu.transport.dtls import SrtpKeys
    from sfu.transport.transport import Transport

    Receive = Callable[[int, int], tuple[list[tuple[Any, Address, Transport | None]], float]]


def native_sender(keys: SrtpKeys) -> _egress.Sender:
    """What protects and unprotects the RTP of one association, in place of libsrtp."""
    return _egress.Sender(keys.profile, keys.local, keys.remote)


class NativeInbox:
    """Takes many datagrams with one call, unprotected, for transports with native senders.

    ``routes`` are the transports by address.

    ``receive(descriptor, count)`` gives up to ``count`` datagrams as (data, the sender's address,
    transport): with a transport, ``data`` is the RTP packet inside, parsed (its bytes where it is
    malformed), or the RTCP packet inside; without, it is as it came. And when the kernel got the
    first one that is media (Unix time, seconds), 0 without any. It raises ``OSError``. What is sent
    between ``hold`` and ``flush`` leaves together.
    """

    __slots__ = ("flush", "hold", "receive")

    def __init__(self, egress: NativeEgress, routes: dict[Address, Transport]) -> None:
        # For each wake-up, with one or two datagrams most times: there is no call to spare.
        self.receive: Receive = partial(_egress.receive, routes, RtpPacket)
        self.hold = egress.hold
        self.flush = egress.flush


class NativeEgress(PythonEgress):
    """Builds, protects and sends all copies of a packet with one call, for native senders.

    The Python path does what is rare (retransmissions, padding) and what is unusual; it protects
    with the same senders, so that no index is used twice. ``descriptors`` gives those of the IPv4
    and the IPv6 socket, or ``NO_SOCKET``; it is asked for each packet that is not held, as sockets
    close.
    """

    __slots__ = ("_descriptors", "_held")

    name = "native"

    def __init__(
        self,
        send: Callable[[bytes, Address], bool],
        counters: Counters,
        descriptors: Callable[[], tuple[int, int]],
    ) -> None:
        super().__init__(send, counters)
        self._descriptors = descriptors
        self._held: tuple[int, int] | None = None  # the sockets, while what is sent waits

    @property
    def decide(self) -> Callable[..., list[Any]]:
        """What decides for the copies that simply go on."""
        return _egress.decide

    @property
    def take(self) -> Callable[..., Any]:
        """What takes in the packets that simply go on."""
        return _egress.take

    def emit(self, packet: RtpPacket, copies: Sequence[Copy], traffic: Traffic, now: float) -> None:
        """Send one copy of ``packet`` per element of ``copies``."""
        ipv4, ipv6 = self._held or self._descriptors()
        outcome = _egress.emit(
            packet, copies, traffic, now, extension_block, ipv4, ipv6, OVERHEAD_BYTES
        )
        if outcome is None:
            return  # as for what is held
        self._count(outcome)
        left = outcome[-1]
        if left:
            super().emit(packet, left, traffic, now)

    def hold(self) -> None:
        """Send nothing before ``flush``: what goes to one address leaves together."""
        self._held = self._descriptors()
        _egress.hold()

    def flush(self) -> None:
        """Send what was held."""
        self._held = None
        outcome = _egress.flush()
        if outcome is not None:
            self._count(outcome)

    def _count(self, outcome: _egress.Outcome) -> None:
        packets, unprotected, full, failed, homeless, _ = outcome
        counters = self._counters
        counters.datagrams_out += packets
        if unprotected or full or failed or homeless:
            for reason, count in (
                ("egress-protect", unprotected),
                ("socket-full", full),
                ("send-failed", failed),
                ("no-such-family", homeless),
            ):
                if count:
                    counters.drops[reason] += count

    def emit_plain(self, packet: RtpPacket, copy: Copy) -> int:
        """Send the identical bytes again, stamps included; their size, 0 when not possible."""
        rewrite, sender = copy.rewrite, copy.transport.sender
        sent = sender.stamps(rewrite.ssrc, rewrite.sequence_number) if sender is not None else None
        if sent is None:
            return 0
        block = extension_block(packet, rewrite.extensions)
        return self._send_one(
            rewritten(packet, rewrite, stamped(block, *sent, rewrite.frame_number)), copy
        )
