"""Which microphones of a big room are forwarded: the loudest few, without flutter."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sfu.media.speakers import SILENT_LEVEL

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from sfu.media.speakers import Voice

# A pause between two sentences does not cost anybody the floor.
KEEP_SECONDS = 2.0
# Who has the floor is this much (dB) louder than those who want it.
KEEP_LEVEL = 6.0


class Floor:
    """Gives at most ``limit`` microphones the floor; in a smaller room everybody has it."""

    __slots__ = ("holders", "limit")

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.holders: frozenset[str] = frozenset()

    def update(
        self, voices: Mapping[str, Voice], microphones: Collection[str], now: float
    ) -> frozenset[str]:
        """Who has the floor now; ``microphones`` are the participants who could have it."""
        if len(microphones) <= self.limit:
            self.holders = frozenset(microphones)
            return self.holders

        def rank(participant: str) -> tuple[bool, float, str]:
            voice = voices.get(participant)
            holds = participant in self.holders
            if voice is None:
                return True, 127.0 - KEEP_LEVEL * holds, participant
            quiet = now - voice.last_loud > (KEEP_SECONDS if holds else 0.0)
            return quiet, voice.level - KEEP_LEVEL * holds, participant

        self.holders = frozenset(sorted(microphones, key=rank)[: self.limit])
        return self.holders

    def may_enter(self, participant: str, level: int) -> bool:
        """Whether a packet of that level (-dBov) is a reason to look at once who has the floor."""
        return level < SILENT_LEVEL and participant not in self.holders
