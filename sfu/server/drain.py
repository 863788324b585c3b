"""How the server ends: calls may finish first, for a while, while nobody new gets in."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable
from typing import Protocol

from sfu.server.logs import get_logger

# The end is noticed this long after the last participant left; nobody waits for it.
_LOOK_SECONDS = 0.25
# What an API may ask for: the same as the setting drain_seconds.
MAX_SECONDS = 86_400.0


class Drained(Protocol):
    """The rooms, as far as their end is concerned."""

    @property
    def participants(self) -> int:
        """How many are in all rooms together."""

    def drain(self, until: float | None) -> None:
        """Let nobody new in until the end (seconds since 1970), or again (None)."""


class Drain:
    """The time from the wish to stop until the server does; it can be taken back until then.

    ``over`` is set when the server shall stop: everybody has left, or the deadline has come.
    """

    def __init__(
        self,
        rooms: Drained,
        seconds: float,
        *,
        wall_clock: Callable[[], float] = time.time,
        changed: Callable[[str], None] = lambda status: None,
    ) -> None:
        """``seconds`` is how long it takes unless said otherwise; ``changed`` hears each status."""
        self.over = asyncio.Event()
        self.deadline: float | None = None  # seconds since 1970
        self.seconds = seconds
        self._rooms = rooms
        self._wall_clock = wall_clock
        self._changed = changed
        self._waiting: asyncio.Task[None] | None = None

    @property
    def active(self) -> bool:
        """Whether nobody new gets in any more."""
        return self.deadline is not None

    def begin(self, seconds: float | None = None) -> float:
        """Stop in ``seconds``, or when the last participant has left: the deadline.

        While it is active this moves its deadline.
        """
        self._stop_waiting()
        wait = self.seconds if seconds is None else min(max(0.0, seconds), MAX_SECONDS)
        self.deadline = self._wall_clock() + wait
        if wait == 0:
            self.over.set()
            return self.deadline
        self._rooms.drain(self.deadline)
        self._changed("draining")
        get_logger().info("draining", seconds=wait, participants=self._rooms.participants)
        self._waiting = asyncio.create_task(self._wait(wait))
        return self.deadline

    def cancel(self) -> bool:
        """Let everybody in again; False when it was not draining or it is too late."""
        if self.deadline is None or self.over.is_set():
            return False
        self._stop_waiting()
        self.deadline = None
        self._rooms.drain(None)
        self._changed("ready")
        get_logger().info("draining-cancelled")
        return True

    def signal(self) -> None:
        """An operator asks for the end; a second time means at once."""
        if self.active:
            self.hurry()
        else:
            self.begin()

    def hurry(self) -> None:
        """End now, whoever is still here."""
        self.over.set()

    def close(self) -> None:
        """Wait for nothing any more."""
        self._stop_waiting()

    def _stop_waiting(self) -> None:
        waiting, self._waiting = self._waiting, None
        if waiting is not None:
            waiting.cancel()

    async def _wait(self, seconds: float) -> None:
        # In the monotonic time of the loop: a wall clock that is set must cut nobody off.
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while self._rooms.participants:  # noqa: ASYNC110 - leaving has no event
                    await asyncio.sleep(min(_LOOK_SECONDS, seconds))
        self.over.set()
