"""Session descriptions (RFC 8866, as JSEP uses them) as immutable values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Codec:
    """One payload type of an m-line; a parameter without ``=`` stands under the empty name."""

    payload_type: int
    name: str
    clock_rate: int
    channels: int = 1
    parameters: Mapping[str, str] = field(default_factory=dict)
    feedback: tuple[str, ...] = ()


@dataclass(frozen=True)
class HeaderExtension:
    """An ``extmap`` line (RFC 8285); ``direction`` is empty when it is not limited."""

    id: int
    uri: str
    direction: str = ""


@dataclass(frozen=True)
class Fingerprint:
    """The hash of a certificate: upper-case hex with colons (RFC 8122)."""

    algorithm: str
    value: str


@dataclass(frozen=True)
class Rid:
    """One simulcast encoding (RFC 8851)."""

    id: str
    direction: str
    parameters: str = ""


@dataclass(frozen=True)
class SsrcGroup:
    """SSRCs that belong together, such as FID: a stream and its retransmissions (RFC 5576)."""

    semantics: str
    ssrcs: tuple[int, ...]


@dataclass(frozen=True)
class MediaDescription:
    """One m-line with its attributes; session-level ICE and DTLS attributes are folded in."""

    kind: str
    mid: str
    port: int = 9
    protocol: str = "UDP/TLS/RTP/SAVPF"
    formats: tuple[str, ...] = ()
    direction: str = "sendrecv"
    codecs: tuple[Codec, ...] = ()
    extensions: tuple[HeaderExtension, ...] = ()
    ufrag: str = ""
    pwd: str = ""
    fingerprints: tuple[Fingerprint, ...] = ()
    setup: str = ""
    ssrcs: Mapping[int, Mapping[str, str]] = field(default_factory=dict)
    ssrc_groups: tuple[SsrcGroup, ...] = ()
    msid: tuple[str, str] | None = None
    rids: tuple[Rid, ...] = ()
    simulcast_send: tuple[str, ...] = ()
    simulcast_receive: tuple[str, ...] = ()
    rtcp_mux: bool = False
    rtcp_rsize: bool = False
    extmap_allow_mixed: bool = False
    bundle_only: bool = False
    sctp_port: int | None = None  # of data channels (RFC 8841), as is the next
    max_message_size: int | None = None  # in bytes; 0: any
    candidates: tuple[str, ...] = ()  # written, never read: browsers find us, not we them

    @property
    def rejected(self) -> bool:
        """Whether the m-line is stopped: port 0, and not because BUNDLE writes it so."""
        return self.port == 0 and not self.bundle_only


@dataclass(frozen=True)
class SessionDescription:
    """A whole description."""

    media: tuple[MediaDescription, ...]
    bundle: tuple[str, ...] = ()
    session_id: int = 0
    session_version: int = 0
    ice_lite: bool = False
    extmap_allow_mixed: bool = False
