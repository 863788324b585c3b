"""Which packets of a stream belong to layers that one copy of it leaves out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sfu.media.sent_frames import SentFrames
from sfu.rtp.dependency_descriptor import NOT_PRESENT, SWITCH

if TYPE_CHECKING:
    from sfu.media.receive_stream import ReceiveStream
    from sfu.rtp.dependency_descriptor import Dependency, DependencyReader
    from sfu.rtp.packet import RtpPacket

# Above all layers that exist: nothing is left out.
ALL_LAYERS = 7


class LayerFilter:
    """Leaves out temporal layers by the payload's mark, and those of SVC by the dependency
    descriptor; fewer layers from the next frame on, more from the next frame that allows it.
    """

    __slots__ = (
        "_decode_target",
        "_frame",
        "_frames",
        "_max_spatial",
        "_max_temporal",
        "_temporal",
    )

    def __init__(self) -> None:
        self._max_spatial = self._max_temporal = ALL_LAYERS
        self._temporal = ALL_LAYERS  # highest temporal id of the frame at hand
        self._decode_target: int | None = None  # of the dependency descriptor
        self._frame = -1  # timestamp of the newest frame
        self._frames = SentFrames()

    def limit(self, spatial_id: int, temporal_id: int) -> None:
        """Leave out what is above these layers; with a ``temporal_id`` of -1, everything."""
        self._max_spatial = spatial_id
        self._max_temporal = temporal_id

    def restart(self) -> None:
        """Another stream begins, with a keyframe."""
        self._temporal = self._max_temporal
        self._decode_target = None
        self._frame = -1
        self._frames = SentFrames()

    def leaves_out(self, stream: ReceiveStream, packet: RtpPacket, *, newest: bool) -> bool:
        """Whether the packet belongs to a layer that is left out, or holds only padding.

        ``newest`` when no later packet came before it.
        """
        if packet.payload_offset >= packet.payload_end:
            return True
        if self._max_temporal < 0 and (newest or self._temporal < 0):
            if self._temporal >= 0:
                self._temporal = -1
                self._decode_target = None
                self._frames = SentFrames()
            return True
        if packet.dependency is not None and stream.dependencies is not None:
            return self._unneeded(stream.dependencies, packet.dependency, newest)
        mark = packet.mark
        assert mark is not None
        if newest and packet.timestamp != self._frame:
            self._frame = packet.timestamp
            if self._temporal > self._max_temporal or mark.keyframe:
                self._temporal = self._max_temporal
            elif mark.switching_point and mark.temporal_id == self._temporal + 1:
                self._temporal = min(mark.temporal_id, self._max_temporal)
        return mark.temporal_id > self._temporal

    def _unneeded(self, reader: DependencyReader, dependency: Dependency, newest: bool) -> bool:
        """Whether the decode target at hand does without the frame."""
        if newest and dependency.start_of_frame:
            wanted = reader.target_for(self._max_spatial, self._max_temporal)
            if wanted != self._decode_target and self._may_begin(reader, wanted, dependency):
                self._decode_target = wanted
                self._temporal = ALL_LAYERS
        if self._temporal < 0:
            return True
        target = self._decode_target
        if target is None or target >= len(dependency.targets):
            return False
        unneeded = dependency.targets[target] == NOT_PRESENT
        if newest and not unneeded:
            self._frames.sent(dependency.frame_number)
        return unneeded

    def _may_begin(
        self, reader: DependencyReader, wanted: int | None, dependency: Dependency
    ) -> bool:
        """Whether the frame leads to another decode target: one that is a part of that at hand, or
        one that begins here and for which everything the frame refers to was sent.
        """
        now = self._decode_target
        if wanted is None or dependency.keyframe:
            return True
        if now is None:
            if self._temporal >= 0:
                return True
        elif now >= len(dependency.targets) or _part_of(reader, wanted, now):
            return True
        return dependency.targets[wanted] == SWITCH and self._frames.has_all(dependency)

    def awaits_keyframe(self, stream: ReceiveStream) -> bool:
        """Whether only a keyframe brings what is wanted: other spatial layers of an SVC stream, or
        anything after nothing.
        """
        if self._temporal < 0:
            return self._max_temporal >= 0
        reader, now = stream.dependencies, self._decode_target
        if reader is None or reader.structure is None or now is None:
            return False
        wanted = reader.target_for(self._max_spatial, self._max_temporal)
        layers = reader.structure.layers
        if wanted is None or now >= len(layers):
            return False
        return layers[wanted][0] != layers[now][0] and not _part_of(reader, wanted, now)

    def ends_picture(self, stream: ReceiveStream, dependency: Dependency) -> bool:
        """Whether the frame ends here and is of the highest spatial layer that is not left out."""
        reader, target = stream.dependencies, self._decode_target
        if reader is None or reader.structure is None or target is None:
            return False
        layers = reader.structure.layers
        return (
            dependency.end_of_frame
            and target < len(layers)
            and dependency.spatial_id == layers[target][0]
        )


def _part_of(reader: DependencyReader, wanted: int, now: int) -> bool:
    """Whether every frame of the decode target ``wanted`` is one of ``now`` as well."""
    templates = reader.structure.templates if reader.structure is not None else ()
    return all(
        one.targets[now] != NOT_PRESENT for one in templates if one.targets[wanted] != NOT_PRESENT
    )
