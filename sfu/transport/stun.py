"""STUN messages as ICE uses them (RFC 8489, RFC 8445 section 7.1)."""

from __future__ import annotations

import hmac
import ipaddress
import struct
import zlib
from dataclasses import dataclass, field

from sfu.errors import MalformedPacket

MAGIC = 0x2112A442
BINDING_REQUEST, BINDING_SUCCESS, BINDING_ERROR = 0x0001, 0x0101, 0x0111

USERNAME = 0x0006
MESSAGE_INTEGRITY = 0x0008
ERROR_CODE = 0x0009
XOR_MAPPED_ADDRESS = 0x0020
PRIORITY = 0x0024
USE_CANDIDATE = 0x0025
FINGERPRINT = 0x8028
ICE_CONTROLLED = 0x8029
ICE_CONTROLLING = 0x802A

_HEADER = struct.Struct("!HHI12s")
_ATTRIBUTE = struct.Struct("!HH")
_FINGERPRINT_XOR = 0x5354554E  # RFC 8489 section 14.7
_INTEGRITY_BYTES = 24  # with its four-byte header
_FINGERPRINT_BYTES = 8
# A browser's check has six to eight attributes in about 100 bytes.
_MAX_ATTRIBUTES = 24
_MAX_BYTES = 600


@dataclass(slots=True)
class StunMessage:
    """One message; ``attributes`` keeps the first of each type, without padding.

    ``integrity_end`` is the length of what MESSAGE-INTEGRITY protects, 0 without that attribute.
    """

    kind: int
    transaction: bytes
    attributes: dict[int, bytes] = field(default_factory=dict)
    data: bytes = b""
    integrity_end: int = 0

    def signed_by(self, password: str) -> bool:
        """Whether MESSAGE-INTEGRITY was made with ``password`` (compared in constant time)."""
        end = self.integrity_end
        given = self.attributes.get(MESSAGE_INTEGRITY)
        if not end or given is None:
            return False
        # The length field counts as if the message ended with MESSAGE-INTEGRITY.
        length = (end - 20 + _INTEGRITY_BYTES).to_bytes(2, "big")
        signed = self.data[:2] + length + self.data[4:end]
        return hmac.compare_digest(_sign(signed, password), given)


def parse(data: bytes) -> StunMessage:
    """The message in ``data``. Raises ``MalformedPacket``; FINGERPRINT is checked when there."""
    size = len(data)
    if size < 20 or size > _MAX_BYTES:
        raise MalformedPacket("stun-length")
    kind, length, magic, transaction = _HEADER.unpack_from(data)
    if magic != MAGIC or kind & 0xC000 or length != size - 20 or length % 4:
        raise MalformedPacket("stun-header")
    message = StunMessage(kind, transaction, data=data)
    position = 20
    for _ in range(_MAX_ATTRIBUTES):
        if position == size:
            return message
        if size - position < 4:
            break
        attribute, length = _ATTRIBUTE.unpack_from(data, position)
        end = position + 4 + length
        if end > size:
            break
        if attribute == FINGERPRINT:
            crc = zlib.crc32(data[:position]) ^ _FINGERPRINT_XOR
            if length != 4 or end != size or data[position + 4 :] != crc.to_bytes(4, "big"):
                raise MalformedPacket("stun-fingerprint")
        elif attribute == MESSAGE_INTEGRITY:
            if length != 20:
                break
            if not message.integrity_end:
                message.integrity_end = position
        elif message.integrity_end:
            # RFC 8489 section 14.5: what follows the signature is not to be believed.
            position = end + -end % 4
            continue
        message.attributes.setdefault(attribute, data[position + 4 : end])
        position = end + -end % 4
    raise MalformedPacket("stun-attribute")


def write(
    kind: int, transaction: bytes, attributes: dict[int, bytes], password: str | bytes
) -> bytes:
    """A message signed with ``password``, or unsigned when that is empty; with FINGERPRINT.

    Bytes are a key that was made of a password (RFC 8489 section 9.2.2).
    """
    body = bytearray()
    for attribute, value in attributes.items():
        body += _ATTRIBUTE.pack(attribute, len(value)) + value + bytes(-len(value) % 4)
    if password:
        head = _HEADER.pack(kind, len(body) + _INTEGRITY_BYTES, MAGIC, transaction)
        body += _ATTRIBUTE.pack(MESSAGE_INTEGRITY, 20) + _sign(head + bytes(body), password)
    head = _HEADER.pack(kind, len(body) + _FINGERPRINT_BYTES, MAGIC, transaction)
    crc = zlib.crc32(head + body) ^ _FINGERPRINT_XOR
    return head + bytes(body) + _ATTRIBUTE.pack(FINGERPRINT, 4) + crc.to_bytes(4, "big")


def xor_address(host: str, port: int, transaction: bytes) -> bytes:
    """The value of XOR-MAPPED-ADDRESS (RFC 8489 section 14.2)."""
    if ":" in host:
        family, address = 2, ipaddress.IPv6Address(host.partition("%")[0]).packed
    else:
        family, address = 1, bytes(map(int, host.split(".")))  # as sockets write it
    mask = MAGIC.to_bytes(4, "big") + transaction
    packed = bytes(a ^ b for a, b in zip(address, mask, strict=False))
    return struct.pack("!BBH", 0, family, port ^ (MAGIC >> 16)) + packed


def error_code(code: int, reason: str) -> bytes:
    """The value of ERROR-CODE (RFC 8489 section 14.8)."""
    return struct.pack("!HBB", 0, code // 100, code % 100) + reason.encode()


def _sign(data: bytes, password: str | bytes) -> bytes:
    key = password.encode() if isinstance(password, str) else password
    return hmac.digest(key, data, "sha1")
