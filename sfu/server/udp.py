"""The one UDP port of all media: an IPv4 and an IPv6 socket read straight from the event loop."""

from __future__ import annotations

import asyncio
import errno
import ipaddress
import socket
import struct
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeAlias

import ifaddr

from sfu.counters import Counters
from sfu.rtp.packet import is_rtcp
from sfu.server.bugs import Bugs
from sfu.server.udp_sockets import SO_TIMESTAMPNS, bind
from sfu.transport.egress import NO_SOCKET

if TYPE_CHECKING:
    from sfu.transport.native_egress import NativeInbox  # loaded only where it is asked for
    from sfu.transport.transport import Transport

Address: TypeAlias = Any  # what the socket gave: (ip, port) or (ip, port, flow, scope)
Receive: TypeAlias = Callable[[bytes, Address, float], None]

# Ethernet carries 1,500 bytes and browsers send at most about 1,200: more is not for us.
_MAX_DATAGRAM = 2048
# A wake-up takes all that waits, since the messages of many clients may make the loop's turns long
# and media is not to wait for several; but after this long those and the timers get their turn.
_MAX_TURN = 0.01
# With one call of native code: at 50 copies of 10 microseconds each they are 16 ms of work.
_MAX_DATAGRAMS_AT_ONCE = 32
# What they lead to leaves together, so that the system takes several packets at once; but the time
# at which a packet was sent, on which estimates rest, must be true to some milliseconds.
_MAX_HELD = 0.002
# Interfaces change when a cable is pulled; asking the system takes some 0.2 ms.
_INTERFACES_INTERVAL = 5.0
# More candidates make every browser check more pairs before it connects.
_MAX_CANDIDATES = 16
# The descriptor of a closed socket; NO_SOCKET is below.
_CLOSED = -1
# When a datagram arrived (SO_TIMESTAMPNS).
_TIMESPEC = struct.Struct("@qq")
_ANCILLARY_BYTES = 64
# Measuring costs one microsecond; one packet in 64 is enough for a histogram.
_SAMPLE_EVERY = 64
_MAX_LATENCY = 60.0


