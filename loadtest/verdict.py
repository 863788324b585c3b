"""Conditions such as ``latency_p99>20ms`` under which a load test fails."""

from __future__ import annotations

import difflib
import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from loadtest.report import UNITS, shown

_CONDITION = re.compile(r"\s*([a-z0-9_]+)\s*(>=|<=|>|<)\s*(\d+(?:\.\d+)?)\s*([a-zA-Zµ%/]*)\s*")
_COMPARISONS: Mapping[str, Callable[[float, float], bool]] = {
    ">": operator.gt,
    "<": operator.lt,
    ">=": operator.ge,
    "<=": operator.le,
}
# By the unit of the figure: what may be written behind a number, and its worth.
_UNITS: Mapping[str, Mapping[str, float]] = {
    "s": {"s": 1.0, "ms": 1e-3, "us": 1e-6, "µs": 1e-6},
    "share": {"%": 0.01, "": 1.0},
    "bytes": {"": 1.0, "B": 1.0, "kB": 1e3, "MB": 1e6, "KiB": 1024.0, "MiB": 1024.0**2},
    "bit/s": {"": 1.0, "k": 1e3, "M": 1e6, "kbit/s": 1e3, "Mbit/s": 1e6},
    "1/s": {"": 1.0, "k": 1e3, "/s": 1.0},
    "count": {"": 1.0},
}


@dataclass(frozen=True)
class Condition:
    """Holds when the test failed; ``text`` is how it was written."""

    text: str
    figure: str
    comparison: str
    limit: float

    def broken(self, figures: Mapping[str, float | None]) -> str:
        """Why ``figures`` fail it, as a sentence; empty when they do not.

        A figure that was not measured fails: nobody knows that it is good.
        """
        value = figures[self.figure]
        if value is None:
            return f"{self.text}: {self.figure} was not measured."
        if _COMPARISONS[self.comparison](value, self.limit):
            return f"{self.text}: it is {shown(value, UNITS[self.figure])}."
        return ""


def condition(text: str) -> Condition:
    """The condition written as ``text``. Raises ``ValueError`` that says what is wrong with it."""
    found = _CONDITION.fullmatch(text)
    if found is None:
        raise ValueError(f"{text!r} is no condition; write one like latency_p99>20ms")
    name, comparison, number, unit = found.groups()
    if name not in UNITS:
        close = difflib.get_close_matches(name, UNITS, n=1)
        meant = f"; did you mean {close[0]}?" if close else f": {', '.join(UNITS)}"
        raise ValueError(f"{name!r} is none of the figures{meant}")
    known = _UNITS[UNITS[name]]
    if unit not in known:
        units = ", ".join(each or "no unit" for each in known)
        raise ValueError(f"{name} takes {units}, not {unit or 'a bare number'!r}")
    return Condition(text.strip(), name, comparison, float(number) * known[unit])
