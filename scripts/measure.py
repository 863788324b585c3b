"""Measures what the whole server spends per forwarded packet: the figures of docs/performance.md.

    python scripts/measure.py                  every figure, medians of three, some 11 minutes
    python scripts/measure.py --runs 1 --only fanout50 --egress native

The server is pinned to the first core and the load test to the second. Nothing else should run.
"""

from __future__ import annotations

import argparse
import contextlib
import http.client
import json
import os
import platform
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_ROOT = Path(__file__).parent.parent
_START_SECONDS = 20.0
# A load test that takes longer than its own duration and this hangs.
_PATIENCE_SECONDS = 120.0


@dataclass(frozen=True)
class Figure:
    """One load test; ``targets`` are conditions by egress, checked against the medians."""

    name: str
    arguments: tuple[str, ...]
    runs: int | None = None  # None: as the command line says
    egresses: tuple[str, ...] = ("native", "python")
    native: float | None = None  # µs per forwarded packet at most
    python: float | None = None


_SAMPLE = ("--sample", "10")
FIGURES = (
    Figure("fanout50", ("fanout", "--size", "51", *_SAMPLE), native=7.0, python=25.0),
    Figure("fanout20", ("fanout", "--size", "21", *_SAMPLE), native=9.0, python=25.0),
    Figure("room8", ("room", "--size", "8", *_SAMPLE), native=9.0, python=25.0),
    Figure("rooms3", ("rooms", "--rooms", "10", "--size", "3", *_SAMPLE), native=14.0),
    # 10,000 packets per second: latency and loss are what is looked at.
    Figure("room12", ("room", "--size", "12", *_SAMPLE), egresses=("native",)),
    # As many packets as one core carries: the generator ends first where it has one core too.
    Figure(
        "webinar100",
        ("webinar", "--publishers", "1", "--size", "100", "--bitrate", "2M", "--sample", "50"),
        runs=1,
        egresses=("native",),
    ),
    # 60 people join one room, 20 per second.
    Figure("join60", ("room", "--size", "60", "--bitrate", "none", "--sample", "50"), runs=1),
)


@contextlib.contextmanager
def server(egress: str, core: int) -> Iterator[tuple[str, int]]:
    """A server of its own: its URL and process id."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {
        **os.environ,
        "SFU_EGRESS": egress,
        "SFU_HTTP_PORT": str(port),
        "SFU_UDP_PORT": "0",
        "SFU_ROOM_CAPACITY": "200",
        "PYTHONPATH": str(_ROOT),
    }
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen(
            ["taskset", "-c", str(core), sys.executable, "-m", "sfu", "serve"],
            env=environment,
            cwd=_ROOT,
            stdout=log,
            stderr=log,
        )
        try:
            _await(port, process)
            yield f"http://127.0.0.1:{port}", process.pid
        finally:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()


def _await(port: int, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=1)
        with contextlib.suppress(OSError, http.client.HTTPException):
            connection.request("GET", "/healthz")
            if connection.getresponse().status == 200:
                return
        connection.close()
        time.sleep(0.1)
    sys.exit("The server did not start; run `python -m sfu serve` to see why.")


def measure(
    figure: Figure, egress: str, duration: float, cores: tuple[int, int]
) -> dict[str, float]:
    """One run: the figures of the load test, in seconds and shares of 1."""
    with server(egress, cores[0]) as (url, pid), tempfile.TemporaryDirectory() as folder:
        result = Path(folder) / "report.json"
        command = ["taskset", "-c", str(cores[1]), sys.executable, "-m", "loadtest"]
        options = ["--url", url, "--server-pid", str(pid), "--json", str(result)]
        ended = subprocess.run(
            [*command, *figure.arguments, "--duration", str(duration), *options],
            cwd=_ROOT,
            env={**os.environ, "PYTHONPATH": str(_ROOT)},
            capture_output=True,
            text=True,
            timeout=duration + _PATIENCE_SECONDS,
            check=False,
        )
        if not result.exists():
            sys.exit(f"{figure.name} could not be measured: {ended.stderr.strip()[-500:]}")
        told = json.loads(result.read_text())
        for warning in told["warnings"]:
            sys.stderr.write(f"  {figure.name} {egress}: {warning}\n")
        figures: dict[str, float] = told["figures"]
        return figures


def median(runs: list[dict[str, float]], name: str) -> float | None:
    """The median of one figure over the runs that have it."""
    values = [run[name] for run in runs if run[name] is not None]
    return statistics.median(values) if values else None


def row(figure: Figure, egress: str, runs: list[dict[str, float]]) -> str:
    """One line of the table in docs/performance.md."""

    def shown(name: str, factor: float, digits: int) -> str:
        value = median(runs, name)
        return "–" if value is None else f"{value * factor:,.{digits}f}"

    spread = sorted(run["cpu_per_packet"] * 1e6 for run in runs if run["cpu_per_packet"])
    between = f"{spread[0]:.1f}–{spread[-1]:.1f}" if spread else "–"
    target = figure.native if egress == "native" else figure.python
    cost = median(runs, "cpu_per_packet")
    verdict = ""
    if target is not None and cost is not None:
        verdict = f"≤ {target:g}: {'met' if cost * 1e6 <= target else 'MISSED'}"
    return (
        f"| {figure.name} | {egress} | {shown('packets_out', 1, 0)} "
        f"| {shown('cpu_per_packet', 1e6, 1)} ({between}) | {verdict} "
        f"| {shown('server_cpu', 100, 0)} % | {shown('latency_p50', 1e3, 2)} "
        f"| {shown('latency_p99', 1e3, 2)} | {shown('loss', 100, 3)} % "
        f"| {shown('join_p50', 1e3, 0)} / {shown('join_p95', 1e3, 0)} "
        f"| {shown('generator_cpu', 100, 0)} % |"
    )


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def main() -> None:
    """Measure what the command line asks for and print the table."""
    parser = argparse.ArgumentParser(description="What the server spends per forwarded packet.")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--duration", type=float, default=8.0, help="seconds of each run")
    parser.add_argument("--only", action="append", choices=[each.name for each in FIGURES])
    parser.add_argument("--egress", choices=("native", "python"))
    parser.add_argument("--cores", type=int, nargs=2, default=(0, 1), metavar=("SERVER", "LOAD"))
    options = parser.parse_args()
    load = os.getloadavg()[0]
    _say(
        f"{time.strftime('%Y-%m-%d')}, {platform.system()} {platform.release()}, "
        f"Python {platform.python_version()}, {os.cpu_count()} cores, load before {load:.1f}\n"
    )
    _say(
        "| figure | egress | packets/s out | µs per packet (least–most) | target | core "
        "| latency p50, ms | p99, ms | loss | join p50 / p95, ms | generator |\n"
        "|---|---|---|---|---|---|---|---|---|---|---|"
    )
    for figure in FIGURES:
        if options.only and figure.name not in options.only:
            continue
        for egress in figure.egresses:
            if options.egress in (None, egress):
                count = min(figure.runs or options.runs, options.runs)
                cores = options.cores[0], options.cores[1]
                runs = [measure(figure, egress, options.duration, cores) for _ in range(count)]
                _say(row(figure, egress, runs))


if __name__ == "__main__":
    main()
