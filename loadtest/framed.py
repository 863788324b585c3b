"""A TCP connection that is used like a connected UDP socket (RFC 4571), as ICE-TCP needs it."""

from __future__ import annotations

import socket
from collections.abc import Sequence
from typing import Any

from loadtest.refusal import JoinFailed

Address = tuple[str, int]

# What a client has to say in some seconds; more waits for nobody.
_MAX_UNSENT = 256 * 1024


class FramedSocket(socket.socket):
    """``send`` and ``recv`` take and give one datagram each; raises like a non-blocking socket."""

    def __init__(self, address: Address) -> None:
        super().__init__(
            socket.AF_INET6 if ":" in address[0] else socket.AF_INET, socket.SOCK_STREAM
        )
        self.settimeout(5.0)  # it is a load test: others wait as well
        super().connect(address)
        self.setblocking(False)
        self.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._unsent = b""
        self._head = self._body = b""

    def connect(self, address: Any, /) -> None:
        """It is connected already."""

    def send(self, data: Any, flags: int = 0, /) -> int:
        """Send a datagram; what does not fit now goes before the next one."""
        if len(self._unsent) > _MAX_UNSENT:
            raise BlockingIOError
        self._unsent += len(data).to_bytes(2, "big") + data
        self._unsent = self._unsent[super().send(self._unsent) :]
        return len(data)

    def sendto(self, data: Any, address: Any, /) -> int:  # type: ignore[override]
        """Send a datagram; there is only one address."""
        return self.send(data)

    def recv(self, size: int, flags: int = 0, /) -> bytes:
        """The next datagram, when it is there whole."""
        if len(self._head) < 2:
            self._head += self._some(2 - len(self._head))
            if len(self._head) < 2:
                raise BlockingIOError
        length = int.from_bytes(self._head, "big")
        if length > len(self._body):
            self._body += self._some(length - len(self._body))
            if length > len(self._body):
                raise BlockingIOError
        data, self._head, self._body = self._body, b"", b""
        return data

    def recvmsg(self, size: int, ancillary: int = 0, flags: int = 0, /) -> Any:
        """The same; a stream has no times."""
        return self.recv(size), [], 0, None

    def _some(self, size: int) -> bytes:
        data = super().recv(size)
        if size and not data:
            raise ConnectionResetError
        return data


def tcp_socket(candidates: Sequence[Address]) -> FramedSocket:
    """A connection to the first of ``candidates``. Raises ``JoinFailed``."""
    if not candidates:
        raise JoinFailed("no-media", "the server takes no media over TCP")
    try:
        return FramedSocket(candidates[0])
    except OSError as error:
        host, port = candidates[0]
        raise JoinFailed("no-media", f"no TCP connection to {host} {port}: {error}") from None
