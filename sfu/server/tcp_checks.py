"""What ``sfu doctor`` finds about media over TCP: the port, and what arrives."""

from __future__ import annotations

import select
import socket
import time
from collections.abc import Iterator, Sequence
from typing import Protocol

from sfu.config import Settings
from sfu.errors import InvalidSettings
from sfu.server.finding import Finding
from sfu.server.reach import ListeningServer
from sfu.server.running import RunningServer
from sfu.server.tcp_sockets import bind_listening
from sfu.transport.framing import framed

# As for datagrams; a connection through a firewall that drops it takes as long as this.
_WAIT = 0.4
# Of all addresses together: the whole command has to end within ten seconds.
_ALL_WITHIN = 2.0
_WITHOUT = "or set tcp to off: then people in networks without UDP need a TURN server."


class Taker(Protocol):
    """Whoever has the port, and can tell that a connection came."""

    def takes(self, address: str) -> bool:
        """Whether a connection to ``address`` is taken within 0.4 s."""

    def close(self) -> None:
        """Free what was opened."""


def tcp_findings(
    settings: Settings, running: RunningServer | None, told: Sequence[str], own: Sequence[str]
) -> list[Finding]:
    """The port, and one finding per address in ``told`` that takes no connection."""
    if settings.tcp == "off":
        text = "Media over TCP is off: networks without UDP need a TURN server."
        return [Finding.ok("tcp-port", text)]
    finding, taker = tcp_port(settings, running)
    findings = [finding]
    if taker is not None:
        try:
            findings += reach_by_tcp(taker, told, own, port=settings.udp_port)
        finally:
            taker.close()
    return findings


def tcp_port(settings: Settings, running: RunningServer | None) -> tuple[Finding, Taker | None]:
    """Whether the port is free or the running server's, and who tells if a connection arrives."""
    check, number = "tcp-port", settings.udp_port
    try:
        sockets = bind_listening(settings.udp_host, number)
    except InvalidSettings as error:
        address = settings.udp_host or "127.0.0.1"
        taker = RunningPort(running, number) if running is not None else None
        if taker is not None and taker.takes(address):
            text = f"TCP port {number} is the running server's, and it takes connections."
            return Finding.ok(check, text), taker
        return Finding.problem(
            check,
            str(error) if running is None else f"TCP port {number} is not the running server's.",
            "Stop the other program, set udp_port to another number, or set tcp to off.",
        ), None
    if running is None or not number:
        text = f"TCP port {number or '(any)'} is free for media."
        return Finding.ok(check, text), OwnTcpPort(sockets)
    for each in sockets:
        each.close()
    return Finding.warning(
        check,
        f"TCP port {number} is free although a server runs: that one takes no media over TCP.",
        "Start sfu doctor with the server's own settings.",
    ), None


class OwnTcpPort:
    """The port itself, opened by this command as no server has it."""

    def __init__(self, sockets: Sequence[socket.socket]) -> None:
        self._sockets = list(sockets)
        self._port = self._sockets[0].getsockname()[1]
        for each in self._sockets:
            each.listen()

    def takes(self, address: str) -> bool:
        """Whether a connection to ``address`` is taken within 0.4 s."""
        connection = _connect(address, self._port)
        if connection is None:
            return False
        with connection:
            ours = connection.getsockname()[:2]
            until = time.monotonic() + _WAIT
            while (left := until - time.monotonic()) > 0:
                for ready in select.select(self._sockets, (), (), left)[0]:
                    accepted, peer = ready.accept()
                    accepted.close()
                    if peer[:2] == ours:
                        return True
        return False

    def close(self) -> None:
        """Free the port."""
        for each in self._sockets:
            each.close()


class RunningPort:
    """That of a running server, which counts checks for nobody."""

    def __init__(self, server: RunningServer, port: int) -> None:
        self._listening = ListeningServer(server, port)
        self._port = port

    def takes(self, address: str) -> bool:
        """Whether a check over a connection to ``address`` is counted within 0.4 s."""
        connection = _connect(address, self._port)
        if connection is None:
            return False

        def send(datagram: bytes) -> bool:
            connection.sendall(framed(datagram))
            return True

        with connection:
            return self._listening.hears(send)

    def close(self) -> None:
        """Nothing was opened."""


def reach_by_tcp(
    taker: Taker, addresses: Sequence[str], own: Sequence[str], *, port: int
) -> Iterator[Finding]:
    """A finding per address that takes no connection, and one for all that do."""
    taken = []
    until = time.monotonic() + _ALL_WITHIN
    for address in addresses:
        if time.monotonic() > until:
            break
        if taker.takes(address):
            taken.append(address)
        elif address in own:
            yield Finding.warning(
                "reach-tcp",
                f"A connection from this machine to {address}, TCP port {port}, is not taken.",
                f"Let the firewall pass TCP port {port}, {_WITHOUT}",
            )
        else:
            yield Finding.warning(
                "reach-tcp",
                f"A connection from this machine to {address}, TCP port {port}, does not come "
                "back here. Many routers never send back inside what comes from inside.",
                f"Try from another network; the router has to forward TCP port {port} to this "
                f"machine, {_WITHOUT}",
            )
    if taken:
        yield Finding.ok("reach-tcp", f"Connections arrive by {', '.join(taken)}.")


def _connect(address: str, port: int) -> socket.socket | None:
    try:
        return socket.create_connection((address, port), timeout=_WAIT)
    except OSError:
        return None
