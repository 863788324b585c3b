"""Which participant is in which slot of a subscriber: stable places, first come first served."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sfu.media.send_stream import SendStream
    from sfu.media.source import Source
    from sfu.media.subscribed_track import SubscribedTrack
    from sfu.sdp.answer import NegotiatedMedia


class Occupant(NamedTuple):
    """Who fills a slot: a participant's camera and microphone, or its screen and screen audio."""

    participant: str
    source: Source  # CAMERA or SCREEN


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
    current: Sequence[Occupant | None], wanted: Sequence[Occupant]
) -> tuple[list[Occupant | None], int]:
    """Who is to be in each slot, and how many of ``wanted`` found none.

    Nobody who is still wanted changes place; newcomers fill free slots in the order of ``wanted``.
    """
    wanted_set = set(wanted)
    places = [occupant if occupant in wanted_set else None for occupant in current]
    seated = set(places)
    waiting = [occupant for occupant in wanted if occupant not in seated]
    for index, occupant in enumerate(places):
        if occupant is None and waiting:
            places[index] = waiting.pop(0)
    return places, len(waiting)
