"""Exceptions that no part expected, at one boundary: each is counted, and the first is told."""

from __future__ import annotations

from sfu.counters import Counters
from sfu.server.logs import observe

# The same bug may strike with every packet; one traceback in this many seconds tells as much.
_LOG_INTERVAL = 10.0


class Bugs:
    """Those of one boundary: whoever caused one is closed elsewhere, and everybody else lives."""

    def __init__(self, counters: Counters, boundary: str) -> None:
        """``boundary`` is the label of ``parley_bugs_total``."""
        self._counters = counters
        self._boundary = boundary
        self._quiet_until = 0.0

    def found(self, error: Exception, now: float) -> None:
        """Count ``error``; its traceback is logged, unless there was another one just before."""
        self._counters.bugs[self._boundary] += 1
        if now >= self._quiet_until:
            self._quiet_until = now + _LOG_INTERVAL
            observe("bug", boundary=self._boundary, error=error)
