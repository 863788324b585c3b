"""The answer to an offer (RFC 8829 section 5.3): what we take of each m-line, and as what."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from sfu.sdp.capabilities import (
    CODECS,
    DATA_FORMAT,
    DATA_PROTOCOL,
    MAX_MESSAGE_SIZE,
    RECEIVE_EXTENSIONS,
    RECEIVE_FEEDBACK,
    SCTP_PORT,
)
from sfu.sdp.codecs import NegotiatedCodec, codec_lines, negotiate, sending_terms
from sfu.sdp.description import (
    Fingerprint,
    HeaderExtension,
    MediaDescription,
    Rid,
    SessionDescription,
    SsrcGroup,
)

__all__ = [
    "LocalParameters",
    "MediaPlan",
    "NegotiatedCodec",
    "NegotiatedMedia",
    "Receive",
    "Reject",
    "Send",
    "answer",
]

_MIRRORED = {"sendonly": "recvonly", "recvonly": "sendonly"}

# RFC 8445 5.1.2.1 with type preference 126 (host); earlier addresses are preferred.
_HOST_PRIORITY = 126 << 24 | 0xFF
_MAX_LOCAL_PREFERENCE = 65535
# TCP comes last, since one lost packet makes all behind it late: RFC 6544 section 4.2, where a
# passive candidate has direction preference 4, with the type preference that browsers give it.
_TCP_PRIORITY = 90 << 24 | 0xFF
_MAX_TCP_PREFERENCE = 4 << 13 | 0x1FFF


@dataclass(frozen=True)
class LocalParameters:
    """Our side of the transport; ``candidates`` are (IP address, UDP port), the best first.

    With ``tcp`` browsers may connect to the same ones over TCP.
    """

    ufrag: str
    pwd: str
    fingerprint: Fingerprint
    candidates: tuple[tuple[str, int], ...]
    session_id: int
    session_version: int
    tcp: bool = False


@dataclass(frozen=True)
class Receive:
    """The browser sends in this m-line."""


@dataclass(frozen=True)
class Send:
    """We send in this m-line, under these names."""

    ssrc: int
    rtx_ssrc: int
    cname: str
    stream_id: str
    track_id: str


@dataclass(frozen=True)
class Reject:
    """Nothing is sent in this m-line."""


MediaPlan = Receive | Send | Reject


@dataclass(frozen=True)
class NegotiatedMedia:
    """What one m-line came to; ``direction`` is ``receive`` or ``send``, seen from here.

    ``extensions`` maps URIs to ids; ``rtx_ssrcs`` maps offered SSRCs to those that repair them.
    """

    mid: str
    kind: str
    direction: str
    codecs: tuple[NegotiatedCodec, ...]
    extensions: Mapping[str, int]
    ssrcs: tuple[int, ...] = ()
    rtx_ssrcs: Mapping[int, int] = field(default_factory=dict)
    rids: tuple[str, ...] = ()


def answer(
    offer: SessionDescription, local: LocalParameters, plans: Mapping[str, MediaPlan]
) -> tuple[SessionDescription, dict[str, NegotiatedMedia]]:
    """Our description, and what each accepted m-line with a plan came to (by mid).

    An m-line without a plan, or with nothing in common, is rejected; an inactive one stays. So
    does the first of the BUNDLE group, as inactive: it stands for the transport of them all
    (RFC 9143 section 7.3.3), and Chromium with ``max-bundle`` refuses an answer that rejects it.
    The first m-line of data channels needs no plan; a further one is rejected.
    """
    answered: list[MediaDescription] = []
    negotiated: dict[str, NegotiatedMedia] = {}
    bundled = set(offer.bundle)
    data = next((media for media in offer.media if _carries_data(media, bundled)), None)
    for media in offer.media:
        line: MediaDescription | None = None
        if media is data:
            line = _data(media, local)
        elif media.mid in bundled and not media.rejected and media.kind in CODECS:
            line, result = _accept(media, plans.get(media.mid, Reject()), local)
            if result is not None:
                negotiated[media.mid] = result
        answered.append(line or _rejected(media))
    _keep_tag(offer, answered, local)
    accepted = {media.mid for media in answered if media.port}
    bundle = tuple(mid for mid in dict.fromkeys(offer.bundle) if mid in accepted)
    candidates = _candidates(local)
    description = SessionDescription(
        media=tuple(
            replace(media, candidates=candidates) if media.mid in bundle[:1] else media
            for media in answered
        ),
        bundle=bundle,
        session_id=local.session_id,
        session_version=local.session_version,
        ice_lite=True,
        extmap_allow_mixed=offer.extmap_allow_mixed,
    )
    return description, negotiated


def _accept(
    media: MediaDescription, plan: MediaPlan, local: LocalParameters
) -> tuple[MediaDescription | None, NegotiatedMedia | None]:
    """The line that carries out ``plan`` and what it comes to; no line when it cannot be done."""
    sending = isinstance(plan, Send)
    feedback, wanted = sending_terms(media) if sending else (RECEIVE_FEEDBACK, RECEIVE_EXTENSIONS)
    codecs = negotiate(media, feedback)
    if not codecs:
        return None, None
    extensions = tuple(
        HeaderExtension(
            extension.id, extension.uri, _MIRRORED.get(extension.direction, extension.direction)
        )
        for extension in media.extensions
        if extension.uri in wanted and _allowed(extension, sending)
    )
    base = replace(
        _base(media, local),
        codecs=codec_lines(codecs),
        formats=tuple(str(codec.payload_type) for codec in codec_lines(codecs)),
        extensions=extensions,
    )
    if media.direction == "inactive":
        return base, None
    result = NegotiatedMedia(
        mid=media.mid,
        kind=media.kind,
        direction="send" if sending else "receive",
        codecs=codecs,
        extensions={extension.uri: extension.id for extension in extensions},
    )
    if isinstance(plan, Send) and media.direction in ("recvonly", "sendrecv"):
        return _sending(base, plan, codecs), result
    if isinstance(plan, Receive) and media.direction in ("sendonly", "sendrecv"):
        return _receiving(base, media, result)
    return None, None


def _carries_data(media: MediaDescription, bundled: set[str]) -> bool:
    """Whether ``media`` offers data channels of the only kind there is (RFC 8841 section 4)."""
    return (
        media.kind == "application"
        and media.mid in bundled
        and not media.rejected
        and media.protocol == DATA_PROTOCOL
        and media.formats == (DATA_FORMAT,)
        and media.sctp_port == SCTP_PORT
    )


def _data(media: MediaDescription, local: LocalParameters) -> MediaDescription:
    return replace(
        _base(media, local),
        direction="sendrecv",
        formats=media.formats,
        rtcp_mux=False,
        sctp_port=SCTP_PORT,
        max_message_size=MAX_MESSAGE_SIZE,
    )


def _base(media: MediaDescription, local: LocalParameters) -> MediaDescription:
    """An inactive m-line with our side of the transport, and no codecs yet."""
    return MediaDescription(
        kind=media.kind,
        mid=media.mid,
        protocol=media.protocol,
        direction="inactive",
        ufrag=local.ufrag,
        pwd=local.pwd,
        fingerprints=(local.fingerprint,),
        setup="passive",
        rtcp_mux=True,
        rtcp_rsize=media.rtcp_rsize,
        extmap_allow_mixed=media.extmap_allow_mixed,
    )


def _keep_tag(
    offer: SessionDescription, answered: list[MediaDescription], local: LocalParameters
) -> None:
    """Make the m-line that stands for the transport inactive where it was rejected.

    It needs our codecs, or else the browser's: nothing will use them. With codecs we do not
    have and no other m-line to carry, it stays rejected.
    """
    for index, media in enumerate(offer.media):
        if media.mid not in offer.bundle[:1] or media.kind not in CODECS:
            continue
        if media.rejected or answered[index].port:
            continue
        codecs = codec_lines(negotiate(media, RECEIVE_FEEDBACK))
        if not codecs and any(line.port for line in answered):
            codecs = tuple(replace(codec, feedback=()) for codec in media.codecs)
        if codecs:
            answered[index] = replace(
                _base(media, local),
                codecs=codecs,
                formats=tuple(str(codec.payload_type) for codec in codecs),
            )


def _receiving(
    base: MediaDescription, media: MediaDescription, result: NegotiatedMedia
) -> tuple[MediaDescription, NegotiatedMedia]:
    offered = {rid.id for rid in media.rids if rid.direction == "send"}
    rids = tuple(rid for rid in dict.fromkeys(media.simulcast_send) if rid in offered)
    repairs = {
        group.ssrcs[0]: group.ssrcs[1]
        for group in media.ssrc_groups
        if group.semantics == "FID" and len(group.ssrcs) == 2
    }
    repairing = set(repairs.values())
    primaries = tuple(ssrc for ssrc in media.ssrcs if ssrc not in repairing)
    return (
        replace(
            base,
            direction="recvonly",
            rids=tuple(Rid(rid, "recv") for rid in rids),
            simulcast_receive=rids,
        ),
        replace(result, ssrcs=primaries, rtx_ssrcs=repairs, rids=rids),
    )


def _sending(
    base: MediaDescription, plan: Send, codecs: tuple[NegotiatedCodec, ...]
) -> MediaDescription:
    """With the lines that tell a browser our SSRCs; else it could not tell slots apart."""
    attributes = {"cname": plan.cname, "msid": f"{plan.stream_id} {plan.track_id}"}
    ssrcs = {plan.ssrc: attributes}
    groups: tuple[SsrcGroup, ...] = ()
    if any(codec.rtx_payload_type is not None for codec in codecs):
        ssrcs[plan.rtx_ssrc] = attributes
        groups = (SsrcGroup("FID", (plan.ssrc, plan.rtx_ssrc)),)
    return replace(
        base,
        direction="sendonly",
        msid=(plan.stream_id, plan.track_id),
        ssrcs=ssrcs,
        ssrc_groups=groups,
    )


def _allowed(extension: HeaderExtension, sending: bool) -> bool:
    """Whether the browser lets this extension travel in our direction (RFC 8285 section 6)."""
    blocked = "sendonly" if sending else "recvonly"
    return extension.direction not in (blocked, "inactive")


def _rejected(media: MediaDescription) -> MediaDescription:
    return MediaDescription(
        kind=media.kind,
        mid=media.mid,
        port=0,
        protocol=media.protocol,
        formats=media.formats or ("0",),
        direction="inactive",
    )


def _candidates(local: LocalParameters) -> tuple[str, ...]:
    lines = []
    for index, (host, port) in enumerate(local.candidates):
        ipaddress.ip_address(host)
        priority = _HOST_PRIORITY | (_MAX_LOCAL_PREFERENCE - index) << 8
        lines.append(f"{index + 1} 1 udp {priority} {host} {port} typ host")
    udp = len(lines)
    for index, (host, port) in enumerate(local.candidates if local.tcp else ()):
        priority = _TCP_PRIORITY | (_MAX_TCP_PREFERENCE - index) << 8
        foundation = udp + index + 1
        lines.append(f"{foundation} 1 tcp {priority} {host} {port} typ host tcptype passive")
    return tuple(lines)
