"""Decides for one send stream, per packet: forward (and how to rewrite it), drop, or switch."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sfu.media.drop_reason import DropReason
from sfu.media.layer_filter import ALL_LAYERS, LayerFilter
from sfu.media.numbering import Numbering
from sfu.media.run import Run, timestamp_offset
from sfu.media.sent_log import SentLog
from sfu.rtp.rewrite import NO_EXTENSIONS, ExtensionPlan, Rewrite

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sfu.media.receive_stream import ReceiveStream
    from sfu.rtp.packet import RtpPacket

_MASK16 = 0xFFFF
_MASK32 = 0xFFFFFFFF
# RFC 7741: picture ids have at most 15 bits (the egress keeps 7 where the packet has 7).
_PICTURE_ID_MASK = 0x7FFF


class Forwarder:
    """Keeps one outgoing stream continuous whatever it is fed with.

    Outgoing sequence numbers have no gap that the incoming ones do not have, timestamps never run
    back at a switch, picture ids count on. A switch (another person in the slot, another layer)
    begins on a keyframe of the target. ``rewrite`` is reused: it belongs to the packet that was
    last decided to be forwarded.
    """

    __slots__ = (
        "_clock_rate",
        "_filter",
        "_last_frame_number",
        "_last_picture_id",
        "_last_sent",
        "_last_timestamp",
        "_last_tl0picidx",
        "_target_extensions",
        "_target_limits",
        "_target_payload_types",
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
        self._filter = LayerFilter()
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
        return self._filter.awaits_keyframe(run.stream)

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
        """Leave out what is above these layers, see ``LayerFilter``."""
        self._filter.limit(spatial_id, temporal_id)

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
            newest = sequence > run.sequence.newest
            unwanted = self._filter.leaves_out(stream, packet, newest=newest) or not (
                run.picture is None  # as for all sound
                or run.takes_picture(mark.picture_id, self._last_picture_id, newest=newest)
            )
        if unwanted and run.sequence.leave_out(sequence):
            if run.picture is not None and mark.picture_id >= 0:
                run.picture.leave_out(mark.picture_id)
            known = packet.payload_type in run.payload_types
            return DropReason.LAYER_LEFT_OUT if known else DropReason.CODEC_NOT_NEGOTIATED
        self.rewrite.empty = unwanted
        if unwanted:
            run.sent_empty(sequence)
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
        if run is None or sequence is None:
            return DropReason.NOT_IN_CACHE
        packet = run.stream.cache.get(sequence, now)
        if packet is None or packet.mark is None:
            return DropReason.NOT_IN_CACHE
        payload_type = run.payload_types.get(packet.payload_type)
        if payload_type is None:
            return DropReason.CODEC_NOT_NEGOTIATED
        self.rewrite.empty = sequence in run.empties
        self._fill(run, packet, sequence, payload_type)
        return packet

    def newest(self, now: float) -> RtpPacket | None:
        """The newest packet sent, with ``rewrite`` as it was then; None when it is gone."""
        found = self.again(self.sequence & _MASK16, now)
        return None if isinstance(found, DropReason) else found

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
                rewrite.marker = self._filter.ends_picture(run.stream, packet.dependency)
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
        timestamp, last_timestamp = 0, self._last_timestamp
        if last_timestamp is not None:
            timestamp = timestamp_offset(
                packet.timestamp,
                target,
                last=last_timestamp,
                elapsed=now - self._last_sent,
                before=self.log.latest(),
                clock_rate=self._clock_rate,
            )
        run = Run(
            stream=target,
            sequence=Numbering(sequence, self.sequence + 1),
            picture=picture,
            timestamp=timestamp,
            tl0picidx=_continue(self._last_tl0picidx, mark.tl0picidx),
            frame_number=_continue(self._last_frame_number, number),
            payload_types=self._target_payload_types,
            extensions=self._target_extensions,
        )
        self.run = run
        self.log.switched(self.sequence + 1, run)
        self.switches += 1
        self._filter.limit(*self._target_limits)
        self._filter.restart()
        return run


def _continue(last: int, number: int) -> int:
    """The offset that lets ``number`` follow ``last`` (-1: not known, or not in the packet)."""
    return last + 1 - number if last >= 0 and number >= 0 else 0
