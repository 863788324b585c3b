"""Writes docs/metrics.md from the metrics themselves, so that the table has all of them.

``--check`` writes nothing and exits 1 when the file is stale.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path

from prometheus_client.core import Metric

from sfu.counters import Counters
from sfu.server.metrics import Metrics

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "metrics.md"

_INTRODUCTION = """\
<!-- Generated from sfu/server/metrics.py by scripts/generate_metrics.py: do not edit. -->

# Metrics

`/metrics` on the server's HTTP port, in the text format of Prometheus; each scrape reads what is so
at that moment. Alerts and a dashboard are in [deploy](../deploy/README.md), and what to look at
when a call is bad in [operations.md](operations.md).

No label names a room, a participant or a stream, so the number of series does not grow with use:
for one call ask `/debug/rooms` or [the API](api.md). Where the table lists a label's values, all
those series are there from the start, at 0. Counters grow until the process ends; a histogram has
`_bucket`, `_sum` and `_count`. `in` is what comes to the server, `out` what goes to clients.

| metric | type | labels | meaning |
|---|---|---|---|
"""


class _Nobody:
    """A server without anybody in it."""

    def tracks(self) -> Mapping[tuple[str, str], int]:
        return {}

    def _none(self) -> int:
        return 0

    rooms = participants = waiting = load = transports = websockets = tcp_connections = _none


def page() -> str:
    """The whole page."""
    return _INTRODUCTION + "".join(_row(each) for each in Metrics(Counters(), _Nobody()).families())


def _row(metric: Metric) -> str:
    name = metric.name + ("_total" if metric.type == "counter" else "")
    labels = ", ".join(_label(metric, label) for label in metric._labelnames)
    return f"| `{name}` | {metric.type} | {labels} | {metric.documentation} |\n"


def _label(metric: Metric, label: str) -> str:
    values = sorted({sample.labels[label] for sample in metric.samples})
    if not values or label == "version":
        return f"`{label}`"
    return f"`{label}`: {', '.join(values)}"


def main() -> int:
    """Write the page, or check it."""
    text = page()
    if PAGE.exists() and PAGE.read_text(encoding="utf-8") == text:
        return 0
    if "--check" in sys.argv[1:]:
        sys.stderr.write(f"{PAGE.relative_to(ROOT)} is stale: run `make types`.\n")
        return 1
    PAGE.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
