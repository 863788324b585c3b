"""A transport table as the server has it, and browsers (OpenSSL, libsrtp) that talk to it."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable
from typing import Any

from OpenSSL import SSL
from pylibsrtp import Policy, Session

from sfu.counters import Counters
from sfu.transport import stun
from sfu.transport.certificate import Certificate
from sfu.transport.dtls import MTU
from sfu.transport.ice_lite import IceParameters
from sfu.transport.table import TransportTable
from sfu.transport.transport import Transport

# Making a certificate takes time, and no test is about its key.
SERVER, BROWSER = Certificate.generate(), Certificate.generate()


class Server:
    """The port: datagrams in by ``receive``, datagrams out to whoever listens at an address."""

    def __init__(self) -> None:
        self.now = 100.0
        self.counters = Counters()
        self.table = TransportTable(self.counters)
        self.browsers: dict[Any, Browser] = {}  # by address
        self.sent: dict[Any, int] = {}  # bytes, by address
        self.got: dict[Any, int] = {}

    def browser(self, address: Any, ufrag: str = "them") -> Browser:
        """Somebody who has offered, and waits at ``address``."""
        return Browser(self, address, ufrag)

    def receive(self, data: bytes, address: Any) -> None:
        """A datagram arrives."""
        self.got[address] = self.got.get(address, 0) + len(data)
        self.table.receive(data, address, self.now)

    def send(self, data: bytes, address: Any) -> None:
        """A datagram leaves."""
        self.sent[address] = self.sent.get(address, 0) + len(data)
        browser = self.browsers.get(address)
        if browser is not None:
            browser.inbox.append(data)

    def pass_time(self, seconds: float) -> None:
        """Tick as the server does."""
        end = self.now + seconds
        while self.now < end:
            self.now += 0.02
            self.table.tick(self.now)

    @property
    def drops(self) -> dict[str, int]:
        """What was dropped so far, by reason."""
        return dict(self.counters.drops)


class Browser:
    """One peer. What its transport delivers is in ``rtp``, ``rtcp`` and ``data``.

    ``between`` is called before each of its datagrams arrives: what others send meanwhile.
    """

    def __init__(self, server: Server, address: Any, ufrag: str) -> None:
        self.server, self.address = server, address
        self.inbox: list[bytes] = []
        self.captured: list[bytes] = []  # what it sent
        self.rtp: list[bytes] = []
        self.rtcp: list[bytes] = []
        self.data: list[bytes] = []
        self.connected = self.moved = 0
        self.closed: list[str] = []
        self.between: Callable[[], None] = lambda: None
        self.transport = Transport(
            certificate=SERVER,
            sink=self,
            send=server.send,
            counters=server.counters,
            now=server.now,
        )
        remote = IceParameters(ufrag, "p" * 24)
        self.transport.set_remote(remote, [("sha-256", BROWSER.fingerprint)], server.now)
        server.table.add(self.transport)
        server.browsers[address] = self
        self.username = f"{self.transport.local.ufrag}:{ufrag}"
        self.dtls = SSL.Connection(BROWSER.context, None)
        self.dtls.set_connect_state()
        self.dtls.set_ciphertext_mtu(MTU)
        self.outbound: Session
        self.inbound: Session

    # --- the sink of its transport ---

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

    # --- what it sends ---

    def send(self, data: bytes, address: Any = None) -> None:
        """A datagram of this browser arrives, from its own address or another one."""
        self.between()
        self.captured.append(data)
        self.server.receive(data, self.address if address is None else address)

    def checked(self, *, nominate: bool = True) -> bytes:
        """A signed connectivity check."""
        attributes = {
            stun.USERNAME: self.username.encode(),
            stun.ICE_CONTROLLING: bytes(8),
            stun.PRIORITY: bytes(4),
        }
        if nominate:
            attributes[stun.USE_CANDIDATE] = b""
        return stun.write(
            stun.BINDING_REQUEST, os.urandom(12), attributes, self.transport.local.pwd
        )

    def check(self, address: Any = None) -> None:
        """Send one."""
        self.send(self.checked(), address)

    def flight(self) -> bytes:
        """What its DTLS wants to send now."""
        with contextlib.suppress(SSL.WantReadError):
            self.dtls.do_handshake()
        try:
            return self.dtls.bio_read(65536)
        except SSL.WantReadError:
            return b""

    def handshake(self) -> None:
        """Play it to its end."""
        for _ in range(10):
            flight = self.flight()
            if not flight:
                break
            self.inbox.clear()
            self.send(flight)
            for data in self.inbox:
                self.dtls.bio_write(data)

    def connect(self) -> None:
        """Check, shake hands, and have keys for media."""
        self.check()
        self.handshake()
        assert self.transport.connected, (self.closed, self.server.drops)
        material = self.dtls.export_keying_material(b"EXTRACTOR-dtls_srtp", 56)
        profile = Policy.SRTP_PROFILE_AEAD_AES_128_GCM
        ours, theirs = material[0:16] + material[32:44], material[16:32] + material[44:56]
        self.outbound = Session(Policy(ours, Policy.SSRC_ANY_OUTBOUND, srtp_profile=profile))
        self.inbound = Session(Policy(theirs, Policy.SSRC_ANY_INBOUND, srtp_profile=profile))

    def send_rtp(self, packet: bytes) -> None:
        """One packet of media."""
        self.send(self.outbound.protect(packet))