class UdpPort:
    """Receives every datagram of every participant, and sends to all of them."""

    def __init__(
        self,
        *,
        host: str,
        port: int,
        advertised: tuple[str, ...],
        counters: Counters,
    ) -> None:
        """Bind the sockets; raises ``InvalidSettings`` when that is not possible."""
        self._advertised = advertised
        self._counters = counters
        self._receive: Receive | None = None
        self._inbox: NativeInbox | None = None
        self._host = host
        self._sockets = bind(host, port)
        self.port: int = self._sockets[0].getsockname()[1]
        by_family = {udp.family: udp for udp in self._sockets}
        self._ipv4 = by_family.get(socket.AF_INET)
        self._ipv6 = by_family.get(socket.AF_INET6)
        self._descriptors = (
            NO_SOCKET if self._ipv4 is None else self._ipv4.fileno(),
            NO_SOCKET if self._ipv6 is None else self._ipv6.fileno(),
        )
        self._interfaces: tuple[str, ...] = ()
        self._interfaces_until = 0.0
        self._until_sample = _SAMPLE_EVERY
        self._bugs = Bugs(counters, "datagram")

    def start(self, receive: Receive, inbox: NativeInbox | None = None) -> None:
        """Call ``receive`` with each datagram, its sender's address and the time.

        With an ``inbox``, what native code has unprotected goes to its transport at once.
        """
        self._receive = receive
        self._inbox = inbox
        loop = asyncio.get_running_loop()
        for udp in self._sockets:
            if inbox is None:
                loop.add_reader(udp.fileno(), self._readable, udp)
            else:
                loop.add_reader(udp.fileno(), self._readable_natively, udp.fileno())

    def close(self) -> None:
        """Stop receiving and free the port."""
        for udp in self._sockets:
            if self._receive is not None:
                asyncio.get_running_loop().remove_reader(udp.fileno())
            udp.close()
        self._receive = None
        ipv4, ipv6 = self._descriptors
        self._descriptors = min(ipv4, _CLOSED), min(ipv6, _CLOSED)

    def send(self, data: bytes, address: Address) -> bool:
        """Send one datagram; False (and counted) when the system does not take it now."""
        udp = self._ipv4 if len(address) == 2 else self._ipv6
        if udp is None:
            self._counters.drops["no-such-family"] += 1
            return False
        try:
            udp.sendto(data, address)
        except BlockingIOError:
            self._counters.drops["socket-full"] += 1
            return False
        except OSError as error:
            full = error.errno == errno.ENOBUFS
            self._counters.drops["socket-full" if full else "send-failed"] += 1
            return False
        self._counters.datagrams_out += 1
        return True

    def descriptors(self) -> tuple[int, int]:
        """Those of the IPv4 and IPv6 sockets: -1 when closed, ``NO_SOCKET`` when there is none."""
        return self._descriptors

    def candidates(self) -> tuple[tuple[str, int], ...]:
        """Where browsers can send media to: (IP address, port) pairs, the likeliest first."""
        return tuple((address, self.port) for address in self._addresses())

    def _addresses(self) -> tuple[str, ...]:
        if self._advertised:
            return self._advertised
        if self._host and not ipaddress.ip_address(self._host).is_unspecified:
            return (self._host,)
        now = time.monotonic()
        if now >= self._interfaces_until:
            self._interfaces_until = now + _INTERFACES_INTERVAL
            self._interfaces = interface_addresses(
                ipv4=self._ipv4 is not None, ipv6=self._ipv6 is not None
            )
        return self._interfaces

    def _readable(self, udp: socket.socket) -> None:
        receive = self._receive
        assert receive is not None
        recvfrom = udp.recvfrom
        clock = time.monotonic
        now = clock()
        ends = now + _MAX_TURN
        while now < ends:
            self._until_sample -= 1
            try:
                if self._until_sample < 0:
                    self._receive_sample(udp, receive)
                    now = clock()
                    continue
                data, address = recvfrom(_MAX_DATAGRAM)
            except BlockingIOError:
                return
            except OSError:
                # An ICMP error of an earlier send, reported here: the next datagram is fine.
                self._counters.drops["receive-failed"] += 1
                return
            self._counters.datagrams_in += 1
            now = clock()
            try:
                receive(data, address, now)
            except Exception as error:
                self._bugs.found(error, now)

    def _readable_natively(self, descriptor: int) -> None:
        inbox = self._inbox
        assert inbox is not None
        began = now = time.monotonic()
        while now - began < _MAX_TURN:
            try:
                datagrams, arrived = inbox.receive(descriptor, _MAX_DATAGRAMS_AT_ONCE)
            except BlockingIOError:
                return
            except OSError:
                self._counters.drops["receive-failed"] += 1  # as above
                return
            self._take(inbox, datagrams, now)
            if arrived and self._until_sample < 0:
                self._until_sample = _SAMPLE_EVERY
                self._observe(time.time() - arrived)
            if len(datagrams) < _MAX_DATAGRAMS_AT_ONCE:
                return
            now = time.monotonic()

    def _take(
        self,
        inbox: NativeInbox,
        datagrams: list[tuple[Any, Address, Transport | None]],
        now: float,
    ) -> None:
        """Hand datagrams on; what they lead to leaves together."""
        receive = self._receive
        assert receive is not None
        count = len(datagrams)
        self._counters.datagrams_in += count
        self._until_sample -= count
        held_since = now
        inbox.hold()
        for data, address, transport in datagrams:
            try:
                if transport is None:
                    receive(data, address, now)
                elif type(data) is bytes and is_rtcp(data):
                    transport.receive_rtcp(data, address, now)
                else:
                    transport.receive_rtp(data, now)
            except Exception as error:
                if transport is not None:
                    transport.fail(now)  # as the table does
                self._bugs.found(error, now)
            count -= 1
            if count:
                now = time.monotonic()
                if now - held_since >= _MAX_HELD:
                    held_since = now
                    inbox.flush()
                    inbox.hold()
        inbox.flush()

    def _receive_sample(self, udp: socket.socket, receive: Receive) -> None:
        """Receive one datagram with the time the kernel got it, and measure how long all took."""
        data, ancillary, _flags, address = udp.recvmsg(_MAX_DATAGRAM, _ANCILLARY_BYTES)
        self._counters.datagrams_in += 1
        now = time.monotonic()
        try:
            receive(data, address, now)
        except Exception as error:
            self._bugs.found(error, now)
        if not _is_media(data):
            return  # the next one is looked at: only media tells the forwarding latency
        self._until_sample = _SAMPLE_EVERY
        for level, kind, value in ancillary:
            if level == socket.SOL_SOCKET and kind == SO_TIMESTAMPNS and len(value) == 16:
                seconds, nanoseconds = _TIMESPEC.unpack(value)
                self._observe(time.time() - (seconds + nanoseconds * 1e-9))

    def _observe(self, took: float) -> None:
        # A clock that was set just now would tell nonsense.
        if 0.0 <= took < _MAX_LATENCY:
            self._counters.forwarding_latency.observe(took)


def interface_addresses(*, ipv4: bool, ipv6: bool) -> tuple[str, ...]:
    """The addresses of this machine that can be sent to: IPv4 first, loopback last.

    Link-local IPv6 addresses are left out, since a browser cannot know their interface.
    """
    addresses: list[ipaddress.IPv4Address | ipaddress.IPv6Address] = []
    for adapter in ifaddr.get_adapters():
        for assigned in adapter.ips:
            text = assigned.ip if isinstance(assigned.ip, str) else assigned.ip[0]
            address = ipaddress.ip_address(text)
            wanted = ipv4 if address.version == 4 else ipv6 and not address.is_link_local
            if wanted and address not in addresses:
                addresses.append(address)
    addresses.sort(key=lambda address: (address.is_loopback, address.version))
    return tuple(str(address) for address in addresses[:_MAX_CANDIDATES])


def _is_media(data: bytes) -> bool:
    """Whether ``data`` is SRTP: neither STUN, DTLS (RFC 7983) nor SRTCP (RFC 5761 section 4)."""
    return len(data) > 1 and 128 <= data[0] < 192 and not 192 <= data[1] < 224
