"""What a network is like, as values and as options of a command line."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from typing import Any, NoReturn

from loadtest.link import Link


@dataclass(frozen=True, slots=True)
class Conditions:
    """What one direction of the network is like; the fields are those of ``Link``."""

    rate: float | None = None
    queue: float = 0.3
    delay: float = 0.0
    jitter: float = 0.0
    loss: float = 0.0
    burst: float = 1.0
    reorders: bool = False
    blackout: float = 0.0
    every: float = 10.0

    def apply(self, link: Link) -> None:
        """Make ``link`` so; packets under way arrive as they would have."""
        for name, value in asdict(self).items():
            setattr(link, name, value)


# Up and down.
Network = tuple[Conditions, Conditions]


def rate(text: str) -> float | None:
    """Bits per second: ``400k``, ``2.5M``, ``300000``; ``none`` for no limit."""
    if text == "none":
        return None
    unit = {"k": 1e3, "M": 1e6}.get(text[-1:], 1.0)
    value = float(text if unit == 1.0 else text[:-1]) * unit
    if not value > 0:
        raise ValueError("a rate is above 0, or none")
    return value


def duration(text: str) -> float:
    """Seconds: ``80ms``, ``0.3s``, ``0.3``."""
    value = float(text[:-2]) / 1000 if text.endswith("ms") else float(text.removesuffix("s"))
    if not 0 <= value <= 60:
        raise ValueError("at most a minute")
    return value


def interval(text: str) -> float:
    """Seconds above 0, as in ``duration``."""
    value = duration(text)
    if not value:
        raise ValueError("more than nothing")
    return value


def share(text: str) -> float:
    """A part of all packets: ``5%`` or ``0.05``."""
    value = float(text[:-1]) / 100 if text.endswith("%") else float(text)
    if not 0 <= value <= 1:
        raise ValueError("from 0 to 100%")
    return value


def burst(text: str) -> float:
    """Packets in a row: ``3`` or ``2.5``."""
    value = float(text)
    if not 1 <= value <= 1000:
        raise ValueError("from 1 to 1000 packets")
    return value


def yes_or_no(text: str) -> bool:
    """``yes`` or ``no``."""
    if text not in ("yes", "no"):
        raise ValueError("yes or no")
    return text == "yes"


class _LineParser(argparse.ArgumentParser):
    """Raises instead of ending the program: a line with a mistake changes nothing."""

    def error(self, message: str) -> NoReturn:
        raise ValueError(message)


_OPTIONS: tuple[tuple[str, Callable[[str], Any], str], ...] = (
    ("rate", rate, "bits per second of each client, such as 400k or 2.5M; none for no limit"),
    ("queue", duration, "how long a limited rate holds packets before it drops (first 300ms)"),
    ("delay", duration, "how long each packet takes, such as 80ms"),
    ("jitter", duration, "how much longer a packet may take"),
    ("loss", share, "how many packets are lost, such as 5%%"),
    ("burst", burst, "how many are lost in a row, on average (first 1)"),
    ("blackout", duration, "how long nothing gets through at all, again and again"),
    ("every", interval, "how often a blackout begins (first 10s)"),
    ("reorders", yes_or_no, "whether packets may overtake each other: yes or no"),
)


def conditions_parser() -> argparse.ArgumentParser:
    """The options that may be changed while the relay runs."""
    options = _LineParser(add_help=False, allow_abbrev=False, argument_default=argparse.SUPPRESS)
    for prefix, title in (
        ("", "both directions"),
        ("up-", "from the clients to the server only"),
        ("down-", "from the server to the clients only"),
    ):
        group = options.add_argument_group(title)
        for name, kind, text in _OPTIONS:
            option = f"{prefix}{name}"
            group.add_argument(f"--{option}", dest=option, type=kind, metavar=name, help=text)
    return options


def changed(
    up: Conditions, down: Conditions, options: dict[str, Any]
) -> tuple[Conditions, Conditions]:
    """``up`` and ``down`` with what parsed ``options`` tell of them; other options are ignored."""
    return _with(up, "up-", options), _with(down, "down-", options)


def _with(conditions: Conditions, prefix: str, options: dict[str, Any]) -> Conditions:
    told = {}
    for name, _, _ in _OPTIONS:
        for option in (name, prefix + name):  # of one direction goes above of both
            if option in options:
                told[name] = options[option]
    return replace(conditions, **told)
