"""Which frames of an SVC stream were sent of late, to tell whether another one can be decoded."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sfu.rtp.dependency_descriptor import Dependency

# Templates refer back by 15 frames at most; whoever refers further back is taken for undecodable.
REMEMBERED = 64

_MASK = (1 << REMEMBERED) - 1


class SentFrames:
    """Remembers the last frame numbers (16 bits, AV1 RTP payload format appendix A)."""

    __slots__ = ("_newest", "_sent")

    def __init__(self) -> None:
        self._newest = 0
        self._sent = 0  # bit n: the frame n before the newest

    def sent(self, frame_number: int) -> None:
        """The frame goes out."""
        ahead = (frame_number - self._newest) & 0xFFFF
        if ahead < 0x8000:
            self._sent = (self._sent << min(ahead, REMEMBERED) | 1) & _MASK
            self._newest = frame_number
        else:
            self._sent |= 1 << (0x10000 - ahead) & _MASK

    def has_all(self, dependency: Dependency) -> bool:
        """Whether everything the frame refers to was sent."""
        for distance in dependency.references:
            back = (self._newest - dependency.frame_number + distance) & 0xFFFF
            if back >= REMEMBERED or not self._sent >> back & 1:
                return False
        return True
