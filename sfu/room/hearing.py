"""Who speaks in one room, and whose microphones are forwarded."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sfu.media.floor import Floor
from sfu.media.source import Source
from sfu.media.speakers import Speakers
from sfu.room.events import SlotsChanged, SpeakersChanged

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sfu.room.participant import Participant


# Who wants the floor gets it at once; who loses it, or what is new and silent, may wait a moment.
FLOOR_SECONDS = 0.1


class Hearing:
    """Listens to the audio levels of ``participants``.

    With more than ``max_audible`` microphones only the loudest have the floor.
    """

    __slots__ = (
        "_crowded",
        "_floor",
        "_floor_at",
        "_now",
        "_participants",
        "_speakers",
        "speaking",
    )

    def __init__(self, participants: Mapping[str, Participant], max_audible: int) -> None:
        self._participants = participants
        self._speakers = Speakers()
        self._floor = Floor(max_audible)
        self._floor_at = float("-inf")
        self._crowded = False  # there may be more microphones than are heard, or just were
        self._now = 0.0
        self.speaking: tuple[tuple[str, float], ...] = ()  # as everybody was told last

    def heard(self, participant: str, level: int) -> None:
        """Note one packet's level (-dBov) of a participant's microphone."""
        self._speakers.heard(participant, level, self._now)
        if self._floor.may_enter(participant, level):
            self._give_floor()

    def forget(self, participant: str) -> None:
        """The participant left or muted its microphone."""
        self._speakers.forget(participant)

    def tick(self, now: float) -> None:
        """Give the floor, and tell everybody who speaks when that changed. Every 20 ms."""
        self._now = now
        crowded = len(self._participants) > self._floor.limit
        if (crowded or self._crowded) and now - self._floor_at >= FLOOR_SECONDS:
            self._crowded = crowded
            self._give_floor()
        if now < self._speakers.due:
            return  # as in most ticks
        speakers = self._speakers.changed(now)
        if speakers is None:
            return
        self.speaking = tuple(speakers)
        speaking = frozenset(who for who, _ in speakers)
        for participant in self._participants.values():
            participant.notify(SpeakersChanged(self.speaking))
            if participant.subscriber.speaking(speaking - {participant.id}, now):
                participant.notify(SlotsChanged(tuple(participant.subscriber.slots)))

    def _give_floor(self) -> None:
        """Forward the loudest microphones of a big room, all of a small one."""
        self._floor_at = self._now
        tracks = {
            participant.id: track
            for participant in self._participants.values()
            if (track := participant.track(Source.MICROPHONE)) is not None
        }
        holders = self._floor.update(self._speakers.voices, tracks, self._now)
        for participant_id, track in tracks.items():
            track.set_audible(participant_id in holders)
