"""Which frames a browser can decode: VP8 references as receivers find them, checked for truth."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

from tests.simulation.sources import NOTHING, VideoTail

# How many groups of frames that share a base layer frame are remembered.
MAX_GROUPS = 32
# A jump larger than this is a new numbering, not frames that are missing.
MAX_GAP = 128


@dataclass(slots=True)
class Frame:
    """One complete frame; ``first`` and ``last`` are its extended sequence numbers."""

    first: int
    last: int
    size: int
    keyframe: bool
    height: int  # of a keyframe; 0 for other frames
    picture_id: int
    tl0picidx: int
    temporal_id: int
    sync: bool
    tail: VideoTail


def parse_frame(
    first: int, last: int, data: bytes, start: int, size: int, tail: VideoTail
) -> Frame:
    """The frame whose first payload begins at ``start`` of ``data`` (RFC 7741 section 4.2)."""
    assert data[start] & 0x90 == 0x90, "no extended descriptor"
    flags, position = data[start + 1], start + 2
    assert flags & 0xE0 == 0xE0, "no picture id, TL0PICIDX or temporal id"
    picture_id = (data[position] & 0x7F) << 8 | data[position + 1]
    assert data[position] & 0x80, "the picture id was shortened"
    tl0picidx = data[position + 2]
    temporal = data[position + 3]
    position += 4
    keyframe = not data[position] & 1
    height = 0
    if keyframe:
        assert data[position + 3 : position + 6] == b"\x9d\x01\x2a"
        height = int.from_bytes(data[position + 8 : position + 10], "little") & 0x3FFF
    return Frame(
        first,
        last,
        size,
        keyframe,
        height,
        picture_id,
        tl0picidx,
        temporal >> 6,
        temporal & 0x20 != 0,
        tail,
    )


class Decoder:
    """Decides like Chromium, from picture ids and TL0PICIDX, whether a frame can be decoded.

    A base layer frame needs the one before it; others need the base layer frame of their group,
    and unless they are marked as sync, the latest of each lower layer with no picture missing in
    between. Every frame that is decoded is also checked against what its publisher says of it: a
    reference that was never decoded is an error of the server and raises ``AssertionError``.
    """

    def __init__(self) -> None:
        self.decoded = 0
        self._groups: dict[int, list[int]] = {}  # TL0PICIDX -> latest picture of each layer
        self._tl0picidx = 0  # these two are extended
        self._picture_id = 0
        self._missing: set[int] = set()  # pictures
        self._truth: deque[tuple[int, int, int]] = deque(maxlen=16)

    def takes(self, frame: Frame) -> bool:
        """Whether ``frame`` can be decoded now."""
        if frame.keyframe:
            return True
        tl0picidx = self._extend_tl0(frame)
        if frame.temporal_id == 0:
            return tl0picidx - 1 in self._groups
        group = self._groups.get(tl0picidx)
        if group is None:
            return False
        if frame.sync:
            return True
        picture_id = self._extend(frame)
        if picture_id > self._picture_id + 1:
            return False
        for layer in range(frame.temporal_id + 1):
            latest = group[layer]
            if latest < 0 or latest > picture_id:
                return False
            if any(latest < missing < picture_id for missing in self._missing):
                return False
        return True

    def decode(self, frame: Frame) -> None:
        """Decode ``frame``, for which ``takes`` is true."""
        self._check(frame)
        self.decoded += 1
        if frame.keyframe:
            self._groups.clear()
            self._missing.clear()
            self._picture_id = frame.picture_id + (1 << 20)
            self._tl0picidx = frame.tl0picidx + (1 << 20)
            self._groups[self._tl0picidx] = [self._picture_id, -1, -1]
            return
        picture_id, tl0picidx = self._extend(frame), self._extend_tl0(frame)
        if picture_id > self._picture_id:
            if picture_id - self._picture_id <= MAX_GAP:
                self._missing.update(range(self._picture_id + 1, picture_id))
            self._picture_id = picture_id
        self._missing.discard(picture_id)
        if frame.temporal_id == 0:
            group = self._groups[tl0picidx] = list(self._groups[tl0picidx - 1])
            self._tl0picidx = max(self._tl0picidx, tl0picidx)
            if len(self._groups) > MAX_GROUPS:
                del self._groups[next(iter(self._groups))]
                oldest = picture_id - MAX_GAP
                self._missing = {missing for missing in self._missing if missing > oldest}
        else:
            group = self._groups[tl0picidx]
        group[frame.temporal_id] = picture_id

    def _check(self, frame: Frame) -> None:
        tail = frame.tail
        if tail.refers == NOTHING:
            self._truth.clear()
        else:
            reference = (tail.publisher, tail.encoding, tail.refers)
            assert not frame.keyframe
            assert reference in self._truth, (
                f"frame {tail.frame} of publisher {tail.publisher}, encoding {tail.encoding}, "
                f"looks decodable, but frame {tail.refers} that it refers to was not decoded"
            )
        self._truth.append((tail.publisher, tail.encoding, tail.frame))

    def _extend(self, frame: Frame) -> int:
        last = self._picture_id
        return last + ((frame.picture_id - last + 0x4000) & 0x7FFF) - 0x4000

    def _extend_tl0(self, frame: Frame) -> int:
        last = self._tl0picidx
        return last + ((frame.tl0picidx - last + 0x80) & 0xFF) - 0x80
