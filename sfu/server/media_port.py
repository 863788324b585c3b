"""The one port of all media: UDP, and TCP on the same number where that is on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sfu.counters import Counters
from sfu.errors import InvalidSettings
from sfu.server.tcp import TcpPort
from sfu.server.udp import UdpPort
from sfu.transport.address import Address, TcpAddress

if TYPE_CHECKING:
    from sfu.transport.native_egress import NativeInbox
    from sfu.transport.table import TransportTable

# A free UDP port may be taken in TCP: with port 0 another one is tried this often.
_PORT_ATTEMPTS = 20


class MediaPort:
    """Receives everything of every participant and sends to all of them."""

    def __init__(self, *, host: str, port: int, tcp: bool, counters: Counters) -> None:
        """Bind the sockets; raises ``InvalidSettings`` when that is not possible."""
        self.tcp: TcpPort | None = None
        for attempt in range(_PORT_ATTEMPTS):
            self.udp = udp = UdpPort(host=host, port=port, advertised=(), counters=counters)
            if not tcp:
                break
            try:
                self.tcp = TcpPort(host=host, port=udp.port, counters=counters)
                break
            except InvalidSettings:
                udp.close()
                if port or attempt == _PORT_ATTEMPTS - 1:
                    raise
        self.port: int = self.udp.port
        self._send_udp = self.udp.send

    async def start(self, transports: TransportTable, inbox: NativeInbox | None) -> None:
        """Hand everything that arrives to ``transports``."""
        if self.tcp is not None:
            await self.tcp.start(transports)
        self.udp.start(transports.receive, inbox)

    def close(self) -> None:
        """Stop receiving and free the port."""
        self.udp.close()
        if self.tcp is not None:
            self.tcp.close()

    def send(self, data: bytes, address: Address) -> bool:
        """Send one datagram or frame; False (and counted) when that is not possible now."""
        if type(address) is TcpAddress:
            return self.tcp is not None and self.tcp.send(data, address)
        return self._send_udp(data, address)

    def connections(self) -> int:
        """How many TCP connections are open."""
        return len(self.tcp) if self.tcp is not None else 0
