"""A published track on its way to one participant: a send stream fed from one of its layers."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from sfu.media.layer_filter import ALL_LAYERS
from sfu.media.source import Kind
from sfu.rtp.extensions import ABS_SEND_TIME, DEPENDENCY_DESCRIPTOR, MID, TRANSPORT_CC
from sfu.rtp.rewrite import ExtensionPlan
from sfu.sdp.capabilities import SEND_EXTENSIONS

if TYPE_CHECKING:
    from collections.abc import Callable

    from sfu.media.allocation import Grant, Option
    from sfu.media.drop_reason import DropReason
    from sfu.media.layer import Layer
    from sfu.media.published_track import PublishedTrack
    from sfu.media.receive_stream import ReceiveStream
    from sfu.media.send_stream import SendStream
    from sfu.rtp.packet import RtpPacket
    from sfu.sdp.answer import NegotiatedCodec, NegotiatedMedia

# What says the same to every receiver travels; the mid is each receiver's own, and what measures
# the path is ours.
FORWARDED_EXTENSIONS = SEND_EXTENSIONS - {MID, TRANSPORT_CC, ABS_SEND_TIME}
# The last decisions are kept for whoever asks why a picture is what it is.
MAX_DECISIONS = 16
# Measured rates have forgotten most of a keyframe after this long.
BEGIN_SECONDS = 3.0


def _raised(error: Exception) -> None:
    raise error


class SubscribedTrack:
    """Binds ``published`` to ``send`` from construction until ``end``.

    ``starved`` is called while the layer that was granted does not come, ``faulty`` with an
    exception that nobody foresaw. ``grant`` is what the
    allocation gave last, on a path that was found to be ``narrow`` or not; ``decisions`` are its
    last changes with the time (seconds, our clock) and the reason.
    """

    __slots__ = (
        "_begun",
        "_extensions",
        "_granted",
        "_payload_types",
        "_starved",
        "decisions",
        "drops",
        "faulty",
        "grant",
        "narrow",
        "published",
        "send",
    )

    def __init__(
        self,
        published: PublishedTrack,
        send: SendStream,
        media: NegotiatedMedia,
        starved: Callable[[], None] = lambda: None,
        faulty: Callable[[Exception], None] = _raised,
    ) -> None:
        self.faulty = faulty
        self._starved = starved
        self.published = published
        self.send = send
        self.grant: Grant | None = None
        self.narrow = False
        self.drops: dict[DropReason, int] = {}
        self.decisions: deque[tuple[float, str]] = deque(maxlen=MAX_DECISIONS)
        self._granted: tuple[Layer, int] | None = None
        self._begun: tuple[float, Option | None] = float("-inf"), None
        self._payload_types = _payload_types(published.media, media)
        self._extensions = _extension_plan(published.media, media)
        published.subscribe(self)
        self._begin()

    def decide(self, stream: ReceiveStream, packet: RtpPacket, sequence: int, now: float) -> bool:
        """Whether ``packet`` goes out, rewritten as ``send.rewrite`` says."""
        reason = self.send.forwarder.decide(stream, packet, sequence, now)
        if reason is None:
            return True
        self.drops[reason] = self.drops.get(reason, 0) + 1
        return False

    @property
    def awaits_picture(self) -> bool:
        """Whether only a keyframe brings the picture that was asked for."""
        return self.published.kind is Kind.VIDEO and self.send.forwarder.awaits_keyframe

    @property
    def paused(self) -> bool:
        """Whether the bandwidth does not even carry the lowest layer."""
        grant = self.grant
        return grant is not None and grant.option is None and grant.wanted is not None

    @property
    def current(self) -> Option | None:
        """What was granted last, at the rate it has now."""
        if self._granted is None:
            return None
        layer, temporal = self._granted
        for option in self.published.ladder.options:
            if option.temporal == temporal and self.published.ladder.at(option.spatial) is layer:
                return option
        return None

    def options(self, now: float) -> tuple[Option, ...]:
        """The ways to forward it. A picture begins with a keyframe, which is several times the size
        of other frames: for a moment it costs no more than when it was let in, or its own beginning
        would turn it away again.
        """
        options = self.published.ladder.options
        since, first = self._begun
        if first is None or now - since >= BEGIN_SECONDS:
            return options
        return tuple(
            first if option.bitrate > first.bitrate and _same(option, first) else option
            for option in options
        )

    @property
    def settled(self) -> bool:
        """Whether what was granted is what is forwarded."""
        forwarder, granted = self.send.forwarder, self._granted
        return (
            granted is not None
            and granted[0].stream is forwarder.target
            and not forwarder.awaits_keyframe
        )

    @property
    def wanted(self) -> set[int]:
        """The layers (``Layer.spatial``) that must come: what is shown or about to be, what is
        granted and, while the bandwidth limits the track, the next larger one to climb to and the
        lowest to fall back to.
        """
        grant = self.grant
        if grant is None:
            target = self.send.forwarder.target
            return {layer.spatial for layer in target.layers[:1]} if target is not None else {0}
        if grant.wanted is None:
            return set()
        if grant.option is None:
            return {0}
        forwarder, given = self.send.forwarder, grant.option.spatial
        wanted = {given}
        if forwarder.run is not None:
            wanted.add(forwarder.run.stream.layers[0].spatial)
        if forwarder.target is not None:
            wanted.add(forwarder.target.layers[0].spatial)
        if grant.option != grant.wanted:
            wanted |= {0, min(given + 1, grant.wanted.spatial)}
        return wanted

    def climbs(self, grant: Grant) -> bool:
        """Whether ``grant`` begins a larger layer than the one before, or ends a pause."""
        if grant.option is None:
            return False
        if self._granted is None:
            return self.paused
        return grant.option.spatial > self._granted[0].spatial

    def apply(self, grant: Grant, now: float, spare: float = 0.0) -> None:
        """Forward what ``grant`` gives: at once where it is less of the same stream, else from the
        next frame that allows it. So many bits/s are ``spare`` on the path.
        """
        self._note(grant, now)
        self.grant = grant
        option, forwarder = grant.option, self.send.forwarder
        layer = self.published.ladder.at(option.spatial) if option is not None else None
        if option is None or layer is None:
            self._granted = None
            forwarder.pause()
            return
        if self._granted is None:
            self._begun = now, option
        before, self._granted = self._granted, (layer, option.temporal)
        stream, run = layer.stream, forwarder.run
        if run is not None and run.stream is stream:
            forwarder.limit(layer.spatial_id, option.temporal)
            self._aim(layer, option.temporal)
        elif before is not None and (run is None or not run.stream.layers[0].live):
            self._begin_again(layer, option.temporal, now)
        elif forwarder.target is not stream:
            if run is not None and layer.spatial < run.stream.layers[0].spatial:
                # The keyframe takes a moment, much longer where the layer was paused: until then
                # as much of the larger layer as the path carries.
                larger = run.stream.layers[0]
                forwarder.limit(larger.spatial_id, larger.within(option.bitrate + spare))
            self._aim(layer, option.temporal)
            self.published.want_keyframe(stream, "layer-switch")
        if forwarder.awaits_keyframe and forwarder.target is not None:
            forwarder.target.keyframes.wish()

    def _begin_again(self, layer: Layer, temporal: int, now: float) -> None:
        """Nothing is shown, and any picture is better than none: the first one that comes, before
        the best one.
        """
        target = self.send.forwarder.target
        if target is not None and target.layers[0].comes(now):
            return
        first = layer if layer.comes(now) else self.published.ladder.lowest() or layer
        if first.stream is not target:
            self._aim(first, temporal if first is layer else ALL_LAYERS)
            self.published.want_keyframe(first.stream, "layer-switch")

    def layers_measured(self) -> None:
        """It is known anew which layers of the track come."""
        if self._granted is not None and not self._granted[0].live:
            self._starved()

    def layer_began(self, stream: ReceiveStream, old: ReceiveStream | None) -> None:
        """A layer of the track was heard for the first time, or anew in place of ``old``."""
        target = self.send.forwarder.target
        if target is None and self.paused:
            return
        if target is None or target is old:
            self._begin(stream)

    def flow(self, flows: bool) -> None:
        """Go on with the track, unless the allocation gives it nothing, or leave it out."""
        if not flows:
            self.send.forwarder.pause()
        elif self.grant is None or self.grant.option is not None:
            self._begin()
        if self.published.kind is Kind.VIDEO:
            self._starved()  # its share of the path is another one now

    def end(self) -> None:
        """Unbind; the send stream keeps its numbers for whoever comes next."""
        self.published.unsubscribe(self)
        self.send.forwarder.release()

    def _begin(self, stream: ReceiveStream | None = None) -> None:
        """Latch ``stream``, else the lowest layer there is."""
        layer = stream.layers[0] if stream is not None else self.published.ladder.lowest()
        if layer is None or not self.published.flows:
            return
        self._aim(layer)
        self.published.want_keyframe(layer.stream, "new-subscriber")

    def _aim(self, layer: Layer, temporal: int = ALL_LAYERS) -> None:
        self.send.forwarder.aim(
            layer.stream, self._payload_types, self._extensions, layer.spatial_id, temporal
        )

    def _note(self, grant: Grant, now: float) -> None:
        before = self.grant
        if before is None or _name(before.option) != _name(grant.option):
            was = _name(before.option) if before is not None else "begin"
            self.decisions.append((now, f"{was} → {_name(grant.option)}: {grant.reason}"))


def _same(option: Option, other: Option) -> bool:
    return option.spatial == other.spatial and option.temporal == other.temporal


def _name(option: Option | None) -> str:
    """What an option is called in explanations."""
    if option is None:
        return "paused"
    height = f"{option.height}p" if option.height else f"layer {option.spatial}"
    return f"{height} T{option.temporal}"


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
    if name == "red":
        # Its payload names the payload types it carries (RFC 2198): nobody rewrites those.
        return sent.carried == received.carried
    if name != "h264":
        return sent.channels == received.channels
    return _h264_form(sent) == _h264_form(received)


def _h264_form(codec: NegotiatedCodec) -> tuple[str, str]:
    """Packetization mode and profile; the level may differ."""
    parameters = codec.parameters
    mode = parameters.get("packetization-mode", "0")
    return mode, parameters.get("profile-level-id", "42e01f")[:4].lower()


def _extension_plan(published: NegotiatedMedia, subscribed: NegotiatedMedia) -> ExtensionPlan:
    """What travels from the publisher's header extensions, and what we add.

    The dependency descriptor, whose frame numbers we write, travels only where everything is sent
    again by RTX: a plain retransmission must repeat the very same bytes (decision 5).
    """
    ids = dict(subscribed.extensions)
    if any(codec.rtx_payload_type is None for codec in subscribed.codecs):
        ids.pop(DEPENDENCY_DESCRIPTOR, None)
    return ExtensionPlan(
        forwarded=tuple(
            (number, ids[uri])
            for uri, number in published.extensions.items()
            if uri in FORWARDED_EXTENSIONS and uri in ids
        ),
        transport_cc=ids.get(TRANSPORT_CC, 0),
        abs_send_time=ids.get(ABS_SEND_TIME, 0),
        dependency=ids.get(DEPENDENCY_DESCRIPTOR, 0),
    )
