"""Who gets whose tracks in one room, and how many slots that takes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sfu.media.slots import Occupant
from sfu.media.source import Source
from sfu.room.events import SlotsChanged, SlotsNeeded

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sfu.media.published_track import PublishedTrack
    from sfu.room.participant import Participant

    Tracks = tuple[PublishedTrack | None, PublishedTrack | None]

# A few slots more than people, so that the next to join needs no negotiation with anybody.
SPARE_SLOTS = 2
MIN_SLOTS = 4

_OCCUPANTS = (
    (Source.CAMERA, Source.MICROPHONE, Source.CAMERA),
    (Source.SCREEN, Source.SCREEN_AUDIO, Source.SCREEN),
)


class Routing:
    """Gives everybody in ``participants`` the tracks of all others.

    Who cannot be told gets nobody new: nothing is ever shown under another one's name.
    """

    __slots__ = ("_max_slots", "_participants")

    def __init__(self, participants: Mapping[str, Participant], max_slots: int) -> None:
        self._participants = participants
        self._max_slots = max_slots

    def first_slots(self) -> int:
        """How many slots the first offer of somebody who has just joined should have."""
        others = len(self._participants) - 1
        return min(max(MIN_SLOTS, others + SPARE_SLOTS), self._max_slots)

    def reconcile(self, changed: Participant | None = None) -> None:
        """Bring all slots up to date; ``changed`` is told its slots in any case."""
        everybody: dict[Occupant, Tracks] = {}
        for participant in self._participants.values():
            everybody.update(_occupants(participant))
        for participant in self._participants.values():
            wanted = everybody.copy() if participant.permissions.subscribe else {}
            for source in (Source.CAMERA, Source.SCREEN):
                wanted.pop(Occupant(participant.id, source), None)
            subscriber = participant.subscriber
            if participant.deaf:
                wanted = _shown(participant, wanted)
            if subscriber.want(wanted) or participant is changed:
                participant.notify(SlotsChanged(tuple(subscriber.slots)))
            self._ask_for_slots(participant)

    def repeat(self, participant: Participant) -> None:
        """Tell a client that came back its slots, and how many it should have."""
        participant.slots_asked = 0
        self.reconcile(changed=participant)

    def _ask_for_slots(self, participant: Participant) -> None:
        subscriber = participant.subscriber
        if participant.transport is None or not subscriber.waiting:
            return
        needed = len(subscriber.slots) + subscriber.waiting
        count = min(needed + SPARE_SLOTS, self._max_slots)
        if needed > participant.slots_asked and count > len(subscriber.slots):
            participant.slots_asked = count
            participant.notify(SlotsNeeded(count))


def _shown(participant: Participant, wanted: Mapping[Occupant, Tracks]) -> dict[Occupant, Tracks]:
    """Those of ``wanted`` that are in a slot of the participant already."""
    shown = {slot.occupant for slot in participant.subscriber.slots}
    return {occupant: tracks for occupant, tracks in wanted.items() if occupant in shown}


def _occupants(participant: Participant) -> dict[Occupant, Tracks]:
    """What a participant publishes, as it fills slots."""
    table: dict[Occupant, Tracks] = {}
    for source, audio_source, video_source in _OCCUPANTS:
        tracks = participant.track(audio_source), participant.track(video_source)
        if tracks != (None, None):
            table[Occupant(participant.id, source)] = tracks
    return table
