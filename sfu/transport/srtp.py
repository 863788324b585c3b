"""SRTP and SRTCP of one transport (RFC 3711, RFC 7714), over libsrtp or by native code."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

from pylibsrtp import Error, Policy, Session

from sfu.errors import MalformedPacket

if TYPE_CHECKING:
    from sfu.transport.dtls import SrtpKeys

# As many packets as the retransmission cache holds may come late or be sent late.
_WINDOW = 1024

# libsrtp keeps state for every SSRC that passed its check; a publisher may route 32 of them.
MAX_SSRCS = 64

_PROFILES = {
    "SRTP_AEAD_AES_128_GCM": Policy.SRTP_PROFILE_AEAD_AES_128_GCM,
    "SRTP_AEAD_AES_256_GCM": Policy.SRTP_PROFILE_AEAD_AES_256_GCM,
    "SRTP_AES128_CM_SHA1_80": Policy.SRTP_PROFILE_AES128_CM_SHA1_80,
}

_REASONS = {
    "authentication failure": "srtp-auth",
    "replay check failed (bad index)": "srtp-replay",
    "replay check failed (index too old)": "srtp-replay",
    "packet index is too old to consider": "srtp-replay",
    "error parsing data": "srtp-malformed",
    "unsupported parameter": "srtp-malformed",
}


class Sender(Protocol):
    """Protects and unprotects in place of libsrtp."""

    @property
    def protect(self) -> Callable[[bytes], bytes]:
        """An RTP packet protected. Raises ``ValueError``."""
        ...

    @property
    def unprotect(self) -> Callable[[bytes], bytes]:
        """The RTP packet inside. Raises ``ValueError`` with the reason for dropping it."""
        ...

    @property
    def protect_rtcp(self) -> Callable[[bytes], bytes]:
        """A compound RTCP packet protected. Raises ``ValueError`` with the reason."""
        ...

    @property
    def unprotect_rtcp(self) -> Callable[[bytes], bytes]:
        """The compound RTCP packet inside. Raises ``ValueError`` with the reason."""
        ...

    @property
    def stamps(self) -> Callable[[int, int], tuple[int, bytes] | None]:
        """What the packet with that SSRC and sequence number had stamped into its header."""
        ...


class Srtp:
    """Both directions of one association.

    With a ``sender`` libsrtp has nothing to do: no two may count the same packets.

    Raises ``MalformedPacket`` with ``srtp-auth``, ``srtp-replay``, ``srtp-malformed``,
    ``srtp-too-long``, ``srtp-too-many-ssrcs`` or ``srtp-failed``.
    """

    __slots__ = ("_flag", "_inbound", "_outbound", "_sender", "_ssrcs", "protect")

    def __init__(self, keys: SrtpKeys, sender: Sender | None = None) -> None:
        self._sender = sender
        self._ssrcs: set[bytes] = set()
        # Bound here: the egress calls it for every copy, and handles its errors.
        self.protect: Callable[[bytes], bytes]
        if sender is not None:
            self.protect = sender.protect
            return
        profile = _PROFILES[keys.profile]
        # Where a report says that it is encrypted: in its index, behind which AES-CM has the tag.
        self._flag = -4 if "GCM" in keys.profile else -14
        self._inbound = Session(_policy(profile, keys.remote, Policy.SSRC_ANY_INBOUND))
        self._outbound = Session(_policy(profile, keys.local, Policy.SSRC_ANY_OUTBOUND))
        self.protect = self._outbound.protect

    def unprotect(self, data: bytes) -> bytes:
        """The RTP packet inside."""
        if self._sender is not None:
            return _native(self._sender.unprotect, data)
        return self._unprotect(self._inbound.unprotect, data, data[8:12])

    def unprotect_rtcp(self, data: bytes) -> bytes:
        """The compound RTCP packet inside."""
        if self._sender is not None:
            return _native(self._sender.unprotect_rtcp, data)
        plain = self._unprotect(self._inbound.unprotect_rtcp, data, data[4:8])
        if not data[self._flag] & 0x80:
            raise MalformedPacket("srtp-auth")  # libsrtp takes authentic reports in clear
        return plain

    def _unprotect(self, process: Callable[[bytes], bytes], data: bytes, ssrc: bytes) -> bytes:
        if ssrc in self._ssrcs:
            return _guarded(process, data)
        if len(self._ssrcs) >= MAX_SSRCS:
            raise MalformedPacket("srtp-too-many-ssrcs")
        plain = _guarded(process, data)
        self._ssrcs.add(ssrc)
        return plain

    def protect_rtcp(self, data: bytes) -> bytes:
        """A compound RTCP packet protected."""
        if self._sender is not None:
            return _native(self._sender.protect_rtcp, data)
        return _guarded(self._outbound.protect_rtcp, data)


def _native(process: Callable[[bytes], bytes], data: bytes) -> bytes:
    try:
        return process(data)
    except ValueError as error:
        raise MalformedPacket(str(error)) from None


def _guarded(process: Callable[[bytes], bytes], data: bytes) -> bytes:
    try:
        return process(data)
    except ValueError:
        raise MalformedPacket("srtp-too-long") from None
    except Error as error:
        raise MalformedPacket(_REASONS.get(str(error), "srtp-failed")) from None


def _policy(profile: int, key: bytes, direction: int) -> Policy:
    policy = Policy(key=key, ssrc_type=direction, srtp_profile=profile)
    policy.window_size = _WINDOW
    # A receiver without RTX gets the identical packet again, which leaks nothing.
    policy.allow_repeat_tx = True
    return policy
