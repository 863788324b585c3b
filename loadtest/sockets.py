"""The sockets of all clients of one process, behind one entry in the event loop."""

from __future__ import annotations

import asyncio
import select
import socket
import struct
import sys
from collections.abc import Callable, Sequence

Address = tuple[str, int]

# A keyframe for everybody arrives at once; what waits for this process must not be lost.
_BUFFER_BYTES = 1 << 20
# Linux: the kernel notes when each datagram arrived (asm-generic/socket.h; Python has no name).
_SO_TIMESTAMPNS = 35
_TIMESPEC = struct.Struct("@qq")
ANCILLARY_BYTES = socket.CMSG_SPACE(_TIMESPEC.size)
# One wake-up serves so many sockets, so many times: 30 ms of work at most, then others may go.
_READY, _ROUNDS = 256, 8


class Sockets:
    """Calls each socket's reader once per datagram that waits.

    With a system call for all that are ready, instead of a hand-over of the event loop for each:
    half of what a packet costs. Elsewhere than on Linux the event loop does it.
    """

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._readers: dict[int, Callable[[], None]] = {}
        self._poll = select.epoll() if sys.platform == "linux" else None
        if self._poll is not None:
            self._loop.add_reader(self._poll.fileno(), self._read)

    def add(self, udp: socket.socket, readable: Callable[[], None]) -> None:
        """Call ``readable`` when a datagram waits in ``udp``; it is to take one."""
        if self._poll is None:
            self._loop.add_reader(udp, readable)
            return
        self._readers[udp.fileno()] = readable
        self._poll.register(udp.fileno(), select.EPOLLIN)

    def remove(self, udp: socket.socket) -> None:
        """Watch it no more. Before it is closed: its number may be given to another."""
        if self._poll is None:
            self._loop.remove_reader(udp)
        elif self._readers.pop(udp.fileno(), None) is not None:
            self._poll.unregister(udp.fileno())

    def close(self) -> None:
        """Watch nothing any more."""
        if self._poll is not None:
            self._loop.remove_reader(self._poll.fileno())
            self._poll.close()
            self._poll = None

    def _read(self) -> None:
        readers = self._readers
        for _ in range(_ROUNDS):
            if self._poll is None:
                return
            ready = self._poll.poll(0, _READY)
            if not ready:
                return
            for descriptor, _ in ready:
                readable = readers.get(descriptor)
                if readable is not None:  # else closed by a reader before it
                    readable()


def of_one_family(candidates: Sequence[Address]) -> list[Address]:
    """The IPv4 ones if there are any, for one socket; loopback first."""
    four = [each for each in candidates if ":" not in each[0]]
    return sorted(four or candidates, key=lambda each: each[0] not in ("127.0.0.1", "::1"))


def udp_socket(candidates: Sequence[Address]) -> socket.socket:
    """A socket that reaches ``candidates``, and notes arrivals where the system can."""
    six = bool(candidates) and ":" in candidates[0][0]
    made = socket.socket(socket.AF_INET6 if six else socket.AF_INET, socket.SOCK_DGRAM)
    made.setblocking(False)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _BUFFER_BYTES)
    if sys.platform == "linux":
        made.setsockopt(socket.SOL_SOCKET, _SO_TIMESTAMPNS, 1)
    return made


def kernel_time(ancillary: list[tuple[int, int, bytes]]) -> float:
    """The Unix time at which the kernel got a datagram of a ``udp_socket``."""
    seconds, nanoseconds = _TIMESPEC.unpack_from(ancillary[0][2])
    return float(seconds + nanoseconds * 1e-9)
