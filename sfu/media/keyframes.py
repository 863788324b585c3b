"""When to ask a publisher for a keyframe: wishes merged, throttled, repeated until one comes."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

# Keyframes are several times the size of other frames: a crowd that joins must not cause a storm.
MIN_INTERVAL_SECONDS = 0.5
# Repeat after two round trips, within what a LAN and a satellite link need.
MIN_REPEAT_SECONDS = 0.2
MAX_REPEAT_SECONDS = 1.0


def _untold() -> None:
    """Nobody has to know."""


class KeyframeRequests:
    """The wish for a keyframe of one received stream; ``wished`` is called when there is one."""

    __slots__ = ("_asked", "_satisfied", "wanted", "wished")

    def __init__(self) -> None:
        self.wanted = False
        self.wished: Callable[[], None] = _untold
        self._asked = float("-inf")
        self._satisfied = True  # whether a keyframe came since it was last asked for

    def wish(self) -> None:
        """Somebody needs a keyframe; it is asked for at the next ``due``."""
        if not self.wanted:
            self.wanted = True
            self.wished()

    def wish_at_once(self) -> None:
        """What was asked for so far was lost, as everything was."""
        self._asked = float("-inf")
        self.wish()

    def arrived(self) -> None:
        """A keyframe has begun to arrive: every wish so far is fulfilled."""
        self.wanted = False
        self._satisfied = True

    def due(self, now: float, rtt: float) -> bool:
        """Whether to send a request now; ``rtt`` is the publisher's round trip in seconds."""
        if not self.wanted:
            return False
        if self._satisfied:
            wait = MIN_INTERVAL_SECONDS
        else:
            wait = min(max(2 * rtt, MIN_REPEAT_SECONDS), MAX_REPEAT_SECONDS)
        if now - self._asked < wait:
            return False
        self._asked = now
        self._satisfied = False
        return True
