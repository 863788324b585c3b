"""Decides for one send stream, per packet: forward (and how to rewrite it), drop, or switch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sfu.media.drop_reason import DropReason
from sfu.media.sent_log import SentLog
from sfu.rtp.rewrite import Rewrite

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sfu.media.receive_stream import ReceiveStream
    from sfu.rtp.packet import RtpPacket

_MASK16 = 0xFFFF
_MASK32 = 0xFFFFFFFF
# RFC 7741: picture ids have at most 15 bits (the egress keeps 7 where the packet has 7).
_PICTURE_ID_MASK = 0x7FFF
# A switch must move the timestamp: one frame at 30 frames per second, or one Opus packet.
_MIN_STEP_SECONDS = 0.02
# After a pause longer than this the receiver's jitter buffer has started anew anyway.
_MAX_STEP_SECONDS = 60.0


@dataclass(slots=True)
class Offsets:
    """What is added to each number of ``stream`` on its way out, constant between two switches.

    Sequence numbers are extended ones; ``first`` is the incoming number the switch began with.
    """

    stream: ReceiveStream
    first: int
    sequence: int
    timestamp: int
    picture_id: int
    tl0picidx: int
    payload_types: Mapping[int, int]
    extension_map: tuple[tuple[int, int], ...]


class Forwarder:
    """Keeps one outgoing stream continuous whatever it is fed with.

    Outgoing sequence numbers have no gap that the incoming ones do not have, timestamps never run
    back at a switch, VP8 picture ids count on. A switch (another person in the slot, another
    layer) begins on a keyframe of the target. ``rewrite`` is reused: it belongs to the packet
    that was last decided to be forwarded.
    """

    __slots__ = (
        "_clock_rate",
        "_last_picture_id",
        "_last_sent",
        "_last_timestamp",
        "_last_tl0picidx",
        "_target_extension_map",
        "_target_payload_types",
        "log",
        "offsets",
        "rewrite",
        "sequence",
        "switches",
        "target",
    )

    def __init__(self, *, ssrc: int, clock_rate: int, first_sequence: int) -> None:
        self._clock_rate = clock_rate
        self.rewrite = Rewrite(ssrc=ssrc, payload_type=0, sequence_number=0, timestamp=0)
        self.offsets: Offsets | None = None
        self.target: ReceiveStream | None = None
        self.log = SentLog()
        self.sequence = first_sequence - 1  # extended number of the newest packet sent
        self.switches = 0
        self._target_payload_types: Mapping[int, int] = {}
        self._target_extension_map: tuple[tuple[int, int], ...] = ()
        self._last_timestamp: int | None = None
        self._last_sent = 0.0
        self._last_picture_id = -1
        self._last_tl0picidx = -1

    @property
    def switching(self) -> bool:
        """Whether a target is set whose keyframe has not come yet."""
        return self.target is not None and (
            self.offsets is None or self.offsets.stream is not self.target
        )

    def aim(
        self,
        target: ReceiveStream,
        payload_types: Mapping[int, int],
        extension_map: tuple[tuple[int, int], ...],
    ) -> None:
        """Switch to ``target`` at its next keyframe; until then the current stream goes on.

        ``payload_types`` and ``extension_map`` translate the publisher's ids to the subscriber's.
        """
        self.target = target
        self._target_payload_types = payload_types
        self._target_extension_map = extension_map

    def release(self) -> None:
        """Forward nothing until the next ``aim``; the outgoing numbers will continue."""
        self.target = None
        self.offsets = None
        self.log.clear()

    def decide(
        self, stream: ReceiveStream, packet: RtpPacket, sequence: int, now: float
    ) -> DropReason | None:
        """None when the packet is to be forwarded as ``rewrite`` says, else why it is not.

        ``sequence`` is the packet's extended sequence number in ``stream``; ``packet.mark`` is set.
        """
        offsets = self.offsets
        mark = packet.mark
        assert mark is not None
        if offsets is None or offsets.stream is not stream:
            if stream is not self.target:
                return DropReason.NOT_SELECTED
            if not mark.keyframe:
                return DropReason.AWAITING_KEYFRAME
            if packet.payload_type not in self._target_payload_types:
                return DropReason.CODEC_NOT_NEGOTIATED
            offsets = self._switch(packet, sequence, now)
        elif sequence < offsets.first:
            return DropReason.BEFORE_SWITCH
        payload_type = offsets.payload_types.get(packet.payload_type)
        if payload_type is None:
            return DropReason.CODEC_NOT_NEGOTIATED
        self._fill(offsets, packet, sequence, payload_type)
        outgoing = sequence + offsets.sequence
        if outgoing > self.sequence:
            rewrite = self.rewrite
            self.sequence = outgoing
            self._last_timestamp = rewrite.timestamp
            self._last_sent = now
            if mark.picture_id >= 0:
                self._last_picture_id = rewrite.picture_id
                self._last_tl0picidx = rewrite.tl0picidx
        return None

    def again(self, sequence_number: int, now: float) -> RtpPacket | DropReason:
        """Find a packet sent before by its outgoing number and set ``rewrite`` as it was then."""
        outgoing = self.sequence - ((self.sequence - sequence_number) & _MASK16)
        offsets = self.log.find(outgoing)
        if offsets is None:
            return DropReason.NOT_IN_CACHE
        sequence = outgoing - offsets.sequence
        cache = offsets.stream.cache
        if cache is None or sequence < offsets.first:
            return DropReason.NOT_IN_CACHE
        packet = cache.get(sequence, now)
        if packet is None or packet.mark is None:
            return DropReason.NOT_IN_CACHE
        payload_type = offsets.payload_types.get(packet.payload_type)
        if payload_type is None:
            return DropReason.CODEC_NOT_NEGOTIATED
        self._fill(offsets, packet, sequence, payload_type)
        return packet

    def _fill(self, offsets: Offsets, packet: RtpPacket, sequence: int, payload_type: int) -> None:
        rewrite = self.rewrite
        rewrite.payload_type = payload_type
        rewrite.sequence_number = (sequence + offsets.sequence) & _MASK16
        rewrite.timestamp = (packet.timestamp + offsets.timestamp) & _MASK32
        rewrite.extension_map = offsets.extension_map
        mark = packet.mark
        assert mark is not None
        if mark.picture_id >= 0:
            rewrite.picture_id = (mark.picture_id + offsets.picture_id) & _PICTURE_ID_MASK
        else:
            rewrite.picture_id = -1
        if mark.tl0picidx >= 0:
            rewrite.tl0picidx = (mark.tl0picidx + offsets.tl0picidx) & 0xFF
        else:
            rewrite.tl0picidx = -1

    def _switch(self, packet: RtpPacket, sequence: int, now: float) -> Offsets:
        target, mark = self.target, packet.mark
        assert target is not None
        assert mark is not None
        if self._last_timestamp is None:
            timestamp = 0
        else:
            elapsed = min(max(now - self._last_sent, _MIN_STEP_SECONDS), _MAX_STEP_SECONDS)
            step = int(elapsed * self._clock_rate)
            timestamp = self._last_timestamp + step - packet.timestamp
        offsets = Offsets(
            stream=target,
            first=sequence,
            sequence=self.sequence + 1 - sequence,
            timestamp=timestamp,
            picture_id=_continue(self._last_picture_id, mark.picture_id),
            tl0picidx=_continue(self._last_tl0picidx, mark.tl0picidx),
            payload_types=self._target_payload_types,
            extension_map=self._target_extension_map,
        )
        self.offsets = offsets
        self.log.switched(self.sequence + 1, offsets)
        self.switches += 1
        return offsets


def _continue(last: int, number: int) -> int:
    """The offset that lets ``number`` follow ``last`` (-1: not known, or not in the packet)."""
    return last + 1 - number if last >= 0 and number >= 0 else 0
