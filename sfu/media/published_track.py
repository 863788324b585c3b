"""One source that a participant publishes, and the fan-out loop to everybody who gets it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sfu.media.drop_reason import DropReason
from sfu.media.ladder import Ladder
from sfu.media.ports import all_left
from sfu.media.source import Kind, Source
from sfu.rtp.codecs import marker_for
from sfu.rtp.codecs.mark import PayloadMark
from sfu.rtp.dependency_descriptor import DependencyReader
from sfu.rtp.extensions import DEPENDENCY_DESCRIPTOR, find_extension

if TYPE_CHECKING:
    from collections.abc import Callable

    from sfu.counters import Counters
    from sfu.media.ports import Decide, Egress
    from sfu.media.receive_stream import ReceiveStream
    from sfu.media.send_stream import SendStream
    from sfu.media.subscribed_track import SubscribedTrack
    from sfu.rtp.packet import RtpPacket
    from sfu.sdp.answer import NegotiatedMedia

# Sound goes to everybody, whatever their paths carry: no track may be more of it than Opus makes at
# its best (510 kbit/s, twice with RED; 400 packets/s of 2.5 ms). What a busy network or server held
# up for two seconds may come at once.
SOUND_BYTES_PER_SECOND = 160_000
SOUND_BYTES_AT_ONCE = 320_000
LEAST_SOUND_BYTES = 400

# Browsers probe with packets that hold only padding; they keep their place in the numbering.
_PADDING = PayloadMark(keyframe=False, start_of_frame=False)


class PublishedTrack:
    """A microphone, camera, screen or screen's audio as it arrives here.

    ``ladder`` holds its layers; ``subscribed`` is this track's routing table. A track that is not
    ``audible`` is received but goes to nobody: in a big room others are louder. So does one that a
    host ``silenced``, whatever its owner's browser sends.
    """

    __slots__ = (
        "_copies",
        "_counters",
        "_decide",
        "_dependency_id",
        "_egress",
        "_markers",
        "_sound_at",
        "_sound_left",
        "_traffic",
        "audible",
        "id",
        "kind",
        "ladder",
        "media",
        "muted",
        "packets",
        "participant",
        "silenced",
        "source",
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
        self.audible = True
        self.silenced = False
        self.ladder = Ladder(media.rids)
        self.subscribed: list[SubscribedTrack] = []
        self.packets = 0
        self._egress = egress
        self._decide: Decide = getattr(egress, "decide", all_left)
        self._counters = counters
        self._traffic = counters.traffic(media.kind)
        self._copies: list[SendStream] = []
        self._sound_left, self._sound_at = float(SOUND_BYTES_AT_ONCE), float("-inf")
        self.negotiate(media)

    def negotiate(self, media: NegotiatedMedia) -> None:
        """Take over what the latest answer says of the track's m-line."""
        self.media = media
        layered = self.kind is Kind.VIDEO
        self._dependency_id = media.extensions.get(DEPENDENCY_DESCRIPTOR, 0) if layered else 0
        self._markers: dict[int, Callable[[RtpPacket], PayloadMark]] = {
            codec.payload_type: marker_for(codec.name) for codec in media.codecs
        }

    @property
    def streams(self) -> list[ReceiveStream]:
        """Every stream once, that of the lowest layer first."""
        layers = self.ladder.layers
        if len(layers) == 1:
            return [layers[0].stream]  # most tracks, asked in every tick
        return list(dict.fromkeys(layer.stream for layer in layers))

    def receive(self, stream: ReceiveStream, packet: RtpPacket, now: float) -> DropReason | None:
        """Take one packet of a layer to everybody who gets it.

        None when it was new; otherwise why it was dropped here, as for ``ReceiveStream.receive``.
        Raises ``MalformedPacket`` when the payload is not what its codec writes.
        """
        marker = self._markers.get(packet.payload_type)
        if marker is None:
            return DropReason.UNKNOWN_PAYLOAD_TYPE
        if self.kind is Kind.AUDIO and self._floods(packet, now):
            return DropReason.SOUND_FLOOD
        if packet.payload_offset >= packet.payload_end:
            packet.mark = mark = _PADDING
        else:
            packet.mark = mark = marker(packet)
            if mark.picture_id >= 0:
                mark.picture_id = stream.extended_picture_id(mark.picture_id, mark.picture_id_long)
            if self._dependency_id:
                mark = self._read_dependency(stream, packet, mark)
        layer = stream.layers[0]
        if layer.stream is not stream and not layer.comes(now):
            return DropReason.STREAM_RESTARTED  # what had taken its place is silent
        sequence = stream.receive(packet, now)
        if isinstance(sequence, DropReason):
            return sequence
        self.packets += 1
        if mark is not _PADDING:
            self.ladder.count(stream, packet, now)
            if mark.keyframe:
                stream.keyframes.arrived()
        return self.forward(stream, packet, sequence, now)

    def forward(
        self, stream: ReceiveStream, packet: RtpPacket, sequence: int, now: float
    ) -> DropReason | None:
        """Send a packet that was received to everybody who gets it; else why to nobody."""
        if self.silenced:
            return DropReason.SILENCED
        if not self.audible:
            return DropReason.NOT_AUDIBLE
        mark = packet.mark
        assert mark is not None
        copies = self._copies
        copies.clear()
        for subscribed in self._decide(self.subscribed, stream, packet, sequence, now, copies):
            # SubscribedTrack.decide without its call: this is done for every copy.
            send = subscribed.send
            try:
                reason = send.forwarder.decide(stream, packet, sequence, now)
            except Exception as error:
                subscribed.faulty(error)  # neither its publisher's fault nor the others'
                continue
            if reason is None:
                copies.append(send)
            else:
                subscribed.drops[reason] = subscribed.drops.get(reason, 0) + 1
        if copies:
            self._egress.emit(packet, copies, self._traffic, now)
            if mark.keyframe and sequence < stream.losses.highest:
                self._catch_up(stream, sequence, now)
        return None

    def _floods(self, packet: RtpPacket, now: float) -> bool:
        """Whether one more packet of sound is too much now."""
        charge = max(len(packet.data), LEAST_SOUND_BYTES)
        left = self._sound_left + (now - self._sound_at) * SOUND_BYTES_PER_SECOND
        left = min(left, SOUND_BYTES_AT_ONCE)
        self._sound_at = now
        floods = left < charge
        self._sound_left = left if floods else left - charge
        return floods

    def _catch_up(self, stream: ReceiveStream, sequence: int, now: float) -> None:
        """A keyframe's beginning came late: whoever begins with it gets what came since as well.

        Parts of frames must not be missing where nobody lost them.
        """
        begun = [
            each
            for each in self.subscribed
            if (run := each.send.forwarder.run) is not None
            and run.stream is stream
            and run.sequence.newest == sequence
        ]
        for number in range(sequence + 1, stream.losses.highest + 1) if begun else ():
            packet = stream.cache.get(number, now)
            if packet is None or packet.mark is None:
                continue
            if self._dependency_id and packet.dependency is None:
                self._read_dependency(stream, packet, packet.mark)  # its structure came late
            copies = [each.send for each in begun if each.decide(stream, packet, number, now)]
            if copies:
                self._egress.emit(packet, copies, self._traffic, now)

    def _read_dependency(
        self, stream: ReceiveStream, packet: RtpPacket, mark: PayloadMark
    ) -> PayloadMark:
        """Who has a dependency descriptor knows its layers without the payload, even encrypted."""
        element = find_extension(packet, self._dependency_id)
        if element is None:
            return mark
        if stream.dependencies is None:
            stream.dependencies = DependencyReader()
        packet.dependency = dependency = stream.dependencies.read(element)
        # The mark of an encrypted payload is a guess; and every keyframe that can be decoded
        # has a descriptor that can be read.
        keyframe = dependency is not None and dependency.keyframe
        if mark.keyframe is not keyframe:
            # A copy: packets of sound share their mark, whoever sends them.
            packet.mark = mark = replace(mark, keyframe=keyframe)
        return mark

    def add_stream(self, stream: ReceiveStream) -> None:
        """A layer was heard for the first time (or began anew, in place of its old stream)."""
        old = self.ladder.begin(stream)
        for subscribed in self.subscribed:
            subscribed.layer_began(stream, old)

    def subscribe(self, subscribed: SubscribedTrack) -> None:
        """Add a row to the routing table."""
        self.subscribed.append(subscribed)

    def unsubscribe(self, subscribed: SubscribedTrack) -> None:
        """Remove a row from the routing table."""
        self.subscribed.remove(subscribed)

    @property
    def flows(self) -> bool:
        """Whether what arrives goes on to the subscribers."""
        return self.audible and not self.silenced

    def set_audible(self, audible: bool) -> None:
        """Whether the track is among those that a big room hears."""
        self._flow(audible, self.silenced)

    def silence(self, silenced: bool) -> None:
        """Forward nothing of the track, or go on with it (from the next keyframe)."""
        self._flow(self.audible, silenced)

    def _flow(self, audible: bool, silenced: bool) -> None:
        before = self.flows
        self.audible, self.silenced = audible, silenced
        if self.flows is not before:
            for subscribed in self.subscribed:
                subscribed.flow(self.flows)

    def want_keyframe(self, stream: ReceiveStream, reason: str) -> None:
        """A subscriber cannot decode without a keyframe of ``stream``; ``reason`` is counted."""
        if self.kind is Kind.VIDEO:
            self._counters.keyframe_requests[reason] += 1
            stream.keyframes.wish()
            if any(layer.paused for layer in stream.layers):
                self.ladder.awaited = True
