"""What people show without a word: raised hands, in their order, and reactions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sfu.errors import Refused
from sfu.room.events import ParticipantUpdated, Reacted

if TYPE_CHECKING:
    from collections.abc import Callable

    from sfu.room.events import Event
    from sfu.room.participant import Participant

# Somebody who claps with all fingers is seen; somebody who floods the screens is not.
MAX_REACTIONS = 5
REACTION_SECONDS = 3.0


class Gestures:
    """The hands and reactions of one room; ``tell`` takes an event to everybody in it."""

    __slots__ = ("_raised", "_tell")

    def __init__(self, tell: Callable[[Event], None]) -> None:
        self._tell = tell
        self._raised = 0

    def hand(self, participant: Participant, raised: bool) -> None:
        """Raise a hand behind all that are up, or take it down; one that is up keeps its place.

        Raises ``Refused`` (``not-allowed``) for somebody hidden.
        """
        _check(participant)
        if raised is bool(participant.hand):
            return
        if raised:
            self._raised += 1
        participant.hand = self._raised if raised else 0
        self._tell(ParticipantUpdated(participant))

    def react(self, participant: Participant, reaction: str, now: float) -> None:
        """Show a reaction to everybody. Raises ``Refused`` (``too-fast``, and as above)."""
        _check(participant)
        shown = participant.reacted_at
        while shown and now - shown[0] >= REACTION_SECONDS:
            shown.popleft()
        if len(shown) >= MAX_REACTIONS:
            raise Refused(
                "too-fast", f"At most {MAX_REACTIONS} reactions in {REACTION_SECONDS:.0f} seconds."
            )
        shown.append(now)
        self._tell(Reacted(participant.id, reaction))


def _check(participant: Participant) -> None:
    if participant.permissions.hidden:
        raise Refused("not-allowed", "Nobody is told of you: you can show them nothing.")
