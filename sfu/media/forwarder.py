"""Decides for one send stream, per packet: forward (and how to rewrite it), drop, or switch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sfu.media.drop_reason import DropReason
from sfu.media.numbering import Numbering
from sfu.media.sent_frames import SentFrames
from sfu.media.sent_log import SentLog
from sfu.rtp.dependency_descriptor import NOT_PRESENT, SWITCH
from sfu.rtp.rewrite import NO_EXTENSIONS, ExtensionPlan, Rewrite

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sfu.media.receive_stream import ReceiveStream
    from sfu.rtp.dependency_descriptor import Dependency, DependencyReader
    from sfu.rtp.packet import RtpPacket

_MASK16 = 0xFFFF
_MASK32 = 0xFFFFFFFF
# RFC 7741: picture ids have at most 15 bits (the egress keeps 7 where the packet has 7).
_PICTURE_ID_MASK = 0x7FFF
# A switch must move the timestamp: one frame at 30 frames per second, or one Opus packet.
_MIN_STEP_SECONDS = 0.02
# The picture that a switch begins with may have been taken before the last one that was sent: it
# still must be later, by as little as a receiver tells apart.
_LEAST_STEP_SECONDS = 0.001
# After a pause longer than this the receiver's jitter buffer has started anew anyway.
_MAX_STEP_SECONDS = 60.0
# A picture id that is further from the last one is no loss but a new count of the encoder's.
_MAX_PICTURE_STEP = 256
# Layers above all that exist: nothing is left out.
ALL_LAYERS = 7


@dataclass(slots=True)
class Run:
    """One stream on its way out, from a switch to the next: what is added to its numbers.

    ``picture`` numbers the pictures of VP8 and VP9; None where the payload has no picture ids.
    """

    stream: ReceiveStream
    sequence: Numbering
    picture: Numbering | None
    timestamp: int
    tl0picidx: int
    frame_number: int
    payload_types: Mapping[int, int]
    extensions: ExtensionPlan


class Forwarder:
    """Keeps one outgoing stream continuous whatever it is fed with.

    Outgoing sequence numbers have no gap that the incoming ones do not have, timestamps never run
    back at a switch, picture ids count on. A switch (another person in the slot, another layer)
    begins on a keyframe of the target. ``rewrite`` is reused: it belongs to the packet that was
    last decided to be forwarded.
    """

    __slots__ = (
        "_clock_rate",
        "_decode_target",
        "_frame",
        "_frames",
        "_last_frame_number",
        "_last_picture_id",
        "_last_sent",
        "_last_timestamp",
        "_last_tl0picidx",
        "_max_spatial",
        "_max_temporal",
        "_target_extensions",
        "_target_limits",
        "_target_payload_types",
        "_temporal",
        "log",
        "rewrite",
        "run",
        "sequence",
        "switches",
        "target",
    )

    def __init__(self, *, ssrc: int, clock_rate: int, first_sequence: int) -> None:
        self._clock_rate = clock_rate
        self.rewrite = Rewrite(ssrc=ssrc, payload_type=0, sequence_number=0, timestamp=0)
        self.run: Run | None = None
        self.target: ReceiveStream | None = None
        self.log = SentLog()
        self.sequence = first_sequence - 1  # extended number of the newest packet sent
        self.switches = 0
        self._target_payload_types: Mapping[int, int] = {}
        self._target_extensions = NO_EXTENSIONS
        self._target_limits = ALL_LAYERS, ALL_LAYERS
        self._max_spatial = self._max_temporal = ALL_LAYERS
        self._temporal = ALL_LAYERS  # highest temporal id of the frame at hand
        self._decode_target: int | None = None  # of the dependency descriptor
        self._frame = -1  # timestamp of the newest frame
        self._frames = SentFrames()
        self._last_timestamp: int | None = None
        self._last_sent = 0.0
        self._last_picture_id = -1
        self._last_tl0picidx = -1
        self._last_frame_number = -1

    @property
    def switching(self) -> bool:
        """Whether a target is set whose keyframe has not come yet."""
        return self.target is not None and (self.run is None or self.run.stream is not self.target)

    @property
    def awaits_keyframe(self) -> bool:
        """Whether only a keyframe brings what was asked for: a switch, or layers of SVC."""
        run = self.run
        if run is None or run.stream is not self.target:
            return self.target is not None
        reader, now = run.stream.dependencies, self._decode_target
        if reader is None or reader.structure is None or now is None:
            return False
        wanted = reader.target_for(self._max_spatial, self._max_temporal)
        layers = reader.structure.layers
        if wanted is None or wanted == now or now >= len(layers):
            return False
        return layers[wanted][0] != layers[now][0]

    def aim(
        self,
        target: ReceiveStream,
        payload_types: Mapping[int, int],
        extensions: ExtensionPlan,
        spatial_id: int = ALL_LAYERS,
        temporal_id: int = ALL_LAYERS,
    ) -> None:
        """Switch to ``target`` at its next keyframe; until then the current stream goes on.

        ``payload_types`` and ``extensions`` translate the publisher's ids to the subscriber's.
        The layers of ``target`` above the last two are left out, see ``limit``.
        """
        self.target = target
        self._target_payload_types = payload_types
        self._target_extensions = extensions
        self._target_limits = spatial_id, temporal_id

    def limit(self, spatial_id: int, temporal_id: int) -> None:
        """Leave out what is above these layers: fewer from the next frame on, more from the next
        frame that allows it (a layer's sync point, or one that its dependency descriptor marks).
        """
        self._max_spatial = spatial_id
        self._max_temporal = temporal_id

    def pause(self) -> None:
        """Forward nothing until the next ``aim``; what was sent can still be sent again."""
        self.target = None
        self.run = None

    def release(self) -> None:
        """Forward nothing and forget what was sent; the outgoing numbers will continue."""
        self.pause()
        self.log.clear()

    def decide(
        self, stream: ReceiveStream, packet: RtpPacket, sequence: int, now: float
    ) -> DropReason | None:
        """None when the packet is to be forwarded as ``rewrite`` says, else why it is not.

        ``sequence`` is the packet's extended sequence number in ``stream``; ``packet.mark`` is set.
        """
        run = self.run
        mark = packet.mark
        assert mark is not None
        if run is None or run.stream is not stream:
            if stream is not self.target:
                return DropReason.NOT_SELECTED
            if not mark.keyframe:
                return DropReason.AWAITING_KEYFRAME
            if packet.payload_type not in self._target_payload_types:
                return DropReason.CODEC_NOT_NEGOTIATED
            run = self._switch(packet, sequence, now)
        elif sequence < run.sequence.first:
            return DropReason.BEFORE_SWITCH
        payload_type = run.payload_types.get(packet.payload_type)
        if payload_type is None:
            payload_type = self.rewrite.payload_type
            unwanted = True
        else:
            unwanted = self._unwanted(run, packet, sequence)
        if unwanted and run.sequence.leave_out(sequence):
            if run.picture is not None and mark.picture_id >= 0:
                run.picture.leave_out(mark.picture_id)
            known = packet.payload_type in run.payload_types
            return DropReason.LAYER_LEFT_OUT if known else DropReason.CODEC_NOT_NEGOTIATED
        self.rewrite.empty = unwanted
        self._fill(run, packet, sequence, payload_type)
        outgoing = run.sequence.newest + run.sequence.offset
        if outgoing > self.sequence:
            rewrite = self.rewrite
            self.sequence = outgoing
            self._last_timestamp = rewrite.timestamp
            self._last_sent = now
            if mark.picture_id >= 0:
                self._last_picture_id = rewrite.picture_id
                self._last_tl0picidx = rewrite.tl0picidx
            self._last_frame_number = rewrite.frame_number
        return None

    def again(self, sequence_number: int, now: float) -> RtpPacket | DropReason:
        """Find a packet sent before by its outgoing number and set ``rewrite`` as it was then."""
        outgoing = self.sequence - ((self.sequence - sequence_number) & _MASK16)
        run = self.log.find(outgoing)
        sequence = run.sequence.original(outgoing) if run is not None else None
        if run is None or sequence is None or run.stream.cache is None:
            return DropReason.NOT_IN_CACHE
        packet = run.stream.cache.get(sequence, now)
        if packet is None or packet.mark is None:
            return DropReason.NOT_IN_CACHE
        payload_type = run.payload_types.get(packet.payload_type)
        if payload_type is None:
            return DropReason.CODEC_NOT_NEGOTIATED
        picture_id = packet.mark.picture_id
        self.rewrite.empty = packet.payload_offset >= packet.payload_end or (
            run.picture is not None and picture_id >= 0 and run.picture.is_left_out(picture_id)
        )
        self._fill(run, packet, sequence, payload_type)
        return packet

    def newest(self, now: float) -> RtpPacket | None:
        """The newest packet sent, with ``rewrite`` as it was then; None when it is gone."""
        found = self.again(self.sequence & _MASK16, now)
        return None if isinstance(found, DropReason) else found

    def _unwanted(self, run: Run, packet: RtpPacket, sequence: int) -> bool:
        """Whether the packet belongs to a layer that is left out, or holds only padding."""
        if packet.payload_offset >= packet.payload_end:
            return True
        dependency, mark = packet.dependency, packet.mark
        assert mark is not None
        newest = sequence > run.sequence.newest
        if dependency is not None and run.stream.dependencies is not None:
            return self._unneeded(run.stream.dependencies, dependency, newest)
        if newest and packet.timestamp != self._frame:
            self._frame = packet.timestamp
            temporal = self._temporal
            if temporal > self._max_temporal or mark.keyframe:
                self._temporal = self._max_temporal
            elif (
                mark.switching_point and temporal < mark.temporal_id <= self._max_temporal
            ) and mark.temporal_id == temporal + 1:
                self._temporal = mark.temporal_id
        if mark.temporal_id > self._temporal:
            return True
        if run.picture is None or mark.picture_id < 0:
            return False
        if newest and abs(mark.picture_id - run.picture.newest) > _MAX_PICTURE_STEP:
            run.picture = Numbering(mark.picture_id, self._last_picture_id + 1)
        return mark.picture_id < run.picture.first or run.picture.is_left_out(mark.picture_id)

    def _unneeded(self, reader: DependencyReader, dependency: Dependency, newest: bool) -> bool:
        """Whether the decode target at hand does without the frame; another target begins with a
        frame that allows it and of which everything it refers to was sent.
        """
        if newest and dependency.start_of_frame:
            wanted = reader.target_for(self._max_spatial, self._max_temporal)
            if wanted != self._decode_target and (
                self._decode_target is None
                or wanted is None
                or (dependency.targets[wanted] == SWITCH and self._frames.has_all(dependency))
            ):
                self._decode_target = wanted
        target = self._decode_target
        if target is None or target >= len(dependency.targets):
            return False
        unneeded = dependency.targets[target] == NOT_PRESENT
        if newest and not unneeded:
            self._frames.sent(dependency.frame_number)
        return unneeded

    def _ends_picture(self, stream: ReceiveStream, dependency: Dependency) -> bool:
        """Whether the frame ends here and is of the highest spatial layer that goes out."""
        reader, target = stream.dependencies, self._decode_target
        if reader is None or reader.structure is None or target is None:
            return False
        layers = reader.structure.layers
        return (
            dependency.end_of_frame
            and target < len(layers)
            and dependency.spatial_id == layers[target][0]
        )

    def _fill(self, run: Run, packet: RtpPacket, sequence: int, payload_type: int) -> None:
        rewrite = self.rewrite
        rewrite.payload_type = payload_type
        rewrite.sequence_number = run.sequence.forward(sequence) & _MASK16
        rewrite.timestamp = (packet.timestamp + run.timestamp) & _MASK32
        rewrite.extensions = run.extensions
        mark = packet.mark
        assert mark is not None
        picture_id = tl0picidx = frame_number = -1
        rewrite.marker = False
        if not rewrite.empty:
            if run.picture is not None and mark.picture_id >= 0:
                picture_id = run.picture.forward(mark.picture_id) & _PICTURE_ID_MASK
            if mark.tl0picidx >= 0:
                tl0picidx = (mark.tl0picidx + run.tl0picidx) & 0xFF
            if packet.dependency is not None:
                frame_number = (packet.dependency.frame_number + run.frame_number) & _MASK16
                rewrite.marker = self._ends_picture(run.stream, packet.dependency)
        rewrite.picture_id = picture_id
        rewrite.tl0picidx = tl0picidx
        rewrite.frame_number = frame_number

    def _switch(self, packet: RtpPacket, sequence: int, now: float) -> Run:
        target, mark, dependency = self.target, packet.mark, packet.dependency
        assert target is not None
        assert mark is not None
        picture = None
        if mark.picture_id >= 0:
            last = self._last_picture_id
            picture = Numbering(mark.picture_id, last + 1 if last >= 0 else mark.picture_id)
            picture.newest = mark.picture_id
        number = dependency.frame_number if dependency is not None else -1
        run = Run(
            stream=target,
            sequence=Numbering(sequence, self.sequence + 1),
            picture=picture,
            timestamp=self._timestamp_offset(packet, target, now),
            tl0picidx=_continue(self._last_tl0picidx, mark.tl0picidx),
            frame_number=_continue(self._last_frame_number, number),
            payload_types=self._target_payload_types,
            extensions=self._target_extensions,
        )
        self.run = run
        self.log.switched(self.sequence + 1, run)
        self.switches += 1
        self.limit(*self._target_limits)
        self._decode_target = None
        self._frames = SentFrames()
        self._frame = -1
        return run

    def _timestamp_offset(self, packet: RtpPacket, target: ReceiveStream, now: float) -> int:
        """What lets the timestamps of ``target`` go on from those sent so far.

        Two streams of one publisher keep their relation by its sender reports, so that sound
        and picture stay together; without reports time goes on as it passed here.
        """
        last = self._last_timestamp
        if last is None:
            return 0
        before = self.log.latest()
        if before is not None and before.stream is target:
            aligned: int | None = packet.timestamp + before.timestamp
        elif before is not None and before.stream.same_sender(target):
            aligned = before.stream.timestamp_of(target, packet.timestamp)
            if aligned is not None:
                aligned += before.timestamp
        else:
            aligned = None
        elapsed = min(max(now - self._last_sent, _MIN_STEP_SECONDS), _MAX_STEP_SECONDS)
        expected = last + int(elapsed * self._clock_rate)
        if aligned is None:
            return expected - packet.timestamp
        # Reports that lie must not move the clock by more than a pause explains.
        error = ((aligned - expected + 0x80000000) & _MASK32) - 0x80000000
        if abs(error) > self._clock_rate:
            return expected - packet.timestamp
        least = last + int(_LEAST_STEP_SECONDS * self._clock_rate)
        ahead = ((aligned - least + 0x80000000) & _MASK32) - 0x80000000
        return least + max(ahead, 0) - packet.timestamp


def _continue(last: int, number: int) -> int:
    """The offset that lets ``number`` follow ``last`` (-1: not known, or not in the packet)."""
    return last + 1 - number if last >= 0 and number >= 0 else 0
