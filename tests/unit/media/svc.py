"""An SVC encoder that tells what each frame is decoded from, and a forwarder that it feeds."""

from __future__ import annotations

from dataclasses import dataclass, field

from sfu.media.drop_reason import DropReason
from sfu.media.forwarder import Forwarder
from sfu.media.receive_stream import ReceiveStream
from sfu.media.sender_clock import SenderClock
from sfu.rtp import packet as rtp
from sfu.rtp.codecs.mark import PayloadMark
from sfu.rtp.dependency_descriptor import (
    DISCARDABLE,
    NOT_PRESENT,
    REQUIRED,
    SWITCH,
    Dependency,
    DependencyReader,
    write,
)
from sfu.rtp.dependency_structure import Structure, Template
from sfu.rtp.extensions import find_extension
from sfu.rtp.packet import RtpPacket
from sfu.rtp.rewrite import NO_EXTENSIONS

# L1T3: the temporal id of each of four pictures, and how many pictures back it refers.
PATTERN = ((0, 4), (2, 1), (1, 2), (2, 1))
TEMPORAL = 3
EXTENSION_ID = 5
TYPES = {96: 120}
TICKS = 3000


@dataclass(frozen=True)
class Frame:
    """One frame of one spatial layer; ``references`` are distances in frame numbers."""

    number: int
    spatial_id: int
    temporal_id: int
    key: bool
    references: tuple[int, ...]
    targets: tuple[int, ...]


class SvcEncoder:
    """``layers`` sizes of three frame rates; decode targets are the best first.

    With ``key_only`` the sizes depend on each other only in keyframes (L3T3_KEY). With ``chained``
    pictures of the middle frame rate need the one before, so that only a keyframe leads there.
    """

    def __init__(self, layers: int, *, key_only: bool = False, chained: bool = False) -> None:
        self.layers, self.key_only, self.chained = layers, key_only, chained
        self.wishes = [(s, t) for s in reversed(range(layers)) for t in reversed(range(TEMPORAL))]
        self._position = self._cycle = self._pictures = 0
        kinds = {
            self._frame(s, position, key=key, first=first)
            for s in range(layers)
            for position in range(4)
            for key in (False, True)
            for first in (False, True)
            if not key or position == 0
        }
        templates = {
            Template(each.spatial_id, each.temporal_id, each.targets, each.references)
            for each in kinds
        }
        self.structure = Structure(
            3,
            tuple(sorted(templates, key=lambda one: (one.spatial_id, one.temporal_id))),
            resolutions=tuple((320 << s, 180 << s) for s in range(layers)),
        )

    def _frame(self, spatial: int, position: int, *, key: bool, first: bool) -> Frame:
        temporal, distance = PATTERN[position]
        references = [] if key else [distance * self.layers]
        if self.chained and temporal == 1 and not first:
            references.append(4 * self.layers)
        if spatial and (key or not self.key_only):
            references.append(1)
        targets = tuple(self._indication(spatial, temporal, key, *wish) for wish in self.wishes)
        return Frame(0, spatial, temporal, key, tuple(references), targets)

    def _indication(
        self, spatial: int, temporal: int, key: bool, max_spatial: int, max_temporal: int
    ) -> int:
        if key:
            return SWITCH if spatial <= max_spatial else NOT_PRESENT
        needed = spatial == max_spatial if self.key_only else spatial <= max_spatial
        if not needed or temporal > max_temporal:
            return NOT_PRESENT
        if spatial < max_spatial:
            return REQUIRED
        if temporal == 0:
            return REQUIRED if self.chained and max_temporal else SWITCH
        referred = temporal == 1 and (max_temporal == 2 or self.chained)
        return SWITCH if referred else DISCARDABLE

    def picture(self, *, key: bool = False) -> list[Frame]:
        """The frames of the next picture, one for each size; the first has to be a key picture."""
        if key:
            self._position = self._cycle = 0
        frames = []
        for spatial in range(self.layers):
            kind = self._frame(spatial, self._position, key=key, first=not self._cycle)
            number = self._pictures * self.layers + spatial
            frames.append(
                Frame(
                    number,
                    spatial,
                    kind.temporal_id,
                    key,
                    kind.references,
                    kind.targets,
                )
            )
        self._pictures += 1
        self._position = (self._position + 1) % 4
        self._cycle += self._position == 0
        return frames

    def packets(self, frame: Frame, count: int, first_number: int) -> list[RtpPacket]:
        """The frame in ``count`` packets; their descriptors are written and read back elsewhere."""
        packets = []
        for part in range(count):
            start, end = part == 0, part == count - 1
            dependency = Dependency(
                start,
                end,
                frame.number & 0xFFFF,
                frame.spatial_id,
                frame.temporal_id,
                # One structure per keyframe picture, on the packet that begins it.
                frame.key and start and frame.spatial_id == 0,
                frame.targets,
                frame.references,
            )
            data = rtp.write(
                payload_type=96,
                sequence_number=(first_number + part) & 0xFFFF,
                timestamp=frame.number // self.layers * TICKS,
                ssrc=1000,
                payload=bytes(20),
                marker=end and frame.spatial_id == self.layers - 1,
                extensions={EXTENSION_ID: write(dependency, self.structure)},
            )
            packets.append(rtp.parse(data))
        return packets


