"""Prints the figures of docs/congestion.md: python -m tests.unit.congestion.figures"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from time import process_time

from sfu.congestion.estimator import Estimator
from sfu.rtp.transport_cc import TransportFeedback
from tests.unit.congestion.path import Path, fixed

KBIT, MBIT = 1_000.0, 1_000_000.0
SEEDS = range(20)


def row(*cells: object) -> None:
    sys.stdout.write("| " + " | ".join(str(cell) for cell in cells) + " |\n")


def spread(values: Iterable[float], digits: int = 2) -> str:
    """Median and worst of the seeds."""
    ordered = sorted(values)
    return f"{ordered[len(ordered) // 2]:.{digits}f} / {ordered[-1]:.{digits}f}"


def seconds(path: Path, condition: Callable[[Estimator], bool]) -> float:
    return path.run_until(condition, limit=60.0)


def steady() -> None:
    row("path", "mean use", "queueing p95, ms", "falls over 10 % a minute")
    for capacity in (150, 300, 700, 1500, 3000, 5000):
        rate = capacity * KBIT
        uses, queues, falls = [], [], []
        for seed in SEEDS:
            path = Path(rate, audio=capacity >= 700, jitter=0.005, seed=seed)
            path.estimator.want(2 * rate, path.now)
            path.run(70.0)
            estimates = path.estimates(10.0, 70.0)
            uses.append(sum(min(each, rate) for each in estimates) / len(estimates) / rate)
            waits = path.queueing(10.0, 70.0)
            queues.append(1000 * waits[int(len(waits) * 0.95)])
            falls.append(path.decreases(10.0, 70.0))
        use = sorted(uses)
        row(
            f"{capacity} kbit/s",
            f"{use[len(use) // 2]:.2f} / {use[0]:.2f}",
            spread(queues, 0),
            spread(falls, 0),
        )


def changes() -> None:
    down, up, low_up, wanted, found = [], [], [], [], []
    for seed in SEEDS:
        path = Path(3 * MBIT, jitter=0.005, seed=seed)
        path.estimator.want(10 * MBIT, path.now)
        path.run(15.0)
        path.link.rate = 500 * KBIT
        down.append(seconds(path, lambda estimator: estimator.estimate < 600 * KBIT))
        path.run(20.0)
        path.link.rate = 3 * MBIT
        up.append(seconds(path, lambda estimator: estimator.estimate > 2.5 * MBIT))
        path = Path(150 * KBIT, jitter=0.005, seed=seed)
        path.estimator.want(10 * MBIT, path.now)
        path.run(20.0)
        path.link.rate = 3 * MBIT
        low_up.append(seconds(path, lambda estimator: estimator.estimate > 2.5 * MBIT))
        path = Path(3 * MBIT, media=fixed(300 * KBIT), jitter=0.005, seed=seed)
        path.run(10.0)
        path.estimator.want(1.2 * MBIT, path.now)
        wanted.append(seconds(path, lambda estimator: estimator.estimate >= 1.2 * MBIT))
        path = Path(100 * MBIT, delay=0.001, media=fixed(500 * KBIT), seed=seed)
        path.estimator.want(5 * MBIT, path.now)
        found.append(seconds(path, lambda estimator: estimator.estimate >= 5 * MBIT))
    row("what happens", "seconds")
    row("3 Mbit/s become 500 kbit/s: estimate below 600 kbit/s", spread(down))
    row("500 kbit/s become 3 Mbit/s: estimate above 2.5 Mbit/s", spread(up))
    row("150 kbit/s become 3 Mbit/s: estimate above 2.5 Mbit/s", spread(low_up))
    row("300 kbit/s are sent, 1.2 Mbit/s are wanted: estimate there", spread(wanted))
    row("start on a LAN: estimate at 5 Mbit/s", spread(found))


def losses() -> None:
    row("random loss", "mean estimate on 3 Mbit/s, median / worst")
    for loss in (0.02, 0.05, 0.1, 0.15, 0.2):
        means = []
        for seed in SEEDS:
            path = Path(3 * MBIT, loss=loss, seed=seed)
            path.estimator.want(10 * MBIT, path.now)
            path.run(40.0)
            estimates = path.estimates(10.0, 40.0)
            means.append(sum(estimates) / len(estimates) / MBIT)
        ordered = sorted(means)
        row(f"{loss:.0%}", f"{ordered[len(ordered) // 2]:.2f} / {ordered[0]:.2f} Mbit/s")


def costs() -> None:
    estimator = Estimator()
    count, batch = 100_000, 50
    recording = reacting = 0.0
    for index in range(0, count, batch):
        now = 10.0 + index * 0.002
        began = process_time()
        for _ in range(batch):
            first = estimator.history.record(1200, now)
        recording += process_time() - began
        ticks: list[int | None] = [8 * each for each in range(batch)]
        reference = round(now / 0.064)
        feedback = TransportFeedback(1, 2, (first - batch + 1) & 0xFFFF, 0, reference, ticks)
        began = process_time()
        estimator.feedback(feedback, now + 0.1)
        reacting += process_time() - began
    row("record one packet", f"{recording / count * 1e6:.2f} µs")
    row(f"take in its feedback ({batch} packets in one)", f"{reacting / count * 1e6:.2f} µs")


def vain() -> None:
    path = Path(1 * MBIT, media=fixed(500 * KBIT))
    path.estimator.want(5 * MBIT, path.now)
    path.run(90.0)
    estimates = path.estimates(10.0, 90.0)
    waits = path.queueing(10.0, 90.0)
    row("500 kbit/s sent on 1 Mbit/s, 5 Mbit/s wanted, 90 s", "")
    row("estimate, least and most", f"{min(estimates):.0f} / {max(estimates):.0f} bit/s")
    row("padding", f"{path.padded * 8 / 90 / 1000:.1f} kbit/s")
    row("queueing p99", f"{1000 * waits[int(len(waits) * 0.99)]:.0f} ms")


if __name__ == "__main__":
    for part in (steady, changes, losses, vain, costs):
        part()
        sys.stdout.write("\n")
