"""Which of the offered codecs an m-line keeps, and the lines that say so."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from sfu.sdp.capabilities import (
    CODECS,
    COMPANIONS,
    DECODER_LIMITS,
    ESTIMATION_EXTENSIONS,
    ESTIMATION_FEEDBACK,
    PROFILES,
    SEND_EXTENSIONS,
    SEND_FEEDBACK,
)
from sfu.sdp.description import Codec, MediaDescription


@dataclass(frozen=True)
class NegotiatedCodec:
    """A codec both sides have, with the payload type of its retransmissions (RFC 4588).

    ``parameters`` are the browser's own, ``feedback`` what of its wishes we grant.
    """

    name: str
    payload_type: int
    clock_rate: int
    channels: int = 1
    parameters: Mapping[str, str] = field(default_factory=dict)
    feedback: tuple[str, ...] = ()
    rtx_payload_type: int | None = None

    @property
    def carried(self) -> frozenset[str]:
        """The payload types inside of RED's packets (RFC 2198 section 3), as its fmtp has them.

        We do not rewrite them, so RED goes only to a subscriber whose own RED carries the same.
        """
        if self.name.lower() != "red":
            return frozenset()
        return frozenset(self.parameters.get("", "").split("/"))


# Two kinds of media, three answers to each, of a few kinds of browsers.
_KNOWN_OFFERS = 64


class _Offer:
    """The codecs of an m-line, which most m-lines of an offer share, as the key of a cache."""

    __slots__ = ("_key", "media")

    def __init__(self, media: MediaDescription) -> None:
        self.media = media
        self._key = (
            media.kind,
            *(
                (
                    codec.payload_type,
                    codec.name,
                    codec.clock_rate,
                    codec.channels,
                    tuple(codec.parameters.items()),
                    codec.feedback,
                )
                for codec in media.codecs
            ),
        )

    def __hash__(self) -> int:
        return hash(self._key)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Offer) and self._key == other._key


def negotiate(media: MediaDescription, feedback: frozenset[str]) -> tuple[NegotiatedCodec, ...]:
    """The offered codecs we know, in our order; none when no real codec is among them."""
    return _negotiate(_Offer(media), feedback)


@lru_cache(maxsize=_KNOWN_OFFERS)
def _negotiate(offer: _Offer, feedback: frozenset[str]) -> tuple[NegotiatedCodec, ...]:
    media = offer.media
    repairs = {
        codec.parameters.get("apt", ""): codec.payload_type
        for codec in media.codecs
        if codec.name.lower() == "rtx"
    }

    def chosen(known: tuple[tuple[str, int], ...]) -> tuple[NegotiatedCodec, ...]:
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
            for wanted in known
            for codec in media.codecs
            if (codec.name.lower(), codec.clock_rate) == wanted
        )

    real = tuple(codec for codec in chosen(CODECS[media.kind]) if _main_profile(codec))
    known = {str(codec.payload_type) for codec in real}
    companions = chosen(COMPANIONS[media.kind])
    return real and real + tuple(codec for codec in companions if codec.carried <= known)


def _main_profile(codec: NegotiatedCodec) -> bool:
    parameter = PROFILES.get(codec.name.lower())
    return parameter is None or codec.parameters.get(parameter, "0") == "0"


def sending_terms(media: MediaDescription) -> tuple[frozenset[str], frozenset[str]]:
    """The feedback and the header extensions that an m-line we send in may have.

    Bandwidth is estimated only from video of which every codec has RTX. Without RTX a packet is
    repeated under its old SRTP nonce, so it must be the old bytes (RFC 7714), but estimation
    counts each packet anew. Of the two ways to estimate transport-cc is the better.
    """
    codecs = negotiate(media, ESTIMATION_FEEDBACK)
    if media.kind != "video" or any(codec.rtx_payload_type is None for codec in codecs):
        return SEND_FEEDBACK - ESTIMATION_FEEDBACK, SEND_EXTENSIONS - ESTIMATION_EXTENSIONS
    if any("transport-cc" in codec.feedback for codec in codecs):
        return SEND_FEEDBACK - {"goog-remb"}, SEND_EXTENSIONS
    return SEND_FEEDBACK, SEND_EXTENSIONS


def codec_lines(codecs: tuple[NegotiatedCodec, ...]) -> tuple[Codec, ...]:
    """The codecs as our answer lists them, each followed by its RTX."""
    lines: list[Codec] = []
    for codec in codecs:
        lines.append(
            Codec(
                payload_type=codec.payload_type,
                name=codec.name,
                clock_rate=codec.clock_rate,
                channels=codec.channels,
                parameters={
                    key: value
                    for key, value in codec.parameters.items()
                    if key not in DECODER_LIMITS
                },
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
