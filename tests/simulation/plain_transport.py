"""A transport and its table without encryption, for calls in virtual time."""

from __future__ import annotations

from typing import Any

from sfu.transport.ice_lite import IceParameters
from sfu.transport.table import TransportTable


class PlainTransport:
    """A transport without encryption; connected as soon as both sides are known."""

    def __init__(self, *, certificate: Any, sink: Any, send: Any, counters: Any, now: float):
        self.local = IceParameters("server", "x" * 24)
        self.sink = sink
        self.connected = False
        self.remote_address: Any = None
        self.rtcp_sent: list[bytes] = []
        self.closed = False

    def set_remote(self, ice: IceParameters, fingerprints: Any, now: float) -> None:
        self.remote_address = (ice.ufrag, 1)  # a simulated browser's address is its ufrag

    def restart_ice(self, ice: IceParameters, now: float) -> IceParameters:
        return self.local

    def protect(self, data: bytes) -> bytes:
        return data

    def send_rtcp(self, compound: bytes) -> None:
        if self.connected:
            self.rtcp_sent.append(compound)

    def close(self, now: float) -> None:
        self.connected = False
        self.closed = True


class PlainTable(TransportTable):
    """Counts transports; routing by address is not simulated."""

    def __init__(self) -> None:
        self.transports: set[Any] = set()

    def add(self, transport: Any) -> None:
        self.transports.add(transport)

    def remove(self, transport: Any) -> None:
        self.transports.discard(transport)

    def __len__(self) -> int:
        return len(self.transports)
