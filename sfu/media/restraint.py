"""What each state of load takes away: large pictures, then most pictures, never sound."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sfu.congestion.load import LoadState

if TYPE_CHECKING:
    from collections.abc import Mapping

# More lines than any picture has.
UNLIMITED_HEIGHT = 8640


@dataclass(frozen=True, slots=True)
class Restraint:
    """What everybody has to do with while the server has too much to do."""

    height: int = UNLIMITED_HEIGHT  # pixels of a camera's picture that are worth sending
    videos: int = 0  # sent to each subscriber, those that matter most; 0: all
    media: float = 1.0  # the part of the usual bound on what one participant may send


NO_RESTRAINT = Restraint()

# Nine people who see each other at 720p are 13,000 packets of video per second; at 360p 4,300, and
# four each at 180p are 900. Screens keep their size: nobody reads a small one, and they are few.
# Four pictures are enough to see who speaks and who answers. Whoever sends far more than their
# share (2,000 packets or 8 Mbit/s each second) pays first.
RESTRAINTS: Mapping[LoadState, Restraint] = {
    LoadState.NORMAL: NO_RESTRAINT,
    LoadState.BUSY: Restraint(height=360, media=0.5),
    LoadState.STRAINED: Restraint(height=180, videos=4, media=0.2),
    LoadState.FULL: Restraint(height=180, videos=4, media=0.2),
}
