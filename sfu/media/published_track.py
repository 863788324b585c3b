"""One source that a participant publishes, and the fan-out loop to everybody who gets it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sfu.media.drop_reason import DropReason
from sfu.media.source import Kind, Source
from sfu.rtp.codecs import marker_for
from sfu.rtp.codecs.mark import PayloadMark

if TYPE_CHECKING:
    from collections.abc import Callable

    from sfu.counters import Counters
    from sfu.media.ports import Egress
    from sfu.media.receive_stream import ReceiveStream
    from sfu.media.send_stream import SendStream
    from sfu.media.subscribed_track import SubscribedTrack
    from sfu.rtp.packet import RtpPacket
    from sfu.sdp.answer import NegotiatedMedia

# Browsers probe with packets that hold only padding; they keep their place in the numbering.
_PADDING = PayloadMark(keyframe=False, start_of_frame=False)


class PublishedTrack:
    """A microphone, camera, screen or screen's audio as it arrives here.

    ``streams`` holds its layers, the lowest first (one without simulcast); ``subscribed`` is this
    track's routing table.
    """

    __slots__ = (
        "_copies",
        "_counters",
        "_egress",
        "_markers",
        "_traffic",
        "id",
        "kind",
        "media",
        "muted",
        "packets",
        "participant",
        "source",
        "streams",
        "subscribed",
    )

    def __init__(
        self,
        *,
        id: str,
        participant: str,
        source: Source,
        muted: bool,
        media: NegotiatedMedia,
        egress: Egress,
        counters: Counters,
    ) -> None:
        self.id = id
        self.participant = participant
        self.source = source
        self.kind = Kind(media.kind)
        self.muted = muted
        self.media = media
        self.streams: list[ReceiveStream] = []
        self.subscribed: list[SubscribedTrack] = []
        self.packets = 0
        self._egress = egress
        self._counters = counters
        self._traffic = counters.traffic(media.kind)
        self._copies: list[SendStream] = []
        self._markers: dict[int, Callable[[RtpPacket], PayloadMark]] = {
            codec.payload_type: marker_for(codec.name) for codec in media.codecs
        }

    def receive(self, stream: ReceiveStream, packet: RtpPacket, now: float) -> DropReason | None:
        """Take one packet of a layer to everybody who gets it.

        None when it was new; otherwise why it was dropped here, as for ``ReceiveStream.receive``.
        Raises ``MalformedPacket`` when the payload is not what its codec writes.
        """
        marker = self._markers.get(packet.payload_type)
        if marker is None:
            return DropReason.UNKNOWN_PAYLOAD_TYPE
        empty = packet.payload_offset >= packet.payload_end
        packet.mark = mark = _PADDING if empty else marker(packet)
        sequence = stream.receive(packet, now)
        if isinstance(sequence, DropReason):
            return sequence
        self.packets += 1
        if mark.keyframe:
            stream.keyframes.arrived()
        copies = self._copies
        copies.clear()
        for subscribed in self.subscribed:
            if subscribed.decide(stream, packet, sequence, now):
                copies.append(subscribed.send)
        if copies:
            self._egress.emit(packet, copies, self._traffic)
        return None

    def best_stream(self) -> ReceiveStream | None:
        """The layer to begin with; None before the first packet."""
        return self.streams[0] if self.streams else None

    def add_stream(self, stream: ReceiveStream) -> None:
        """A layer was heard for the first time (or began anew, in place of its old stream)."""
        self.streams = [old for old in self.streams if old.rid != stream.rid]
        self.streams.append(stream)
        for subscribed in self.subscribed:
            self._begin(subscribed)

    def subscribe(self, subscribed: SubscribedTrack) -> None:
        """Add a row to the routing table."""
        self.subscribed.append(subscribed)
        self._begin(subscribed)

    def unsubscribe(self, subscribed: SubscribedTrack) -> None:
        """Remove a row from the routing table."""
        self.subscribed.remove(subscribed)

    def want_keyframe(self, stream: ReceiveStream, reason: str) -> None:
        """A subscriber cannot decode without a keyframe of ``stream``; ``reason`` is counted."""
        if self.kind is Kind.VIDEO:
            self._counters.keyframe_requests[reason] += 1
            stream.keyframes.wish()

    def _begin(self, subscribed: SubscribedTrack) -> None:
        stream = self.best_stream()
        if stream is None:
            return
        subscribed.aim(stream)
        self.want_keyframe(stream, "new-subscriber")
