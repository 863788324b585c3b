"""The networks that docs/quality.md speaks of, and what people see and hear on them.

``python -m tests.simulation.scenarios`` prints the figures.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from tests.simulation.browser import Browser
from tests.simulation.simulator import Call


@dataclass(frozen=True)
class Figures:
    """What one person saw and heard of the others, the worst of them."""

    longest_freeze: float  # seconds
    frozen: float  # share of the time
    audio_lost: float  # share of the packets
    changes_per_minute: float  # of all pictures together: layers, pauses and returns
    used: float  # share of the link, padding and repair left out; 0 without a rate
    first_picture: float  # seconds


def figures(viewer: Browser, others: list[Browser], after: float, pauses: int = 0) -> Figures:
    """The figures of ``viewer`` since the time ``after``, with that many ``pauses``."""
    views = [viewer.view_of(other) for other in others]
    minutes = (viewer.call.now - after) / 60
    changes = sum(at > after for view in views for at, _, _ in view.changes) + pauses
    return Figures(
        longest_freeze=max(view.longest_freeze for view in views),
        frozen=max(view.frozen_share for view in views),
        audio_lost=max(viewer.listening_to(other).residual_loss for other in others),
        changes_per_minute=changes / minutes,
        used=0.0,
        first_picture=max(view.time_to_first_picture or 0.0 for view in views),
    )


def loss(share: float, burst: float, *, seed: int = 1, seconds: float = 60.0) -> Figures:
    """Three people, one of whom has a link that loses packets both ways, the others a good one."""
    call = Call(seed=seed)
    bad: dict[str, Any] = {"loss": share, "burst": burst}
    ann = call.browser("ann", simulcast=True, up=bad, down=bad)
    others = [call.browser(name, simulcast=True) for name in ("bob", "cem")]
    call.run(seconds)
    seen = figures(ann, others, call.now - seconds + 10)
    back = figures(others[0], [ann], call.now - seconds + 10)
    return Figures(*(max(pair) for pair in zip(_values(seen), _values(back), strict=True)))


def _values(each: Figures) -> tuple[float, ...]:
    return (
        each.longest_freeze,
        each.frozen,
        each.audio_lost,
        each.changes_per_minute,
        each.used,
        each.first_picture,
    )


def _others(call: Call, number: int) -> list[Browser]:
    """Those whom one person watches.

    Two of them watch as well, so that somebody wants every layer of all; the rest only sends,
    which is quicker to simulate.
    """
    watching = [call.browser(f"p{n}", simulcast=True) for n in range(min(number, 2))]
    sending = range(len(watching), number)
    return watching + [
        call.browser(f"p{n}", simulcast=True, slots=0, adds_slots=False) for n in sending
    ]


@dataclass(frozen=True)
class Step:
    """What a step of the rate down and up again does."""

    lower_after: float  # seconds from the step to the first picture of a lower layer
    longest_freeze: float
    audio_lost: float
    top_after: float  # seconds from the step up to the first picture of the top layer


def rate_step(*, seed: int = 1, publishers: int = 1, high: float = 3e6, low: float = 5e5) -> Step:
    """A downlink of 3 Mbit/s falls to 500 kbit/s for 20 s and comes back."""
    call = Call(seed=seed)
    ann = call.browser("ann", simulcast=True, down={"rate": high})
    others = _others(call, publishers)
    for silent in others[1:]:
        silent.mute("microphone")
    call.run(20.0)
    views = [ann.view_of(other) for other in others]
    before = max(view.height for view in views)
    down_at = call.now
    ann.down.rate = low
    call.run(20.0)
    up_at = call.now
    ann.down.rate = high
    call.run(20.0)
    changes = [change for view in views for change in view.changes]
    lower = [at for at, height, _ in changes if down_at < at <= up_at and height < before]
    top = [at for at, height, _ in changes if at > up_at and height >= before]
    return Step(
        lower_after=min(lower, default=float("inf")) - down_at,
        longest_freeze=max(view.longest_freeze for view in views),
        audio_lost=ann.listening_to(others[0]).residual_loss,
        top_after=min(top, default=float("inf")) - up_at,
    )


def steady(
    rate: float, *, seed: int = 1, publishers: int = 5, seconds: float = 70.0, queue: float = 0.3
) -> Figures:
    """A steady downlink, more pictures than it carries; all but one of the others are muted."""
    call = Call(seed=seed)
    ann = call.browser("ann", simulcast=True, down={"rate": rate, "queue": queue})
    others = _others(call, publishers)
    call.run(0.5)
    for silent in others[1:]:
        silent.mute("microphone")
    call.run(9.5)
    after, heard = call.now, len(ann.of_type("quality"))
    wasted = _wasted(ann)
    carried = ann.down.carried_bytes
    call.run(seconds - 10.0)
    pauses = 0
    paused = {}
    for number, message in enumerate(ann.of_type("quality")):
        for track in message["tracks"]:
            key = track["participant"], track["source"]
            if paused.get(key, False) is not track["paused"]:
                paused[key] = track["paused"]
                pauses += number >= heard
    used = ann.down.carried_bytes - carried - (_wasted(ann) - wasted)
    seen = figures(ann, others, after, pauses)
    return Figures(
        seen.longest_freeze,
        seen.frozen,
        ann.listening_to(others[0]).residual_loss,
        seen.changes_per_minute,
        used * 8 / (rate * (call.now - after)),
        seen.first_picture,
    )


def _wasted(browser: Browser) -> int:
    """Bytes of padding and of what was sent again, so far."""
    participant = browser.session._participant
    assert participant is not None
    return participant.subscriber.downlink.resent_bytes


STEADY_RATES = (150e3, 250e3, 400e3, 700e3, 1e6, 1.5e6, 2.5e6, 4e6, 5e6)


def _line(name: str, each: Figures) -> str:
    return (
        f"{name:28} longest freeze {each.longest_freeze:5.2f} s  frozen {each.frozen:6.2%}  "
        f"audio lost {each.audio_lost:7.3%}  changes/min {each.changes_per_minute:5.1f}  "
        f"used {each.used:4.0%}  first picture {each.first_picture:4.2f} s"
    )


def report(wanted: Iterable[str]) -> Iterator[str]:
    """The figures of the scenarios whose names begin with one of ``wanted``, line by line."""
    tables: dict[str, Callable[[], Iterator[str]]] = {
        "loss": lambda: iter([_line("5 % random loss", loss(0.05, 1.0))]),
        "burst": lambda: iter([_line("10 % bursty loss", loss(0.10, 5.0))]),
        "step": _steps,
        "steady": _steady,
    }
    names = tuple(wanted)
    for name, table in tables.items():
        if name.startswith(names):
            yield from table()


def _steps() -> Iterator[str]:
    for publishers in (1, 4):
        for seed in (1, 2, 3):
            seen = rate_step(seed=seed, publishers=publishers)
            yield f"step, {publishers} publishers, seed {seed}: {seen}"


def _steady() -> Iterator[str]:
    for rate in STEADY_RATES:
        for seed in (1, 2):
            yield _line(f"steady {rate / 1000:.0f} kbit/s, seed {seed}", steady(rate, seed=seed))


if __name__ == "__main__":
    for line in report(sys.argv[1:] or ["loss", "burst", "step", "steady"]):
        sys.stdout.write(line + "\n")
        sys.stdout.flush()
