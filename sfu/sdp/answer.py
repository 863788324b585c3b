"""The answer to an offer (RFC 8829 section 5.3): what we take of each m-line, and as what."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from sfu.sdp.capabilities import (
    CODECS,
    RECEIVE_EXTENSIONS,
    RECEIVE_FEEDBACK,
    SEND_EXTENSIONS,
    SEND_FEEDBACK,
)
from sfu.sdp.description import (
    Codec,
    Fingerprint,
    HeaderExtension,
    MediaDescription,
    Rid,
    SessionDescription,
    SsrcGroup,
)

# RFC 8445 5.1.2.1 with type preference 126 (host); earlier addresses are preferred.
_HOST_PRIORITY = 126 << 24 | 0xFF
_MAX_LOCAL_PREFERENCE = 65535


@dataclass(frozen=True)
class LocalParameters:
    """Our side of the transport; ``candidates`` are (IP address, UDP port), the best first."""

    ufrag: str
    pwd: str
    fingerprint: Fingerprint
    candidates: tuple[tuple[str, int], ...]
    session_id: int
    session_version: int


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
class NegotiatedCodec:
    """A codec both sides have, with the payload type of its retransmissions."""

    name: str
    payload_type: int
    clock_rate: int
    channels: int = 1
    parameters: Mapping[str, str] = field(default_factory=dict)
    feedback: tuple[str, ...] = ()
    rtx_payload_type: int | None = None


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

    An m-line without a plan, or with nothing in common, is rejected; an inactive one stays.
    """
    answered: list[MediaDescription] = []
    negotiated: dict[str, NegotiatedMedia] = {}
    for media in offer.media:
        plan = plans.get(media.mid, Reject())
        accepted = None
        if media.mid in offer.bundle and not media.rejected and media.kind in CODECS:
            accepted = _accept(media, plan, local)
        if accepted is None:
            answered.append(_rejected(media))
            continue
        line, result = accepted
        answered.append(line)
        if result is not None:
            negotiated[media.mid] = result
    bundle = tuple(media.mid for media in answered if media.port)
    candidates = _candidates(local)
    for index, media in enumerate(answered):
        if media.port:
            answered[index] = replace(media, candidates=candidates)
            break
    description = SessionDescription(
        media=tuple(answered),
        bundle=bundle,
        session_id=local.session_id,
        session_version=local.session_version,
        ice_lite=True,
        extmap_allow_mixed=offer.extmap_allow_mixed,
    )
    return description, negotiated


def _accept(
    media: MediaDescription, plan: MediaPlan, local: LocalParameters
) -> tuple[MediaDescription, NegotiatedMedia | None] | None:
    sending = isinstance(plan, Send)
    codecs = _negotiate(media, SEND_FEEDBACK if sending else RECEIVE_FEEDBACK)
    if not codecs:
        return None
    wanted = SEND_EXTENSIONS if sending else RECEIVE_EXTENSIONS
    extensions = tuple(
        HeaderExtension(extension.id, extension.uri)
        for extension in media.extensions
        if extension.uri in wanted and _allowed(extension, sending)
    )
    lines = _codec_lines(codecs)
    base = MediaDescription(
        kind=media.kind,
        mid=media.mid,
        protocol=media.protocol,
        formats=tuple(str(codec.payload_type) for codec in lines),
        direction="inactive",
        codecs=lines,
        extensions=extensions,
        ufrag=local.ufrag,
        pwd=local.pwd,
        fingerprints=(local.fingerprint,),
        setup="passive",
        rtcp_mux=True,
        rtcp_rsize=media.rtcp_rsize,
        extmap_allow_mixed=media.extmap_allow_mixed,
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
    if isinstance(plan, Send):
        if media.direction not in ("recvonly", "sendrecv"):
            return None
        return _sending(base, plan, codecs), result
    if isinstance(plan, Receive):
        if media.direction not in ("sendonly", "sendrecv"):
            return None
        return _receiving(base, media, result)
    return None


def _receiving(
    base: MediaDescription, media: MediaDescription, result: NegotiatedMedia
) -> tuple[MediaDescription, NegotiatedMedia]:
    rids = tuple(
        rid.id for rid in media.rids if rid.direction == "send" and rid.id in media.simulcast_send
    )
    repairs = {
        group.ssrcs[0]: group.ssrcs[1]
        for group in media.ssrc_groups
        if group.semantics == "FID" and len(group.ssrcs) == 2
    }
    primaries = tuple(ssrc for ssrc in media.ssrcs if ssrc not in set(repairs.values()))
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


def _negotiate(media: MediaDescription, feedback: frozenset[str]) -> tuple[NegotiatedCodec, ...]:
    """The offered codecs we know, in our order, each with its RTX payload type."""
    repairs = {
        codec.parameters.get("apt", ""): codec.payload_type
        for codec in media.codecs
        if codec.name.lower() == "rtx"
    }
    return tuple(
        NegotiatedCodec(
            name=codec.name,
            payload_type=codec.payload_type,
            clock_rate=codec.clock_rate,
            channels=codec.channels,
            parameters=codec.parameters,
            feedback=tuple(wish for wish in codec.feedback if wish in feedback),
            rtx_payload_type=repairs.get(str(codec.payload_type)),
        )
        for name in CODECS[media.kind]
        for codec in media.codecs
        if codec.name.lower() == name
    )


def _codec_lines(codecs: tuple[NegotiatedCodec, ...]) -> tuple[Codec, ...]:
    lines: list[Codec] = []
    for codec in codecs:
        lines.append(
            Codec(
                payload_type=codec.payload_type,
                name=codec.name,
                clock_rate=codec.clock_rate,
                channels=codec.channels,
                parameters=codec.parameters,
                feedback=codec.feedback,
            )
        )
        if codec.rtx_payload_type is not None:
            lines.append(
                Codec(
                    payload_type=codec.rtx_payload_type,
                    name="rtx",
                    clock_rate=codec.clock_rate,
                    parameters={"apt": str(codec.payload_type)},
                )
            )
    return tuple(lines)


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
    return tuple(lines)
