"""A transport and its table without encryption, for calls in virtual time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sfu.transport.ice_lite import IceParameters
from sfu.transport.table import TransportTable

if TYPE_CHECKING:
    from tests.simulation.simulator import Call


class PlainTransport:
    """A transport without encryption; ``connect`` stands for ICE and DTLS."""

    def __init__(self, call: Call, sink: Any) -> None:
        self.local = IceParameters("server", "x" * 24)
        self.call = call
        self.sink = sink
        self.connected = False
        self.heard_at = call.now  # of all that comes: no checks are simulated
        self.remote_address: Any = None
        self.closed = False

    def set_remote(self, ice: IceParameters, fingerprints: Any, now: float) -> None:
        self.remote_address = ice.ufrag  # a simulated browser's address is its ufrag

    def restart_ice(self, ice: IceParameters, now: float) -> IceParameters:
        return self.local

    def connect(self) -> None:
        """ICE and DTLS are done."""
        if not self.closed:
            self.connected = True
            self.sink.transport_connected(self.call.now)

    def protect(self, data: bytes) -> bytes:
        return data

    def send_rtcp(self, compound: bytes) -> None:
        if self.connected:
            self.call.deliver_rtcp(compound, self.remote_address)

    def take_rtp(self, data: bytes) -> None:
        """A packet of the browser arrives."""
        if self.connected:
            self.heard_at = self.call.now
            self.sink.rtp_received(data, self.call.now)

    def take_rtcp(self, data: bytes) -> None:
        """RTCP of the browser arrives."""
        if self.connected:
            self.heard_at = self.call.now
            self.sink.rtcp_received(data, self.call.now)

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
