"""The layers of one published track in order of quality, and which of them anybody watches."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sfu.media.layer import Layer

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sfu.media.allocation import Option
    from sfu.media.receive_stream import ReceiveStream
    from sfu.rtp.packet import RtpPacket

# Rates are measured this often: a few frames each time.
MEASURE_SECONDS = 0.2
# Who makes a tile large and small again, or pages through a room, should not wait for a keyframe
# each time: a layer is paused when nobody has wanted it for this long.
PAUSE_SECONDS = 2.0
# An SVC stream has at most four spatial layers (RFC 9628, and the levels of AV1 in use).
MAX_SPATIAL = 4


class Ladder:
    """The layers of a track, the lowest first; ``options`` are the ways to forward it.

    ``rids`` are the encodings of simulcast in the order of the offer, which is taken for
    ascending until their heights tell otherwise; empty without simulcast. ``awaited`` while
    somebody waits for a layer that is paused; ``due`` is when ``measure`` has something to do.
    """

    __slots__ = ("_wanted_at", "awaited", "due", "layers", "options", "paused", "rids")

    def __init__(self, rids: Sequence[str]) -> None:
        self.rids = tuple(rids)
        self.layers: list[Layer] = []
        self.options: tuple[Option, ...] = ()
        self.paused: frozenset[str] = frozenset()  # rids that the publisher was told not to send
        self.awaited = False
        self.due = float("-inf")
        self._wanted_at: dict[str, float] = {}

    def begin(self, stream: ReceiveStream) -> ReceiveStream | None:
        """A layer was heard for the first time, or began anew: then its old stream is returned."""
        for layer in self.layers:
            if layer.stream.rid == stream.rid:
                old = layer.stream
                stream.layers = old.layers
                stream.keyframes = old.keyframes  # who begins anew all the time is not stormed
                for each in stream.layers:
                    each.stream = stream
                return old
        layer = Layer(stream, len(self.layers), paused=stream.rid in self.paused)
        stream.layers = [layer]
        self.layers.append(layer)
        self._order()
        return None

    def count(self, stream: ReceiveStream, packet: RtpPacket, now: float) -> None:
        """Note what one packet says of its layer; padding, and a stream that another one has taken
        the place of, say nothing.
        """
        mark, dependency = packet.mark, packet.dependency
        assert mark is not None
        size = packet.payload_end - packet.payload_offset
        spatial = temporal = 0
        if dependency is not None:
            spatial, temporal = dependency.spatial_id, dependency.temporal_id
        else:
            temporal = mark.temporal_id
        layers = stream.layers
        if layers[0].stream is not stream:
            return
        if spatial >= len(layers):
            spatial = self._extend(stream, spatial)
        layers[spatial].add(temporal, size, now)
        if mark.height:
            layers[-1].height = mark.height
        elif dependency is not None and dependency.keyframe and stream.dependencies is not None:
            structure = stream.dependencies.structure
            heights = structure.heights if structure is not None else ()
            for layer, height in zip(layers, heights, strict=False):
                layer.height = height

    def _extend(self, stream: ReceiveStream, spatial_id: int) -> int:
        """Make room for a spatial layer that an SVC stream did not have before."""
        spatial_id = min(spatial_id, MAX_SPATIAL - 1)
        while len(stream.layers) <= spatial_id:
            layer = Layer(stream, len(self.layers), len(stream.layers))
            stream.layers.append(layer)
            self.layers.append(layer)
        return spatial_id

    def measure(self, now: float, heard_at: float = float("inf")) -> bool:
        """Bring rates and ``options`` up to date; True when the options may have changed.

        A layer of which nothing comes was given up, unless nothing at all was heard of its
        publisher since ``heard_at``: then it is given twice the time.
        """
        if now < self.due:
            return False
        self.due = now + MEASURE_SECONDS
        for layer in self.layers:
            layer.measure(now)
        self._order()
        alone = len(self.layers) == 1
        options: list[Option] = []
        below = 0.0  # of the spatial layers that an SVC layer needs
        for layer in self.layers:
            if layer.spatial_id == 0:
                below = 0.0
            layer.judge(now, min(heard_at, now), alone=alone)
            if layer.live:
                options += layer.options(below)
            below += sum(layer.rates)
        ordered = tuple(sorted(options, key=lambda option: option.bitrate))
        if ordered != self.options:
            self.options = ordered  # else the same tuple: it is compared for every subscriber
        return True

    def lowest(self) -> Layer | None:
        """The layer to begin with: the lowest that comes; None before the first packet."""
        for layer in self.layers:
            if layer.live:
                return layer
        return self.layers[0] if self.layers else None

    def at(self, spatial: int) -> Layer | None:
        """The layer of an option; None when there is none any more."""
        return self.layers[spatial] if 0 <= spatial < len(self.layers) else None

    def pause_unwanted(self, wanted: Iterable[int], now: float) -> bool:
        """Pause simulcast layers that nobody has wanted (by ``spatial``) for a while, resume those
        that somebody wants; True when the publisher is to be told.

        What the publisher gave up itself is not paused: it may come back only unasked.
        """
        self.awaited = False
        if not self.rids:
            return False
        for spatial in wanted:
            layer = self.at(spatial)
            if layer is not None:
                self._wanted_at[layer.stream.rid] = now
        paused = frozenset(
            layer.stream.rid
            for layer in self.layers
            if now - self._wanted_at.setdefault(layer.stream.rid, now) >= PAUSE_SECONDS
            and layer.live
        )
        if paused == self.paused:
            return False
        self.paused = paused
        for layer in self.layers:
            layer.pause(layer.stream.rid in paused, now)
        return True

    def _order(self) -> None:
        """By height where all are known, else as offered."""
        if len(self.layers) > 1 and self.rids:
            heights = {layer.height for layer in self.layers}
            if 0 in heights or len(heights) < len(self.layers):
                self.layers.sort(key=lambda layer: self.rids.index(layer.stream.rid))
            else:
                self.layers.sort(key=lambda layer: layer.height)
        for spatial, layer in enumerate(self.layers):
            layer.spatial = spatial
