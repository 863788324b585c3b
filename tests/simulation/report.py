"""What everybody in a simulated call saw and heard, as a table for people."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.simulation.browser import Browser

_COLUMNS = (
    "who sees",
    "views",
    "first picture s",
    "freezes",
    "longest s",
    "frozen %",
    "paused s",
    "changes/min",
    "height",
    "fps",
    "kbit/s",
    "audio loss %",
)


def report(browsers: Iterable[Browser], after: float = 0.0) -> str:
    """One row per browser over all it watched; changes and kbit/s count since ``after``.

    First picture, longest freeze, frozen share, time paused by the server, changes and audio loss
    are those of the worst view; height and frames per second go from the lowest to the highest.
    """
    rows = [_row(browser, after) for browser in browsers if browser.watcher.views]
    widths = [max(map(len, column)) for column in zip(_COLUMNS, *rows, strict=True)]
    return "\n".join(
        "  ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True))
        for row in (_COLUMNS, *rows)
    )


def _row(browser: Browser, after: float) -> Sequence[str]:
    views = list(browser.watcher.views.values())
    live = [view for view in views if not view.excused]
    first = [view.time_to_first_picture for view in views]
    seen = [time for time in first if time is not None]
    unseen = len(first) - len(seen)
    losses = [each.residual_loss for each in browser.watcher.listeners.values()]
    return (
        browser.name,
        str(len(views)),
        (f"{max(seen):.2f}" if seen else "") + (f" ({unseen} never)" if unseen else ""),
        str(sum(len(view.freezes) for view in views)),
        f"{max(view.longest_freeze for view in views):.2f}",
        f"{max(view.frozen_share for view in views) * 100:.1f}",
        f"{max(view.paused for view in views):.1f}",
        f"{max(view.changes_per_minute(after) for view in views):.1f}",
        _range(view.height for view in live),
        _range(round(view.fps) for view in live),
        f"{sum(view.goodput(after) for view in live) * 8 / 1000:.0f}",
        f"{max(losses, default=0.0) * 100:.1f}",
    )


def _range(values: Iterable[int]) -> str:
    ordered = sorted(values)
    if not ordered:
        return "-"
    low, high = ordered[0], ordered[-1]
    return str(low) if low == high else f"{low}-{high}"
