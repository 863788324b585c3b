"""What the forwarding core reads from a payload without decoding it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True)
class PayloadMark:
    """Where frames start, and the numbers inside the payload that a switch must continue.

    ``keyframe`` is set on the packet that starts a keyframe, where a switch may begin. Offsets
    are absolute in ``RtpPacket.data``; -1 means that the payload does not have the field.
    ``end_of_frame`` is set on the last packet of a frame; where several spatial layers share a
    timestamp each has its own frame. ``height`` is in pixels and of the highest layer, 0 where
    this payload does not tell it.
    """

    keyframe: bool
    start_of_frame: bool
    temporal_id: int = 0
    picture_id: int = -1
    picture_id_offset: int = -1
    picture_id_long: bool = False
    tl0picidx: int = -1
    tl0picidx_offset: int = -1
    switching_point: bool = False
    end_of_frame: bool = False
    spatial_id: int = 0
    height: int = 0
