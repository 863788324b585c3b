"""Gives memory back to the system once nobody is here: the C library would keep it for later."""

from __future__ import annotations

import asyncio
import ctypes
from collections.abc import Callable

# Who comes back after a reload comes back by then; it takes some milliseconds, which nobody is
# there to notice.
EMPTY_SECONDS = 5.0


class Memory:
    """``is_empty`` tells whether nobody is here; ``emptied`` is called when the last one left."""

    def __init__(self, is_empty: Callable[[], bool]) -> None:
        self._is_empty = is_empty
        self._timer: asyncio.TimerHandle | None = None
        self._trim = getattr(ctypes.CDLL(None), "malloc_trim", None)  # glibc alone has it

    def emptied(self) -> None:
        """Give memory back in a moment, if then there is still nobody."""
        if self._trim is not None and self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(EMPTY_SECONDS, self._give_back)

    def close(self) -> None:
        """Do nothing more."""
        if self._timer is not None:
            self._timer.cancel()

    def _give_back(self) -> None:
        self._timer = None
        if self._trim is not None and self._is_empty():
            self._trim(0)
