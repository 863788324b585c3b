"""Which participant is in which slot of a subscriber: stable places, the most wanted first."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sfu.media.send_stream import SendStream
    from sfu.media.source import Source
    from sfu.media.subscribed_track import SubscribedTrack
    from sfu.sdp.answer import NegotiatedMedia


class Occupant(NamedTuple):
    """Who fills a slot: a participant's camera and microphone, or its screen and screen audio."""

    participant: str
    source: Source  # CAMERA or SCREEN


class Rank(IntEnum):
    """How much an occupant needs a slot; without one it is neither seen nor heard."""

    SILENT = 0  # not on screen
    UNSEEN = 1  # not on screen, spoke a moment ago
    VISIBLE = 2
    HEARD = 3  # speaks, on screen or not
    CHOSEN = 4  # pinned, or a screen that is shown


@dataclass(slots=True)
class SlotHalf:
    """One m-line of a slot: its send stream, and the track that feeds it, if any."""

    send: SendStream
    media: NegotiatedMedia
    track: SubscribedTrack | None = None


@dataclass(slots=True)
class Slot:
    """A pair of receive m-lines in a client's peer connection."""

    audio: SlotHalf
    video: SlotHalf
    occupant: Occupant | None = None

    @property
    def mids(self) -> tuple[str, str]:
        """The m-lines, audio first."""
        return self.audio.media.mid, self.video.media.mid


def assign(
    current: Sequence[Occupant | None], wanted: Mapping[Occupant, int]
) -> tuple[list[Occupant | None], int]:
    """Who is to be in each slot, and how many of ``wanted`` found none.

    ``wanted`` maps everybody to a rank. Nobody changes place; newcomers fill free slots, the
    highest rank first, and take the place of somebody of lower rank when none is free.
    """
    places = [occupant if occupant in wanted else None for occupant in current]
    seated = set(places)
    waiting = sorted(
        (occupant for occupant in wanted if occupant not in seated),
        key=lambda occupant: -wanted[occupant],
    )
    for index, occupant in enumerate(places):
        if occupant is None and waiting:
            places[index] = waiting.pop(0)
    while waiting and places:
        index, lowest = min(
            ((index, wanted[occupant]) for index, occupant in enumerate(places) if occupant),
            key=lambda place: place[1],
        )
        if wanted[waiting[0]] <= lowest:
            break
        places[index] = waiting.pop(0)
    return places, len(wanted) - sum(occupant is not None for occupant in places)
