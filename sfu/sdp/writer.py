"""From a session description to its text, in the order browsers write it."""

from __future__ import annotations

from collections.abc import Iterator

from sfu.sdp.description import Codec, MediaDescription, SessionDescription


def write(description: SessionDescription) -> str:
    """The text, with CRLF after each line."""
    return "".join(f"{line}\r\n" for line in _lines(description))


def _lines(description: SessionDescription) -> Iterator[str]:
    yield "v=0"
    yield f"o=- {description.session_id} {description.session_version} IN IP4 0.0.0.0"
    yield "s=-"
    yield "t=0 0"
    if description.ice_lite:
        yield "a=ice-lite"
    if description.bundle:
        yield "a=group:BUNDLE " + " ".join(description.bundle)
    if description.extmap_allow_mixed:
        yield "a=extmap-allow-mixed"
    yield "a=msid-semantic: WMS *"
    for media in description.media:
        yield from _media_lines(media)


def _media_lines(media: MediaDescription) -> Iterator[str]:
    yield f"m={media.kind} {media.port} {media.protocol} {' '.join(media.formats)}"
    yield "c=IN IP4 0.0.0.0"
    for candidate in media.candidates:
        yield f"a=candidate:{candidate}"
    if media.candidates:
        yield "a=end-of-candidates"
    if media.ufrag:
        yield f"a=ice-ufrag:{media.ufrag}"
    if media.pwd:
        yield f"a=ice-pwd:{media.pwd}"
    for fingerprint in media.fingerprints:
        yield f"a=fingerprint:{fingerprint.algorithm} {fingerprint.value}"
    if media.setup:
        yield f"a=setup:{media.setup}"
    if media.mid:
        yield f"a=mid:{media.mid}"
    if media.bundle_only:
        yield "a=bundle-only"
    for extension in media.extensions:
        direction = f"/{extension.direction}" if extension.direction else ""
        yield f"a=extmap:{extension.id}{direction} {extension.uri}"
    yield f"a={media.direction}"
    if media.msid is not None:
        yield "a=msid:" + " ".join(filter(None, media.msid))
    if media.rtcp_mux:
        yield "a=rtcp-mux"
    if media.rtcp_rsize:
        yield "a=rtcp-rsize"
    if media.extmap_allow_mixed:
        yield "a=extmap-allow-mixed"
    if media.sctp_port is not None:
        yield f"a=sctp-port:{media.sctp_port}"
    if media.max_message_size is not None:
        yield f"a=max-message-size:{media.max_message_size}"
    for codec in media.codecs:
        yield from _codec_lines(codec)
    for rid in media.rids:
        yield f"a=rid:{rid.id} {rid.direction}" + (rid.parameters and f" {rid.parameters}")
    if media.simulcast_send or media.simulcast_receive:
        parts = [
            f"{direction} {';'.join(streams)}"
            for direction, streams in (
                ("send", media.simulcast_send),
                ("recv", media.simulcast_receive),
            )
            if streams
        ]
        yield "a=simulcast:" + " ".join(parts)
    for group in media.ssrc_groups:
        yield f"a=ssrc-group:{group.semantics} " + " ".join(map(str, group.ssrcs))
    for ssrc, attributes in media.ssrcs.items():
        if not attributes:
            yield f"a=ssrc:{ssrc}"
        for key, value in attributes.items():
            yield f"a=ssrc:{ssrc} {key}:{value}"


def _codec_lines(codec: Codec) -> Iterator[str]:
    channels = f"/{codec.channels}" if codec.channels > 1 else ""
    yield f"a=rtpmap:{codec.payload_type} {codec.name}/{codec.clock_rate}{channels}"
    for feedback in codec.feedback:
        yield f"a=rtcp-fb:{codec.payload_type} {feedback}"
    if codec.parameters:
        form = ";".join(
            f"{key}={value}" if key else value for key, value in codec.parameters.items()
        )
        yield f"a=fmtp:{codec.payload_type} {form}"
