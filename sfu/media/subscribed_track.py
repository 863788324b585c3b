"""A published track on its way to one participant: a send stream fed from it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sfu.rtp.extensions import MID
from sfu.sdp.capabilities import SEND_EXTENSIONS

if TYPE_CHECKING:
    from sfu.media.drop_reason import DropReason
    from sfu.media.published_track import PublishedTrack
    from sfu.media.receive_stream import ReceiveStream
    from sfu.media.send_stream import SendStream
    from sfu.rtp.packet import RtpPacket
    from sfu.sdp.answer import NegotiatedCodec, NegotiatedMedia

# What says the same to every receiver travels; the mid is each receiver's own.
FORWARDED_EXTENSIONS = SEND_EXTENSIONS - {MID}


class SubscribedTrack:
    """Binds ``published`` to ``send`` from construction until ``end``."""

    __slots__ = ("drops", "media", "published", "send")

    def __init__(self, published: PublishedTrack, send: SendStream, media: NegotiatedMedia) -> None:
        self.published = published
        self.send = send
        self.media = media
        self.drops: dict[DropReason, int] = {}
        published.subscribe(self)

    def aim(self, stream: ReceiveStream) -> None:
        """Feed the send stream from ``stream``, from its next keyframe on."""
        self.send.forwarder.aim(
            stream,
            _payload_types(self.published.media, self.media),
            _extension_map(self.published.media, self.media),
        )

    def decide(self, stream: ReceiveStream, packet: RtpPacket, sequence: int, now: float) -> bool:
        """Whether ``packet`` goes out, rewritten as ``send.rewrite`` says."""
        reason = self.send.forwarder.decide(stream, packet, sequence, now)
        if reason is None:
            return True
        self.drops[reason] = self.drops.get(reason, 0) + 1
        return False

    def end(self) -> None:
        """Unbind; the send stream keeps its numbers for whoever comes next."""
        self.published.unsubscribe(self)
        self.send.forwarder.release()


def _payload_types(published: NegotiatedMedia, subscribed: NegotiatedMedia) -> dict[int, int]:
    """The publisher's payload types and the subscriber's for the same codec and parameters."""
    types: dict[int, int] = {}
    for codec in published.codecs:
        for other in subscribed.codecs:
            if _decodable(codec, other):
                types[codec.payload_type] = other.payload_type
                break
    return types


def _decodable(sent: NegotiatedCodec, received: NegotiatedCodec) -> bool:
    """Whether a decoder for ``received`` takes ``sent``; H.264 by RFC 6184 section 8.1."""
    name = sent.name.lower()
    if name != received.name.lower() or sent.clock_rate != received.clock_rate:
        return False
    if name != "h264":
        return sent.channels == received.channels
    return _h264_form(sent) == _h264_form(received)


def _h264_form(codec: NegotiatedCodec) -> tuple[str, str]:
    """Packetization mode and profile; the level may differ."""
    parameters = codec.parameters
    mode = parameters.get("packetization-mode", "0")
    return mode, parameters.get("profile-level-id", "42e01f")[:4].lower()


def _extension_map(
    published: NegotiatedMedia, subscribed: NegotiatedMedia
) -> tuple[tuple[int, int], ...]:
    """Header extensions that travel, as pairs of the publisher's and the subscriber's id."""
    return tuple(
        (number, subscribed.extensions[uri])
        for uri, number in published.extensions.items()
        if uri in FORWARDED_EXTENSIONS and uri in subscribed.extensions
    )
