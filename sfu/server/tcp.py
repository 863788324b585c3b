"""The media port over TCP, for networks that let no UDP through (ICE-TCP, RFC 6544)."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from typing import Protocol, cast

from sfu.counters import Counters
from sfu.errors import MalformedPacket
from sfu.server.bugs import Bugs
from sfu.server.tcp_sockets import bind_listening, tune
from sfu.transport.address import Address, TcpAddress
from sfu.transport.framing import Framing, framed

# A browser opens one for each pair of addresses; who is let in has a seat in a room.
MAX_CONNECTIONS = 4096
# A whole company may be behind one address.
MAX_PER_HOST = 256
# Those that have not shown that they belong to anybody; the oldest make room for the newest.
MAX_STRANGERS = 512
MAX_STRANGERS_PER_HOST = 32
# A browser's first check follows the connection at once; lost packets are repeated within 3 s.
FIRST_FRAME_SECONDS = 5.0
# Browsers check each 2 to 6 s the connections they may still want (RFC 7675).
IDLE_SECONDS = 30.0
SWEEP_SECONDS = 1.0
# Media is worth nothing when it comes late: a reader that is slower than it comes loses it. At
# 1 Mbit/s this is two seconds of it.
MAX_MEDIA_WAITING = 256 * 1024
# Checks and handshakes are let by; files wait for acknowledgements and stay below.
MAX_WAITING = 512 * 1024
# Frames one wake-up takes, as of datagrams: others get their turn.
_MAX_FRAMES_PER_TURN = 32
_BACKLOG = 128


class Receiver(Protocol):
    """Who gets the frames: the table of transports."""

    def receive(self, data: bytes, address: Address, now: float) -> None:
        """Take one frame."""

    def __contains__(self, address: Address) -> bool:
        """Whether ``address`` has shown whose it is."""

    def forget(self, address: Address) -> None:
        """``address`` is gone."""


class TcpPort:
    """Takes connections on the number of the UDP port; each is an address like any other."""

    def __init__(self, *, host: str, port: int, counters: Counters) -> None:
        """Bind the sockets; raises ``InvalidSettings`` when that is not possible."""
        self._counters = counters
        self._sockets = bind_listening(host, port)
        self._servers: list[asyncio.Server] = []
        self._receiver: Receiver | None = None
        self._connections: dict[TcpAddress, _Connection] = {}
        self._strangers: dict[TcpAddress, None] = {}  # the oldest first
        self._hosts: Counter[str] = Counter()
        self._strange_hosts: Counter[str] = Counter()
        self._sweeping: asyncio.TimerHandle | None = None
        self._bugs = Bugs(counters, "datagram")

    def __len__(self) -> int:
        return len(self._connections)

    async def start(self, receiver: Receiver) -> None:
        """Listen, and hand every frame to ``receiver``."""
        self._receiver = receiver
        loop = asyncio.get_running_loop()
        for listening in self._sockets:
            self._servers.append(
                await loop.create_server(
                    lambda: _Connection(self), sock=listening, backlog=_BACKLOG
                )
            )
        self._sweeping = loop.call_later(SWEEP_SECONDS, self._sweep)

    def close(self) -> None:
        """Close every connection, once what waits is sent, and free the port."""
        if self._sweeping is not None:
            self._sweeping.cancel()
        for server in self._servers:
            server.close()
        if not self._servers:
            for listening in self._sockets:
                listening.close()
        for connection in list(self._connections.values()):
            connection.transport.close()

    def send(self, data: bytes, address: TcpAddress) -> bool:
        """Send one frame; False (and counted) when too much waits, or nobody is there any more."""
        connection = self._connections.get(address)
        if connection is None or connection.transport.is_closing():
            self._counters.drops["tcp-closed"] += 1
            return False
        is_media = 127 < data[0] < 192
        waiting = connection.transport.get_write_buffer_size()
        if waiting > (MAX_MEDIA_WAITING if is_media else MAX_WAITING):
            self._counters.drops["tcp-slow-reader"] += 1
            return False
        connection.transport.write(framed(data))
        self._counters.tcp_frames_out += 1
        return True

    # --- what connections tell ---

    def opened(self, connection: _Connection) -> bool:
        """Whether there is room for one more."""
        address = connection.address
        host = _counted_as(address.host)
        if (
            len(self._connections) >= MAX_CONNECTIONS
            or self._hosts[host] >= MAX_PER_HOST
            or self._strange_hosts[host] >= MAX_STRANGERS_PER_HOST
        ):
            self._counters.drops["tcp-refused"] += 1
            return False
        if len(self._strangers) >= MAX_STRANGERS:
            self._drop(next(iter(self._strangers)), "tcp-refused")
        self._connections[address] = connection
        self._strangers[address] = None
        self._hosts[host] += 1
        self._strange_hosts[host] += 1
        return True

    def closed(self, address: TcpAddress) -> None:
        """A connection ended, for whatever reason."""
        if self._connections.pop(address, None) is None:
            return
        self._no_stranger(address)
        _less(self._hosts, _counted_as(address.host))
        if self._receiver is not None:
            self._receiver.forget(address)

    def take(self, frame: bytes, connection: _Connection) -> bool:
        """Hand on one frame; False when it came from nobody, and the connection is to end."""
        receiver, address = self._receiver, connection.address
        assert receiver is not None
        self._counters.tcp_frames_in += 1
        now = time.monotonic()
        try:
            receiver.receive(frame, address, now)
        except Exception as error:
            self._bugs.found(error, now)
        if address not in self._strangers:
            return True
        if address in receiver:
            self._no_stranger(address)
            return True
        self._counters.drops["tcp-first-frame"] += 1
        return False

    def _no_stranger(self, address: TcpAddress) -> None:
        if address in self._strangers:
            del self._strangers[address]
            _less(self._strange_hosts, _counted_as(address.host))

    def malformed(self, error: MalformedPacket) -> None:
        """A stream that cannot be read on."""
        self._counters.drops[error.reason] += 1

    def _sweep(self) -> None:
        loop = asyncio.get_running_loop()
        self._sweeping = loop.call_later(SWEEP_SECONDS, self._sweep)
        now = loop.time()
        for address, connection in list(self._connections.items()):
            silent = now - connection.heard_at
            if address in self._strangers:
                if silent > FIRST_FRAME_SECONDS:
                    self._drop(address, "tcp-first-frame")
            elif silent > IDLE_SECONDS:
                self._drop(address, "tcp-idle")
            elif self._receiver is not None and address not in self._receiver:
                connection.transport.close()  # whose it was has left; the goodbye is sent before

    def _drop(self, address: TcpAddress, reason: str) -> None:
        self._counters.drops[reason] += 1
        connection = self._connections[address]
        connection.transport.abort()
        self.closed(address)


class _Connection(asyncio.Protocol):
    """One browser's stream, until its first wrong byte."""

    def __init__(self, port: TcpPort) -> None:
        self._port = port
        self._framing = Framing()
        self.transport: asyncio.Transport
        self.address: TcpAddress
        self.heard_at = 0.0
        self._paused = False
        self._loop = asyncio.get_running_loop()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)  # uvloop's is none by its class
        self.heard_at = self._loop.time()
        peer = transport.get_extra_info("peername") or ("", 0)
        self.address = TcpAddress(peer[0], peer[1])
        if not self._port.opened(self):
            self.transport.abort()
            return
        tune(transport.get_extra_info("socket"))

    def data_received(self, data: bytes) -> None:
        self._framing.feed(data)
        self._go_on()

    def connection_lost(self, error: Exception | None) -> None:
        self._port.closed(self.address)

    def _go_on(self) -> None:
        """Take some frames; what is left of a burst waits until others had their turn."""
        try:
            for _ in range(_MAX_FRAMES_PER_TURN):
                frame = self._framing.next()
                if frame is None:
                    self._read_on()
                    return
                if self.transport.is_closing():
                    return
                if not self._port.take(frame, self):
                    self.transport.abort()
                    return
                self.heard_at = self._loop.time()
        except MalformedPacket as malformed:
            self._port.malformed(malformed)
            self.transport.abort()
            return
        if not self._paused:
            self._paused = True
            self.transport.pause_reading()
        self._loop.call_soon(self._go_on)

    def _read_on(self) -> None:
        if self._paused:
            self._paused = False
            if not self.transport.is_closing():
                self.transport.resume_reading()


def _less(counts: Counter[str], key: str) -> None:
    counts[key] -= 1
    if counts[key] <= 0:
        del counts[key]


def _counted_as(host: str) -> str:
    """Whoever has an IPv6 network of its own has many addresses in it: the network counts."""
    return ":".join(host.split(":")[:4]) if ":" in host else host
