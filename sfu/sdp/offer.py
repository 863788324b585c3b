"""What an offer says: the browser's side of the transport, its sources and its slots."""

from __future__ import annotations

from dataclasses import dataclass

from sfu.errors import ProtocolError
from sfu.sdp.capabilities import FINGERPRINT_ALGORITHMS, LARGEST_MESSAGE, MAX_MESSAGE_SIZE
from sfu.sdp.description import Fingerprint, SessionDescription


@dataclass(frozen=True)
class RemoteParameters:
    """The browser's side of the transport."""

    ufrag: str
    pwd: str
    fingerprints: tuple[Fingerprint, ...]
    setup: str


def remote_parameters(offer: SessionDescription) -> RemoteParameters:
    """The browser's transport, which all bundled m-lines share.

    Raises ``ProtocolError`` (``bad-sdp``) when it cannot be one.
    """
    live = [media for media in offer.media if not media.rejected and media.mid in offer.bundle]
    if not live:
        raise ProtocolError("bad-sdp", "The offer needs at least one m-line in a BUNDLE group.")
    first = live[0]
    if any(not media.rtcp_mux for media in live if media.kind != "application"):
        raise ProtocolError("bad-sdp", "Every m-line must have rtcp-mux.")
    if not first.ufrag or not first.pwd:
        raise ProtocolError("bad-sdp", "The offer has no ice-ufrag or no ice-pwd.")
    fingerprints = tuple(
        fingerprint
        for fingerprint in first.fingerprints
        if fingerprint.algorithm in FINGERPRINT_ALGORITHMS
    )
    if not fingerprints:
        raise ProtocolError("bad-sdp", "The offer needs a fingerprint with sha-256 or better.")
    if first.setup not in ("actpass", "active"):
        raise ProtocolError("bad-sdp", "The offer must have setup:actpass.")
    return RemoteParameters(first.ufrag, first.pwd, fingerprints, first.setup)


def max_message_size(offer: SessionDescription) -> int:
    """Bytes that the browser takes in one message of a data channel (RFC 8841 section 6.1)."""
    sizes = [media.max_message_size for media in offer.media if media.kind == "application"]
    size = next((size for size in sizes if size is not None), MAX_MESSAGE_SIZE)
    return min(size or LARGEST_MESSAGE, LARGEST_MESSAGE)  # 0 stands for any


def sending_mids(offer: SessionDescription) -> list[str]:
    """The m-lines in which the browser sends, or could."""
    return [
        media.mid
        for media in offer.media
        if media.direction in ("sendonly", "sendrecv") and not media.rejected
    ]


def slot_mids(offer: SessionDescription) -> list[tuple[str, str]]:
    """The receive-only m-lines paired in order, audio first; what finds no partner is left."""
    mids: dict[str, list[str]] = {"audio": [], "video": []}
    for media in offer.media:
        if media.direction == "recvonly" and not media.rejected and media.kind in mids:
            mids[media.kind].append(media.mid)
    return list(zip(mids["audio"], mids["video"], strict=False))
