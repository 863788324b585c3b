"""Where a packet came from and an answer goes to: a UDP address, or one TCP connection."""

from __future__ import annotations

from typing import Any, TypeAlias


class TcpAddress:
    """One TCP connection: the same only as itself, and never a tuple, as a UDP address is.

    A browser that connects again from the same port is somebody new, who has to prove itself.
    """

    __slots__ = ("host", "port")

    def __init__(self, host: str, port: int) -> None:
        self.host = host
        self.port = port

    def __str__(self) -> str:
        return f"tcp {self.host} {self.port}"


Address: TypeAlias = Any
"""What a UDP socket gave as the sender, ``(host, port)`` or the longer IPv6 form, or a
``TcpAddress``; hashable."""


def host_and_port(address: Address) -> tuple[str, int]:
    """The IP address (an IPv6 scope may be in it) and the port."""
    if isinstance(address, TcpAddress):
        return address.host, address.port
    return address[0], address[1]