def receive(stream: ReceiveStream, packet: RtpPacket) -> None:
    """Read what the packet says of its layers, as a published track does."""
    if stream.dependencies is None:
        stream.dependencies = DependencyReader()
    element = find_extension(packet, EXTENSION_ID)
    assert element is not None
    packet.dependency = dependency = stream.dependencies.read(element)
    packet.mark = PayloadMark(
        keyframe=dependency is not None and dependency.keyframe,
        start_of_frame=dependency is not None and dependency.start_of_frame,
    )


def new_stream() -> ReceiveStream:
    return ReceiveStream(ssrc=1000, rid="", clock_rate=90000, clock=SenderClock())


@dataclass
class Relay:
    """A forwarder fed by an encoder; ``sent`` are the frames of which anything went out."""

    encoder: SvcEncoder
    out: Forwarder = field(
        default_factory=lambda: Forwarder(ssrc=42, clock_rate=90000, first_sequence=500)
    )
    stream: ReceiveStream = field(default_factory=new_stream)
    number: int = 0
    now: float = 0.0
    sent: set[int] = field(default_factory=set)
    lost: set[int] = field(default_factory=set)
    came: int = 0
    outgoing: list[int] = field(default_factory=list)
    markers: list[tuple[int, bool]] = field(default_factory=list)  # frame, marker bit

    def __post_init__(self) -> None:
        self.out.aim(self.stream, TYPES, NO_EXTENSIONS)
        self.picture(key=True)

    def picture(
        self, *, key: bool = False, packets: int = 1, lost: frozenset[int] = frozenset()
    ) -> list[Frame]:
        """Encode and relay one picture; ``lost`` are the spatial ids that do not arrive.

        Returns the frames of it that went out.
        """
        went = []
        for frame in self.encoder.picture(key=key):
            if frame.spatial_id in lost:
                self.lost.add(frame.number)
                self.number += packets
                continue
            copies = [self.take(packet) for packet in self.packets(frame, packets)]
            assert len(set(copies)) == 1, "a frame is sent as a whole or not at all"
            if copies[0]:
                went.append(frame)
                self.sent.add(frame.number)
                self.markers.append((frame.number, self.out.rewrite.marker))
        return went

    def packets(self, frame: Frame, count: int) -> list[RtpPacket]:
        packets = self.encoder.packets(frame, count, self.number)
        self.number += count
        return packets

    def take(self, packet: RtpPacket) -> bool:
        receive(self.stream, packet)
        self.now += 0.005
        sequence = self.stream.receive(packet, self.now)
        assert not isinstance(sequence, DropReason)
        self.came += 1
        if self.out.decide(self.stream, packet, sequence, self.now) is not None:
            return False
        assert not self.out.rewrite.empty
        self.outgoing.append(self.out.rewrite.sequence_number)
        return True


def relay(mode: tuple[int, bool], *, chained: bool = False) -> Relay:
    layers, key_only = mode
    return Relay(SvcEncoder(layers, key_only=key_only, chained=chained))


def ids(frames: list[Frame]) -> set[tuple[int, int]]:
    return {(frame.spatial_id, frame.temporal_id) for frame in frames}
