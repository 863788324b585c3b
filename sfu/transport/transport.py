"""One ICE-lite, DTLS and SRTP association with one browser, from datagrams to media and back."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from sfu.errors import HandshakeFailed, MalformedPacket
from sfu.rtp.packet import is_rtcp
from sfu.transport.credit import Credit
from sfu.transport.dtls import FLIGHT_BYTES, HANDSHAKE_SECONDS, MAX_DATA_BYTES, Dtls
from sfu.transport.ice_lite import IceLite, IceParameters
from sfu.transport.srtp import Sender, Srtp
from sfu.transport.way import Way

if TYPE_CHECKING:
    from sfu.counters import Counters
    from sfu.rtp.packet import RtpPacket
    from sfu.transport.address import Address
    from sfu.transport.certificate import Certificate
    from sfu.transport.dtls import SrtpKeys
    from sfu.transport.sink import TransportSink
    from sfu.transport.stun import StunMessage

# A browser that has not sent its first check by then cannot reach us.
FIRST_CHECK_SECONDS = 30.0
# Browsers check the address they use every 2 to 6 s (RFC 7675 section 5.1): after a lost check or
# two, whoever else has that address now may take it over.
HOLD_SECONDS = 10.0
# Media and its feedback: a screen in 4K, a camera in three sizes and all of it sent again once are
# some 40 Mbit/s, and what waited for a busy server (half a second of it) comes at once. Each packet
# is work for everybody who gets it, however small: it counts for at least so many bytes. What comes
# faster is a flood.
MEDIA_BYTES_PER_SECOND = 5_000_000
MEDIA_BYTES_AT_ONCE = 2_500_000
LEAST_MEDIA_BYTES = 500


class Transport:
    """Invariants: nothing but signed STUN is taken from an address before it passed a check; no
    media passes before the browser's certificate was verified; before an address has proved that
    it receives, it is never sent more bytes than came from it.
    """

    __slots__ = (
        "_allowance",
        "_allowed_at",
        "_certificate",
        "_checked_at",
        "_counters",
        "_credit",
        "_dtls",
        "_fingerprints",
        "_make_sender",
        "_send",
        "_sink",
        "_srtp",
        "_started",
        "_way",
        "closed",
        "ice",
        "media_bytes_per_second",
        "protect",
        "sender",
    )

    def __init__(
        self,
        *,
        certificate: Certificate,
        sink: TransportSink,
        send: Callable[[bytes, Address], object],
        counters: Counters,
        now: float,
        make_sender: Callable[[SrtpKeys], Sender] | None = None,
    ) -> None:
        self.ice = IceLite(now)
        self._way = Way(self.ice, send)
        self.closed = False
        self.protect: Callable[[bytes], bytes] | None = None  # set once connected
        self.sender: Sender | None = None  # of native code, where that protects
        self._certificate = certificate
        self._sink = sink
        self._send = send
        self._make_sender = make_sender
        self._counters = counters
        self._fingerprints: tuple[tuple[str, str], ...] = ()
        self._dtls: Dtls | None = None
        self._srtp: Srtp | None = None
        self._started = now
        self._checked_at: float | None = None
        self._credit = Credit()
        self.media_bytes_per_second = float(MEDIA_BYTES_PER_SECOND)  # that are taken
        self._allowance = float(MEDIA_BYTES_AT_ONCE)
        self._allowed_at = now

    @property
    def local(self) -> IceParameters:
        """Our ICE credentials for the answer."""
        return self.ice.local

    @property
    def connected(self) -> bool:
        """Whether media can flow."""
        return self._srtp is not None and not self.closed

    @property
    def remote_address(self) -> Address | None:
        """Where media goes; it moves with the browser's network."""
        return self.ice.selected

    @property
    def heard_at(self) -> float:
        """When the browser last showed that it is there."""
        return self.ice.heard_at

    def set_remote(
        self, ice: IceParameters, fingerprints: Sequence[tuple[str, str]], now: float
    ) -> None:
        """What the first offer says of the browser; fingerprints as (algorithm, value)."""
        self.ice.set_remote(ice)
        self._fingerprints = tuple(fingerprints)
        self._started = now

    def restart_ice(self, ice: IceParameters, now: float) -> IceParameters:
        """New credentials for an offer with new ones; DTLS and media go on."""
        return self.ice.restart(ice)

    # --- incoming ---

    def check(self, message: StunMessage, size: int, address: Address, now: float) -> None:
        """Answer a connectivity check of ``size`` bytes. Raises ``MalformedPacket``."""

        def reply(data: bytes, to: Address) -> None:
            self._credit.add(size - len(data), to)
            self._send(data, to)

        self.ice.check(message, address, reply, now)
        if len(self._credit) > len(self.ice.addresses):
            self._credit.keep(self.ice.validated)
        if self._checked_at is None:
            self._checked_at = now
            self._counters.join_phases["ice"].observe(now - self._started)

    def holds(self, address: Address, now: float) -> bool:
        """Whether media flows to ``address``, so that nobody else may claim it."""
        heard = now - self.ice.heard_at < HOLD_SECONDS
        return heard and self.connected and self.ice.selected == address

    def receive(self, data: bytes, address: Address, now: float) -> None:
        """Take one datagram that is not STUN; the table checked ``address`` before."""
        if self.closed:
            return
        first = data[0]
        if 127 < first < 192:
            self._receive_media(data, address, now)
        elif 19 < first < 64:
            self._receive_dtls(data, address, now)
        else:
            self._counters.drops["not-stun-dtls-srtp"] += 1

    def receive_rtp(self, packet: RtpPacket | bytes, now: float) -> None:
        """Take one RTP packet that native code has unprotected with ``sender``, and parsed."""
        if self.closed:
            return
        if self._floods(len(packet if isinstance(packet, bytes) else packet.data), now):
            self._counters.drops["media-flood"] += 1
        else:
            self._sink.rtp_received(packet, now)

    def receive_rtcp(self, compound: bytes, address: Address, now: float) -> None:
        """Take one RTCP packet that native code has unprotected with ``sender``."""
        if self.closed:
            return
        if self._floods(len(compound), now):
            self._counters.drops["media-flood"] += 1
        else:
            self._report(compound, address, now)

    def _floods(self, size: int, now: float) -> bool:
        """Whether one more packet of media, of ``size`` bytes, is too much now."""
        allowance = self._allowance + (now - self._allowed_at) * self.media_bytes_per_second
        self._allowed_at = now
        if allowance > MEDIA_BYTES_AT_ONCE:
            allowance = MEDIA_BYTES_AT_ONCE
        charge = size if size > LEAST_MEDIA_BYTES else LEAST_MEDIA_BYTES
        if allowance < charge:
            self._allowance = allowance
            return True
        self._allowance = allowance - charge
        return False

    def _receive_media(self, data: bytes, address: Address, now: float) -> None:
        srtp = self._srtp
        if srtp is None:
            self._counters.drops["media-before-handshake"] += 1
            return
        if self._floods(len(data), now):
            self._counters.drops["media-flood"] += 1
            return
        try:
            if is_rtcp(data):
                self._report(srtp.unprotect_rtcp(data), address, now)
            else:
                self._sink.rtp_received(srtp.unprotect(data), now)
        except MalformedPacket as malformed:
            self._counters.drops[malformed.reason] += 1

    def _report(self, compound: bytes, address: Address, now: float) -> None:
        if self._way.reported(address, now):
            self._sink.transport_moved(now)
        self._sink.rtcp_received(compound, now)

    def _receive_dtls(self, data: bytes, address: Address, now: float) -> None:
        credit = self._credit
        credit.add(len(data), address)
        if self._dtls is None:
            covered = credit.is_proven(address) or credit.left(address) >= FLIGHT_BYTES
            self._dtls = Dtls(self._certificate, self._fingerprints, cookie=not covered)
        was_proven = self._dtls.proven
        try:
            outgoing, received = self._dtls.receive(data, address)
        except HandshakeFailed as failed:
            self._counters.handshake_failures[failed.stage] += 1
            self._end("handshake-failed", now)
            return
        if self._dtls.proven and not was_proven:
            credit.prove(address)
        for datagram in outgoing:
            self._send_guarded(datagram, address)
        if self._dtls.closed:
            self._end("dtls-closed", now)
        elif self._srtp is None and self._dtls.keys is not None:
            if self._make_sender is not None:
                self.sender = self._make_sender(self._dtls.keys)
            self._srtp = Srtp(self._dtls.keys, self.sender)
            self.protect = self._srtp.protect
            credit.end()
            self._counters.join_phases["dtls"].observe(now - (self._checked_at or now))
            self._sink.transport_connected(now)
        for packet in received:
            if not self.closed:
                self._sink.data_received(packet, now)

    # --- outgoing ---

    def send_rtcp(self, compound: bytes) -> None:
        """Protect and send one compound packet; nothing before the transport is connected."""
        address = self.ice.selected
        if self._srtp is None or self.closed or address is None:
            return
        try:
            data = self._srtp.protect_rtcp(compound)
        except MalformedPacket as malformed:
            self._counters.drops[malformed.reason] += 1
            return
        self._send(data, address)

    def send_data(self, packet: bytes) -> None:
        """Protect and send one SCTP packet; nothing before the transport is connected."""
        address, dtls = self.ice.selected, self._dtls
        if self._srtp is None or dtls is None or self.closed or address is None:
            return
        if len(packet) > MAX_DATA_BYTES:
            self._counters.drops["data-too-large"] += 1
            return
        for datagram in dtls.send(packet):
            self._send(datagram, address)

    def _send_guarded(self, data: bytes, address: Address) -> None:
        """Send handshake data, within what ``address`` has sent us until it has proved itself."""
        if self._credit.spend(len(data), address):
            self._send(data, address)
        else:
            self._counters.drops["amplification-limit"] += 1

    def tick(self, now: float) -> None:
        """Retransmit, and give up what takes too long. Every 20 ms."""
        if self.closed:
            return
        if self._srtp is None:
            self._tick_handshake(now)
        elif self.ice.expired(now):
            self._end("consent-lost", now)
        elif self._way.look(self._allowed_at, now):
            self._sink.transport_moved(now)

    def _tick_handshake(self, now: float) -> None:
        if self._checked_at is None:
            if now - self._started > FIRST_CHECK_SECONDS:
                self._counters.handshake_failures["ice"] += 1
                self._end("handshake-failed", now)
            return
        if now - self._checked_at > HANDSHAKE_SECONDS:
            self._counters.handshake_failures["dtls"] += 1
            self._end("handshake-failed", now)
        elif self._dtls is not None and self.ice.selected is not None:
            for datagram in self._dtls.tick():
                self._send_guarded(datagram, self.ice.selected)

    def close(self, now: float) -> None:
        """Say goodbye and stop; the sink is told ``closed``."""
        if self.closed:
            return
        if self._dtls is not None and self.ice.selected is not None:
            for datagram in self._dtls.close():
                self._send(datagram, self.ice.selected)
        self._end("closed", now)

    def fail(self, now: float) -> None:
        """End after an exception that nobody foresaw, saying nothing: who knows what works."""
        if not self.closed:
            self._end("internal-error", now)

    def _end(self, reason: str, now: float) -> None:
        self.closed = True
        self._sink.transport_closed(reason, now)
