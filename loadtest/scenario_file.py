"""Scenarios that somebody wrote: a TOML file with groups of clients, and options."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from loadtest.profiles import network
from loadtest.scenario import Scenario, Seat

EXAMPLE = """\
# Options of the command line, which goes above them; "-" is written as "_".
duration = 30
bitrate = "600k"
simulcast = true
fail_if = ["latency_p99>30ms", "loss>0.1%"]

rooms = 2           # so many of the same

[[clients]]         # in each room; any number of such groups
count = 3
sends = true

[[clients]]
count = 20
sends = false
network = "3g"      # as --network

[guests]            # who come and go, in all rooms
rate = 2            # per second
stay = 5            # seconds
"""
_MAX_CLIENTS = 10_000
_OF_GROUPS = frozenset({"count", "sends", "network"})
_OF_GUESTS = frozenset({"rate", "stay"})


def read(path: Path) -> tuple[Scenario, list[str]]:
    """The scenario of a file, and its options as a command line has them.

    Raises ``ValueError`` that says what is wrong.
    """
    try:
        content = tomllib.loads(path.read_text())
    except OSError as error:
        raise ValueError(f"{path} can not be read: {error.strerror}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ValueError(f"{path} is no TOML: {error}") from None
    try:
        return parsed(content)
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from None


def parsed(content: Mapping[str, Any]) -> tuple[Scenario, list[str]]:
    """As ``read``, of what is in the file."""
    rest = dict(content)
    rooms = _number(rest.pop("rooms", 1), "rooms")
    groups, guests = rest.pop("clients", []), rest.pop("guests", {})
    if not isinstance(groups, list) or not groups:
        raise ValueError("it needs at least one group of [[clients]]")
    people: list[tuple[bool, Any]] = []
    for group in groups:
        _known(group, _OF_GROUPS, "[[clients]]")
        if not isinstance(sends := group.get("sends", True), bool):
            raise ValueError("sends is true or false")
        own = network(str(group["network"])) if "network" in group else None
        people += [(sends, own)] * _number(group.get("count", 1), "count")
    if len(people) * rooms > _MAX_CLIENTS:
        raise ValueError(f"more than {_MAX_CLIENTS} clients")
    seats = tuple(
        Seat(room * len(people) + n, room, sends, own)
        for room in range(rooms)
        for n, (sends, own) in enumerate(people)
    )
    _known(guests, _OF_GUESTS, "[guests]")
    rate, stay = (guests.get(name, 0 if name == "rate" else 3) for name in ("rate", "stay"))
    if not all(type(each) in (int, float) and 0 <= each < 1e6 for each in (rate, stay)):
        raise ValueError("rate and stay are numbers from 0")
    made = Scenario(rooms, seats, float(rate), float(stay), tolerant=rate > 0)
    return made, [word for name, value in rest.items() for word in _words(name, value)]


def _words(name: str, value: Any) -> list[str]:
    option = "--" + name.replace("_", "-")
    if isinstance(value, bool):
        return [option] if value else []
    if isinstance(value, list):
        return [f"{option}={each}" for each in value]
    if isinstance(value, dict):
        raise ValueError(f"[{name}] is not known; there are [[clients]] and [guests]")
    return [f"{option}={value}"]


def _known(table: Any, names: frozenset[str], title: str) -> None:
    if not isinstance(table, dict):
        raise ValueError(f"{title} is a table")
    for name in table:
        if name not in names:
            raise ValueError(f"{title} has no {name!r}, but {', '.join(sorted(names))}")


def _number(value: Any, name: str) -> int:
    if type(value) is not int or not 1 <= value <= _MAX_CLIENTS:
        raise ValueError(f"{name} is a whole number from 1 to {_MAX_CLIENTS}")
    return value
