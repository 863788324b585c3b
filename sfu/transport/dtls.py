"""The server's side of a DTLS association, as datagrams in and datagrams out."""

from __future__ import annotations

import hmac
from collections.abc import Hashable, Sequence
from dataclasses import dataclass

from OpenSSL import SSL

from sfu.errors import HandshakeFailed
from sfu.transport.certificate import Certificate, fingerprint

# Leaves room for the headers of any tunnel; browsers use the same.
MTU = 1200
# A handshake takes two round trips; after this long the browser has given up too.
HANDSHAKE_SECONDS = 10.0
# Our largest flight (hello, certificate, key exchange, certificate request) measures 674 bytes.
FLIGHT_BYTES = 700

# An SCTP packet has at most 1,189 bytes; a long list of gaps may go beyond, but not without end.
MAX_DATA_BYTES = 2048

_RECORD_HEADER = 13  # RFC 6347 section 4.1
_ALERT = 21  # RFC 5246 section 6.2.1
_LABEL = b"EXTRACTOR-dtls_srtp"  # RFC 5764 section 4.2


@dataclass(frozen=True)
class SrtpKeys:
    """What the handshake gave: libsrtp's name of the profile, and key plus salt of each side."""

    profile: str  # a key of ``_KEY_LENGTHS``
    remote: bytes
    local: bytes


_KEY_LENGTHS = {
    "SRTP_AEAD_AES_128_GCM": (16, 12),
    "SRTP_AEAD_AES_256_GCM": (32, 12),
    "SRTP_AES128_CM_SHA1_80": (16, 14),
}


class Dtls:
    """One association. Feed it datagrams; it returns those to send.

    ``keys`` is set once the handshake is done and the browser's certificate has one of the
    signaled fingerprints. ``proven`` tells that the peer receives what is sent to its address.
    """

    __slots__ = ("_connection", "_fingerprints", "_listening", "closed", "keys", "proven")

    def __init__(
        self, certificate: Certificate, fingerprints: Sequence[tuple[str, str]], *, cookie: bool
    ) -> None:
        """With ``cookie`` the peer must echo one before it gets our (larger) flight."""
        self._connection = SSL.Connection(certificate.context, None)
        self._connection.set_accept_state()
        self._connection.set_ciphertext_mtu(MTU)
        self._fingerprints = tuple(fingerprints)
        self._listening = cookie
        self.keys: SrtpKeys | None = None
        self.closed = False
        self.proven = False

    def receive(self, datagram: bytes, address: Hashable) -> tuple[list[bytes], list[bytes]]:
        """Take one datagram: what to send, and the application data (SCTP) that came in it.

        ``address`` is its sender's, which a cookie is bound to. Raises ``HandshakeFailed``.
        """
        if self.keys is None and _has_plain_alert(datagram):
            return [], []  # anybody can write one (RFC 6347 section 4.1.2.7); the deadline ends it
        connection = self._connection
        connection.set_app_data(address)
        received: list[bytes] = []
        connection.bio_write(datagram)
        try:
            if self._listening:
                connection.DTLSv1_listen()
                self._listening = False
                self.proven = True
            if self.keys is None:
                connection.do_handshake()
                self._finish()
            while True:  # until all records of the datagram are read
                received.append(connection.recv(65536))
        except SSL.WantReadError:
            pass
        except SSL.ZeroReturnError:
            self.closed = True
        except SSL.Error as error:
            if self.keys is None:
                raise HandshakeFailed("dtls", _reason(error)) from None
            # After the handshake a broken record is dropped (RFC 6347 section 4.1.2.7).
        return self._outgoing(), received

    def send(self, data: bytes) -> list[bytes]:
        """Datagrams that carry one piece of application data."""
        try:
            self._connection.send(data)
        except SSL.Error:
            return []
        return self._outgoing()

    def tick(self) -> list[bytes]:
        """What is to be sent again now."""
        if self.keys is not None or self._listening:
            return []
        timeout = self._connection.DTLSv1_get_timeout()
        if timeout is None or timeout > 0:
            return []
        try:
            self._connection.DTLSv1_handle_timeout()
        except SSL.Error:
            return []  # the deadline ends it
        return self._outgoing()

    def close(self) -> list[bytes]:
        """The closing alert."""
        if self.keys is None or self.closed:
            return []
        self.closed = True
        try:
            self._connection.shutdown()
        except SSL.Error:
            return []
        return self._outgoing()

    def _finish(self) -> None:
        self.proven = True
        peer = self._connection.get_peer_certificate(as_cryptography=True)
        if peer is None or not any(
            hmac.compare_digest(fingerprint(peer, algorithm), value.upper())
            for algorithm, value in self._fingerprints
            if value
        ):
            raise HandshakeFailed("dtls", "the certificate's fingerprint is not the signaled one")
        profile = self._connection.get_selected_srtp_profile().decode()
        lengths = _KEY_LENGTHS.get(profile)
        if lengths is None:
            raise HandshakeFailed("srtp", "no protection profile in common")
        key, salt = lengths
        material = self._connection.export_keying_material(_LABEL, 2 * (key + salt))
        client_salt = 2 * key
        self.keys = SrtpKeys(
            profile=profile,
            remote=material[:key] + material[client_salt : client_salt + salt],
            local=material[key : 2 * key] + material[client_salt + salt :],
        )

    def _outgoing(self) -> list[bytes]:
        parts: list[bytes] = []
        while True:
            try:
                parts.append(self._connection.bio_read(65536))
            except SSL.WantReadError:
                return _datagrams(b"".join(parts))


def _datagrams(stream: bytes) -> list[bytes]:
    """Whole records packed into datagrams of at most ``MTU`` bytes."""
    datagrams: list[bytes] = []
    current = b""
    position = 0
    while position < len(stream):
        end = len(stream)
        if 20 <= stream[position] <= 63 and position + _RECORD_HEADER <= end:
            size = int.from_bytes(stream[position + 11 : position + 13], "big")
            end = min(end, position + _RECORD_HEADER + size)
        record = stream[position:end]
        if current and len(current) + len(record) > MTU:
            datagrams.append(current)
            current = b""
        current += record
        position = end
    return [*datagrams, current] if current else datagrams


def _has_plain_alert(datagram: bytes) -> bool:
    """Whether one of the records is an alert that is not encrypted."""
    position = 0
    while position + _RECORD_HEADER <= len(datagram):
        epoch = datagram[position + 3 : position + 5]
        if datagram[position] == _ALERT and epoch == b"\0\0":
            return True
        size = int.from_bytes(datagram[position + 11 : position + 13], "big")
        position += _RECORD_HEADER + size
    return False


def _reason(error: SSL.Error) -> str:
    """OpenSSL's own words for the first of its errors."""
    errors = error.args[0] if error.args else None
    if isinstance(errors, list) and errors:
        return str(errors[0][-1])
    return type(error).__name__
