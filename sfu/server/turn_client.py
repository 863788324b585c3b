"""As much of a TURN client (RFC 8656) as tells whether a server would relay for a browser."""

from __future__ import annotations

import hashlib
import re
import secrets
import socket
import ssl
import time

from sfu.errors import MalformedPacket, ParleyError
from sfu.transport import stun

_URL = re.compile(
    r"(?P<scheme>turns?):(?:\[(?P<ipv6>[^]]+)\]|(?P<host>[^:?]+))(?::(?P<port>\d+))?"
    r"(?:\?transport=(?P<transport>udp|tcp))?"
)
_PORTS = {"turn": 3478, "turns": 5349}

_ALLOCATE, _REFRESH, _CREATE_PERMISSION = 0x0003, 0x0004, 0x0008
_SEND_INDICATION = 0x0016
_REQUESTED_TRANSPORT, _LIFETIME = 0x0019, 0x000D
_XOR_PEER_ADDRESS, _DATA = 0x0012, 0x0013
_REALM, _NONCE = 0x0014, 0x0015
_UDP = bytes([17, 0, 0, 0])

_HEADER_BYTES = 20
_MAX_BYTES = 2048
_REPEAT_SECONDS = 0.4
# One may get lost.
_COPIES = 2


class Unreachable(ParleyError):
    """The TURN server does not answer; the text says how."""


class TurnRefused(ParleyError):
    """The TURN server said no, with a ``code`` of RFC 8489 or 8656."""

    def __init__(self, code: int) -> None:
        super().__init__(f"error {code}")
        self.code = code


class TurnClient:
    """One connection; everything within ``seconds``, or ``Unreachable``."""

    def __init__(self, url: str, username: str, credential: str, *, seconds: float) -> None:
        found = _URL.fullmatch(url)
        assert found is not None, url  # the settings were checked
        self._until = time.monotonic() + seconds
        self._username, self._credential = username, credential
        self._login: dict[int, bytes] = {}
        self._key = b""
        secure = found["scheme"] == "turns"
        self._stream = secure or found["transport"] == "tcp"
        self._host = found["ipv6"] or found["host"]
        self._port = int(found["port"] or _PORTS[found["scheme"]])
        self._socket = self._open(secure)

    def close(self) -> None:
        """Hang up."""
        self._socket.close()

    def allocate(self) -> bool:
        """Get an address; whether a name and a password were asked for. Raises ``TurnRefused``."""
        wanted = {_REQUESTED_TRANSPORT: _UDP}
        try:
            self._ask(_ALLOCATE, wanted)
        except _Challenge as challenge:
            self._login = {
                stun.USERNAME: self._username.encode(),
                _REALM: challenge.realm,
                _NONCE: challenge.nonce,
            }
            joined = b":".join((self._username.encode(), challenge.realm))
            # RFC 8489 section 9.2.2: no choice of ours.
            self._key = hashlib.md5(
                joined + b":" + self._credential.encode(), usedforsecurity=False
            ).digest()
            self._ask(_ALLOCATE, wanted)
            return True
        return False

    def permit(self, host: str) -> None:
        """Ask to exchange datagrams with ``host``. Raises ``TurnRefused``."""
        self._ask(_CREATE_PERMISSION, {}, peer=(host, 0))

    def relay(self, datagram: bytes, host: str, port: int) -> bool:
        """Have a datagram sent to where ``permit`` was asked for; nobody says if that was done."""
        transaction = secrets.token_bytes(12)
        attributes = {
            _XOR_PEER_ADDRESS: stun.xor_address(host, port, transaction),
            _DATA: datagram,
        }
        indication = stun.write(_SEND_INDICATION, transaction, attributes, "")
        for _ in range(_COPIES):
            self._socket.sendall(indication)
        return True

    def release(self) -> None:
        """Give the address back."""
        self._ask(_REFRESH, {_LIFETIME: bytes(4)})

    def _open(self, secure: bool) -> socket.socket:
        try:
            kind = socket.SOCK_STREAM if self._stream else socket.SOCK_DGRAM
            family, _, _, _, address = socket.getaddrinfo(self._host, self._port, type=kind)[0]
            opened = socket.socket(family, kind)
            opened.settimeout(self._left())
            try:
                opened.connect(address)
                if secure:
                    context = ssl.create_default_context()
                    opened = context.wrap_socket(opened, server_hostname=self._host)
            except OSError:
                opened.close()
                raise
        except OSError as error:  # TimeoutError and gaierror are some
            raise Unreachable(str(error)) from None
        return opened

    def _left(self) -> float:
        left = self._until - time.monotonic()
        if left <= 0:
            raise Unreachable("no answer")
        return left

    def _ask(
        self, method: int, attributes: dict[int, bytes], peer: tuple[str, int] | None = None
    ) -> None:
        transaction = secrets.token_bytes(12)
        if peer is not None:
            attributes = attributes | {_XOR_PEER_ADDRESS: stun.xor_address(*peer, transaction)}
        request = stun.write(method, transaction, attributes | self._login, self._key)
        try:
            answer = self._exchange(request, transaction)
        except (OSError, MalformedPacket) as error:
            raise Unreachable(str(error)) from None
        if answer.kind == method | 0x0100:
            return
        value = answer.attributes.get(stun.ERROR_CODE, bytes(4))
        code = value[2] * 100 + value[3] if len(value) >= 4 else 0
        if code == 401 and not self._key and _NONCE in answer.attributes:
            raise _Challenge(answer.attributes.get(_REALM, b""), answer.attributes[_NONCE])
        raise TurnRefused(code)

    def _exchange(self, request: bytes, transaction: bytes) -> stun.StunMessage:
        while True:
            self._socket.sendall(request)
            left = self._left()
            self._socket.settimeout(left if self._stream else min(left, _REPEAT_SECONDS))
            try:
                while True:
                    answer = stun.parse(self._receive())
                    if answer.transaction == transaction:
                        return answer
            except TimeoutError:
                self._left()  # raises when that was all

    def _receive(self) -> bytes:
        if not self._stream:
            return self._socket.recv(_MAX_BYTES)
        head = self._exactly(_HEADER_BYTES)
        return head + self._exactly(int.from_bytes(head[2:4], "big"))

    def _exactly(self, size: int) -> bytes:
        data = b""
        while len(data) < size:
            more = self._socket.recv(size - len(data))
            if not more:
                raise Unreachable("it hung up")
            data += more
        return data


class _Challenge(Exception):
    """Who are you? (RFC 8489 section 9.2.4)"""

    def __init__(self, realm: bytes, nonce: bytes) -> None:
        super().__init__()
        self.realm, self.nonce = realm, nonce
