"""Whether a datagram from this machine arrives at the media port by each advertised address."""

from __future__ import annotations

import os
import secrets
import select
import socket
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Protocol

from sfu.server.finding import Finding
from sfu.server.running import RunningServer
from sfu.server.udp import UdpPort
from sfu.transport import stun
from sfu.transport.egress import NO_SOCKET

# Through a router next door it takes a few milliseconds. Sixteen addresses that do not answer
# would take six seconds, and the whole command has to end within ten.
_WAIT = 0.4
_LOOK_EVERY = 0.02
# A server that is stuck answers nothing about any of them.
_ALL_WITHIN = 5.0
# One may get lost.
_COPIES = 2
_MAX_DATAGRAM = 2048


class Listener(Protocol):
    """Whoever has the port, and can tell that something arrived."""

    port: int

    def arrives(self, address: str) -> bool:
        """Whether a datagram to ``address`` arrives within 0.4 s."""

    def hears(self, send: Callable[[bytes], bool]) -> bool:
        """Whether a datagram that ``send`` puts on its way arrives within 0.4 s."""

    def close(self) -> None:
        """Free what was opened."""


class OwnPort:
    """The port itself, opened by this command as no server has it."""

    def __init__(self, port: UdpPort) -> None:
        self.port: int = port.port
        descriptors = [number for number in port.descriptors() if number != NO_SOCKET]
        self._sockets = [socket.socket(fileno=os.dup(number)) for number in descriptors]
        port.close()

    def arrives(self, address: str) -> bool:
        """Whether a datagram to ``address`` arrives within 0.4 s."""
        return self.hears(lambda datagram: _send(datagram, address, self.port))

    def hears(self, send: Callable[[bytes], bool]) -> bool:
        """Whether a datagram that ``send`` puts on its way arrives within 0.4 s."""
        datagram = check_for_nobody()
        if not send(datagram):
            return False
        until = time.monotonic() + _WAIT
        while (left := until - time.monotonic()) > 0:
            for ready in select.select(self._sockets, (), (), left)[0]:
                try:
                    if ready.recv(_MAX_DATAGRAM) == datagram:
                        return True
                except OSError:
                    continue  # an ICMP error of an earlier datagram, reported here
        return False

    def close(self) -> None:
        """Free the port."""
        for each in self._sockets:
            each.close()


class ListeningServer:
    """A running server, which counts checks for nobody."""

    def __init__(self, server: RunningServer, port: int) -> None:
        self.port = port
        self._server = server

    def arrives(self, address: str) -> bool:
        """Whether a datagram to ``address`` is counted within 0.4 s."""
        return self.hears(lambda datagram: _send(datagram, address, self.port))

    def hears(self, send: Callable[[bytes], bool]) -> bool:
        """Whether a datagram that ``send`` puts on its way is counted within 0.4 s."""
        before = self._server.checks_for_nobody()
        if before is None or not send(check_for_nobody()):
            return False
        until = time.monotonic() + _WAIT
        while time.monotonic() < until:
            counted = self._server.checks_for_nobody()
            if counted is not None and counted > before:
                return True
            time.sleep(_LOOK_EVERY)
        return False

    def close(self) -> None:
        """Nothing was opened."""


def reach(
    listener: Listener, addresses: Sequence[str], own: Sequence[str], *, port: int
) -> Iterator[Finding]:
    """One finding per address that browsers are told; ``own`` are those of this machine."""
    arrived = []
    until = time.monotonic() + _ALL_WITHIN
    for number, address in enumerate(addresses):
        if time.monotonic() > until:
            yield Finding.warning(
                "reach",
                f"There was no time left to try {', '.join(addresses[number:])}.",
                "Look first at what does not arrive, and whether the server is overloaded.",
            )
            break
        if listener.arrives(address):
            arrived.append(address)
        elif address in own:
            yield Finding.problem(
                "reach",
                f"A datagram from this machine to {address}, UDP port {port}, does not arrive.",
                f"Let the firewall pass UDP port {port}, and set udp_host to nothing or to that "
                "address.",
            )
        else:
            yield Finding.warning(
                "reach",
                f"A datagram from this machine to {address}, UDP port {port}, does not come back "
                "here. Many routers never send back inside what comes from inside.",
                f"Try from another network; the router has to forward UDP port {port} to this "
                "machine.",
            )
    if arrived:
        yield Finding.ok("reach", f"Datagrams arrive by {', '.join(arrived)}.")


def check_for_nobody() -> bytes:
    """A connectivity check that no server answers, different each time."""
    names = {stun.USERNAME: b"doctor:doctor"}
    return stun.write(stun.BINDING_REQUEST, secrets.token_bytes(12), names, "")


def _send(datagram: bytes, address: str, port: int) -> bool:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as udp:
            for _ in range(_COPIES):
                udp.sendto(datagram, (address, port))
    except OSError:
        return False  # there is no way there at all
    return True
