"""A browser's side of a transport, in memory."""

from __future__ import annotations

import contextlib
import os
from typing import Any

import pytest
from OpenSSL import SSL
from pylibsrtp import Policy, Session

from sfu.counters import Counters
from sfu.transport import stun
from sfu.transport.certificate import Certificate
from sfu.transport.dtls import MTU
from sfu.transport.ice_lite import IceParameters
from sfu.transport.table import TransportTable
from sfu.transport.transport import Transport

HOME = ("192.0.2.1", 1000)


class Sink:
    """Remembers what a transport delivered."""

    def __init__(self) -> None:
        self.rtp: list[bytes] = []
        self.rtcp: list[bytes] = []
        self.data: list[bytes] = []
        self.connected = self.moved = 0
        self.closed: list[str] = []

    def rtp_received(self, data: bytes, now: float) -> None:
        self.rtp.append(data)

    def rtcp_received(self, data: bytes, now: float) -> None:
        self.rtcp.append(data)

    def data_received(self, data: bytes, now: float) -> None:
        self.data.append(data)

    def transport_connected(self, now: float) -> None:
        self.connected += 1

    def transport_moved(self, now: float) -> None:
        self.moved += 1

    def transport_closed(self, reason: str, now: float) -> None:
        self.closed.append(reason)


class Pair:
    """A transport in its table, and the peer that talks to it."""

    def __init__(self, *, wrong_fingerprint: bool = False, make_sender: Any = None) -> None:
        self.now = 100.0
        self.counters = Counters()
        self.table = TransportTable(self.counters)
        self.sink = Sink()
        self.sent: list[tuple[bytes, Any]] = []
        self.flows: dict[Any, list[int]] = {}  # address: bytes received, bytes sent
        self.own = Certificate.generate()
        self.remote = IceParameters("theirs", "p" * 24)
        self.transport = Transport(
            certificate=Certificate.generate(),
            sink=self.sink,
            send=self._send,
            counters=self.counters,
            now=self.now,
            make_sender=make_sender,
        )
        shown = Certificate.generate() if wrong_fingerprint else self.own
        self.transport.set_remote(self.remote, [("sha-256", shown.fingerprint)], self.now)
        self.table.add(self.transport)
        self.dtls = SSL.Connection(self.own.context, None)
        self.dtls.set_connect_state()
        self.dtls.set_ciphertext_mtu(MTU)

    def _send(self, data: bytes, address: Any) -> None:
        self.sent.append((data, address))
        self.flows.setdefault(address, [0, 0])[1] += len(data)

    def receive(self, data: bytes, address: Any = HOME) -> list[bytes]:
        """Deliver a datagram; returns what was sent back to that address."""
        self.flows.setdefault(address, [0, 0])[0] += len(data)
        self.sent.clear()
        self.table.receive(data, address, self.now)
        return [data for data, to in self.sent if to == address]

    def check(self, address: Any = HOME, *, nominate: bool = True, **changes: Any) -> list[bytes]:
        """Send a connectivity check."""
        local = self.transport.local
        username = changes.get("username", f"{local.ufrag}:{self.transport.ice._remote.ufrag}")
        attributes = {
            stun.USERNAME: username.encode(),
            stun.PRIORITY: bytes(4),
            changes.get("role", stun.ICE_CONTROLLING): bytes(8),
        }
        if nominate:
            attributes[stun.USE_CANDIDATE] = b""
        password = changes.get("password", local.pwd)
        return self.receive(
            stun.write(stun.BINDING_REQUEST, os.urandom(12), attributes, password), address
        )

    def hello(self) -> bytes:
        """What the peer's DTLS wants to send now."""
        with contextlib.suppress(SSL.WantReadError):
            self.dtls.do_handshake()
        try:
            return self.dtls.bio_read(65536)
        except SSL.WantReadError:
            return b""

    def handshake(self, address: Any = HOME) -> None:
        """Play the handshake to its end."""
        for _ in range(10):
            flight = self.hello()
            if not flight:
                return
            for data in self.receive(flight, address):
                self.dtls.bio_write(data)

    def connect(self, address: Any = HOME) -> None:
        """Check and shake hands."""
        self.check(address)
        self.handshake(address)
        assert self.transport.connected

    def srtp(self) -> tuple[Session, Session]:
        """The peer's sessions: to protect with, and to unprotect with."""
        material = self.dtls.export_keying_material(b"EXTRACTOR-dtls_srtp", 56)
        client, server = (
            material[0:16] + material[32:44],
            material[16:32] + material[44:56],
        )
        profile = Policy.SRTP_PROFILE_AEAD_AES_128_GCM
        return (
            Session(Policy(client, Policy.SSRC_ANY_OUTBOUND, srtp_profile=profile)),
            Session(Policy(server, Policy.SSRC_ANY_INBOUND, srtp_profile=profile)),
        )


@pytest.fixture
def new_pair() -> type[Pair]:
    """Makes a transport with its peer."""
    return Pair
