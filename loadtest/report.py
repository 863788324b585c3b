"""What came out of a load test: figures with names, over all of it and second by second."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

from loadtest.histogram import Histogram
from loadtest.server_cost import Cost
from loadtest.tally import Tally

# A generator that sends this late, or has this little of a core left, measures itself. One that is
# late with so little to do was not let to do it.
_LATE_SECONDS, _BUSY, _IDLE = 0.02, 0.9, 0.5

# (name, unit, what it is); the unit says how it is shown: s, share, bytes, bit/s, 1/s, count.
FIGURES: tuple[tuple[str, str, str], ...] = (
    ("latency_p50", "s", "from a client's socket to another's, half of all packets within"),
    ("latency_p95", "s", "95 % of all packets within"),
    ("latency_p99", "s", "99 % of all packets within"),
    ("latency_max", "s", "the slowest packet"),
    ("loss", "share", "of the packets sent to clients, never came"),
    ("repaired", "share", "came only after they were asked for"),
    ("duplicates", "share", "came twice"),
    ("reordered", "share", "came after a later one"),
    ("left_out", "count", "published, but not sent to a client: paused videos, silent microphones"),
    ("mixed_up", "count", "came in somebody else's slot"),
    ("heard", "share", "of all pairs of sender and receiver, something came"),
    ("packets_in", "1/s", "packets per second sent to the server"),
    ("packets_out", "1/s", "packets per second received from it"),
    ("bitrate_in", "bit/s", "sent to the server"),
    ("bitrate_out", "bit/s", "received from it"),
    ("joins", "count", "clients that joined"),
    ("join_p50", "s", "from opening the WebSocket until media can flow, half within"),
    ("join_p95", "s", "95 % of the joins within"),
    ("first_media_p95", "s", "from then to the first packet, 95 % within"),
    ("failed_joins", "count", "clients that were not let in"),
    ("dropped", "count", "clients that were thrown out, or lost the server"),
    ("keyframe_requests", "count", "that the server sent to clients"),
    ("limit", "count", "the largest load that met the conditions, of --find-limit"),
    ("server_cpu", "share", "of one core"),
    ("cpu_per_packet", "s", "processor time of the server per forwarded packet"),
    ("memory_per_participant", "bytes", "how much the server grew while clients joined"),
    ("generator_cpu", "share", "of one core, the busiest process of the load test"),
    ("generator_late_p99", "s", "how late the load test sent, 99 % within"),
)
UNITS = {name: unit for name, unit, _ in FIGURES}


@dataclass(frozen=True)
class Second:
    """What happened in about a second; ``at`` is when it ended, since the beginning.

    Rates are per second. ``server_cpu`` is of one core, ``server_memory`` in bytes; None when
    nobody tells.
    """

    at: float
    packets_in: float
    packets_out: float
    lost: int
    latency_p50: float | None
    latency_p99: float | None
    server_cpu: float | None
    present: int
    bitrate_in: float = 0.0
    bitrate_out: float = 0.0
    server_memory: int | None = None


@dataclass
class Report:
    """One load test; ``costs`` of the server: empty, with everybody in, at the end.

    ``options`` are those of the command line. ``limit`` is the largest load that met the
    conditions, of a search, ``search`` what it found as a sentence, ``unknown`` that it found none.
    ``joining`` counted while clients joined, ``tally``
    afterwards, for ``duration`` seconds. ``generator`` is each process's share of a core.
    """

    scenario: str
    options: dict[str, Any]
    started: str
    connections: int
    duration: float = 0.0
    joining: Tally = field(default_factory=Tally)
    tally: Tally = field(default_factory=Tally)
    heard: int = 0
    seconds: list[Second] = field(default_factory=list)
    generator: list[float] = field(default_factory=list)
    costs: list[Cost | None] = field(default_factory=lambda: [None, None, None])
    limit: int | None = None
    search: str = ""
    unknown: bool = False

    def figures(self) -> dict[str, float | None]:
        """Every figure of ``FIGURES`` in seconds, bytes, shares of 1; None: was not measured."""
        tally, joins = self.tally, Histogram()
        first = Histogram()
        for each in (self.joining, self.tally):
            joins.add(each.joining)
            first.add(each.first_media)
        both = [self.joining, tally]
        measured: dict[str, float | None] = {
            "latency_p50": tally.latency.quantile(0.5),
            "latency_p95": tally.latency.quantile(0.95),
            "latency_p99": tally.latency.quantile(0.99),
            "latency_max": tally.latency.largest if tally.latency.total else None,
            "loss": _part(tally.lost, tally.expected),
            "repaired": _part(tally.repaired, tally.expected),
            "duplicates": _part(tally.duplicates, tally.expected),
            "reordered": _part(tally.reordered, tally.expected),
            "left_out": tally.left_out,
            "mixed_up": tally.mixed_up,
            "heard": _part(self.heard, self.connections),
            "packets_in": _part(tally.sent, self.duration),
            "packets_out": _part(tally.received, self.duration),
            "bitrate_in": _part(8 * tally.sent_bytes, self.duration),
            "bitrate_out": _part(8 * tally.received_bytes, self.duration),
            "joins": sum(each.joins for each in both),
            "join_p50": joins.quantile(0.5),
            "join_p95": joins.quantile(0.95),
            "first_media_p95": first.quantile(0.95),
            "failed_joins": sum(each.refused.total() for each in both),
            "dropped": sum(each.dropped.total() for each in both),
            "keyframe_requests": tally.keyframes_asked,
            "limit": self.limit,
            "generator_cpu": max(self.generator, default=None),
            "generator_late_p99": tally.late.quantile(0.99),
        }
        measured |= self._server()
        return {name: measured[name] for name, _, _ in FIGURES}

    def _server(self) -> dict[str, float | None]:
        empty, full, end = self.costs
        spent = end.cpu - full.cpu if full is not None and end is not None else None
        grown = full.memory - empty.memory if empty is not None and full is not None else None
        return {
            "server_cpu": None if spent is None else _part(spent, self.duration),
            "cpu_per_packet": None if spent is None else _part(spent, self.tally.received),
            # A server that has memory left from before does not grow: that says nothing.
            "memory_per_participant": (
                None if grown is None or grown <= 0 else _part(grown, self.joining.joins)
            ),
        }

    @property
    def bottleneck(self) -> str:
        """Why the figures are those of the load test itself; empty when they are not."""
        figures = self.figures()
        late, busy = figures["generator_late_p99"] or 0.0, figures["generator_cpu"] or 0.0
        if late <= _LATE_SECONDS and busy <= _BUSY:
            return ""
        advice = "Take more --workers, a larger --sample, fewer clients or another machine."
        if busy < _IDLE:
            advice = "Something else keeps this machine busy: stop it, or take another machine."
        return (
            f"The load generator was the bottleneck: its busiest process used {busy:.0%} of a core "
            f"and sent {1000 * late:.0f} ms late (99 % within). {advice}"
        )

    @property
    def warnings(self) -> list[str]:
        """What keeps the figures from being about the server, in sentences."""
        found = [self.bottleneck] if self.bottleneck else []
        empty, full = self.costs[:2]
        if empty is not None and full is not None and full.memory <= empty.memory:
            found.append(
                "The server used memory again that it had before, so what a participant takes is "
                "not known: start it anew to measure that."
            )
        if self.tally.not_sent > 0.001 * max(self.tally.sent, 1):
            found.append(
                f"{self.tally.not_sent} packets could not be sent in time. Take fewer clients."
            )
        if self.tally.broken > 0.001 * max(self.tally.received, 1):
            found.append(f"{self.tally.broken} packets were not protected as agreed.")
        if self.tally.mixed_up:
            found.append(f"{self.tally.mixed_up} packets came in the slot of somebody else.")
        if self.tally.foreign:
            found.append(
                f"{self.tally.foreign} packets were of somebody who is not part of this test; only "
                "the server's processor time knows of them. Take a room of its own."
            )
        if self.tally.dropped:
            reasons = ", ".join(f"{code} ({n})" for code, n in self.tally.dropped.items())
            found.append(f"Clients were lost during the test: {reasons}.")
        return found

    def as_json(self) -> dict[str, Any]:
        """Plain values: all figures, the seconds, the distribution of latencies."""
        return {
            "scenario": self.scenario,
            "options": self.options,
            "started": self.started,
            "duration": self.duration,
            "figures": self.figures(),
            "warnings": self.warnings,
            "search": self.search,
            "seconds": [asdict(each) for each in self.seconds],
            "latency": self.tally.latency.cumulative(),
            "refused": dict(self.joining.refused + self.tally.refused),
            "dropped": dict(self.joining.dropped + self.tally.dropped),
        }


def shown(value: float | None, unit: str) -> str:
    """A figure as people read it."""
    if value is None:
        return "not measured"
    if unit == "s":
        if value < 0.001:
            return f"{value * 1e6:.0f} µs"
        return f"{value * 1e3:.1f} ms" if value < 1 else f"{value:.2f} s"
    if unit == "share":
        return f"{100 * value:.3g} %"
    if unit == "bytes":
        return f"{value / 1024:.0f} KiB"
    if unit == "bit/s":
        return f"{value / 1e6:.2f} Mbit/s"
    return f"{value:,.0f}" + ("/s" if unit == "1/s" else "")


def _part(count: float, whole: float) -> float | None:
    return count / whole if whole else None
