"""Measures what the whole server spends per forwarded packet: the figures of docs/performance.md.

    python scripts/measure.py                  every figure, medians of three, some 15 minutes
    python scripts/measure.py --runs 1 --only fanout50 --egress native
    python scripts/measure.py --asleep         the same where cores may fall asleep

The server is pinned to the first core and the load test to the second. Nothing else should run. A
core that sleeps between packets wakes up slowly and with a low clock: the same work then counts as
up to three times the processor time, and differs from run to run. So both are kept awake by loops
that give way to whatever else there is to do; ``--asleep`` leaves them out.
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
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

_ROOT = Path(__file__).parent.parent
_START_SECONDS = 20.0
# A load test that takes longer than its own duration and this hangs.
_PATIENCE_SECONDS = 120.0


@dataclass(frozen=True)
class Figure:
    """One load test; ``native`` and ``python`` are what the medians may be at most, by name.

    ``runs`` are fewer than the command line says where one run says enough; None is as many.
    """

    name: str
    arguments: tuple[str, ...]
    native: Mapping[str, float] | None = field(default_factory=dict)  # None: not measured
    python: Mapping[str, float] | None = field(default_factory=dict)
    runs: int | None = None


_SAMPLE = ("--sample", "10")
# How targets are shown: the factor and unit of each figure.
SHOWN = {
    "cpu_per_packet": (1e6, "µs"),
    "latency_p99": (1e3, "ms"),
    "loss": (100, "% lost"),
    "failed_joins": (1, "joins failed"),
    "memory_per_participant": (1 / 1024, "KiB"),
}
# A camera of 1.2 Mbit/s and a microphone are 200 packets per second: 10,000 at fan-out 50.
_QUICK = {"latency_p99": 5e-3, "loss": 0.0}
_PYTHON = {"cpu_per_packet": 25e-6}
FIGURES = (
    Figure(
        "fanout50",
        ("fanout", "--size", "50", *_SAMPLE),
        native={"cpu_per_packet": 7e-6, **_QUICK},
        python=_PYTHON,
    ),
    Figure(
        "fanout20",
        ("fanout", "--size", "20", *_SAMPLE),
        native={"cpu_per_packet": 9e-6, **_QUICK},
        python=_PYTHON,
    ),
    # The same with one stream of 3.6 Mbit/s: 10,000 packets per second in all, as above and below.
    Figure(
        "fanout20full",
        ("fanout", "--size", "20", "--bitrate", "3600k", *_SAMPLE),
        native={"cpu_per_packet": 9e-6, **_QUICK},
        python=_PYTHON,
    ),
    Figure(
        "room8",
        ("room", "--size", "8", *_SAMPLE),
        native={"cpu_per_packet": 9e-6, **_QUICK},
        python=_PYTHON,
    ),
    *(
        Figure(f"{name}{size}", (name, "--size", str(size), *_SAMPLE), runs=1)
        for name, size in (("fanout", 1), ("fanout", 10), ("room", 3), ("room", 5))
    ),
    Figure(
        "rooms3",
        ("rooms", "--rooms", "10", "--size", "3", *_SAMPLE),
        native={"cpu_per_packet": 14e-6, **_QUICK},
    ),
    # As many participants with a fifth of the packets: what each costs by itself.
    Figure("fanout50small", ("fanout", "--size", "50", "--bitrate", "240k", *_SAMPLE), runs=1),
    Figure(
        "most_native",
        ("webinar", "--publishers", "1", "--size", "100", "--bitrate", "4800k", "--sample", "50"),
        native={"loss": 0.001},
        python=None,
    ),
    Figure(
        "most_python",
        ("webinar", "--publishers", "1", "--size", "50", "--bitrate", "4M", "--sample", "50"),
        native=None,
        python={"loss": 0.001},
    ),
    Figure(
        "joins200",
        ("joins", "--rooms", "20", "--size", "10", "--join-rate", "20"),
        native={"failed_joins": 0.0},
        python=None,
        runs=1,
    ),
    Figure(
        "idle100",
        ("idle", "--rooms", "10", "--size", "10"),
        native={"memory_per_participant": 400 * 1024},
        python={"memory_per_participant": 400 * 1024},
        runs=1,
    ),
)


# SCHED_IDLE: it runs only where nobody else wants to.
_AWAKE = """
import os, sys
os.sched_setaffinity(0, {int(sys.argv[1])})
os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))
while True:
    pass
"""


@contextlib.contextmanager
def awake(cores: Sequence[int]) -> Iterator[None]:
    """Keeps these cores from falling asleep."""
    processes = [subprocess.Popen([sys.executable, "-c", _AWAKE, str(core)]) for core in set(cores)]
    try:
        yield
    finally:
        for process in processes:
            process.kill()
            process.wait()


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
        "SFU_OVERLOAD": "off",  # it would send less than what is to be measured
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

    def shown(name: str, factor: float = 1, digits: int = 0) -> str:
        value = median(runs, name)
        return "–" if value is None else f"{value * factor:,.{digits}f}"

    spread = sorted(run["cpu_per_packet"] * 1e6 for run in runs if run["cpu_per_packet"])
    between = f" ({spread[0]:.1f}–{spread[-1]:.1f})" if len(spread) > 1 else ""
    return (
        f"| {figure.name} | {egress} | {shown('packets_out')} "
        f"| {shown('cpu_per_packet', 1e6, 1)}{between} | {verdict(figure, egress, runs)} "
        f"| {shown('server_cpu', 100)} % | {shown('latency_p50', 1e3, 2)} "
        f"/ {shown('latency_p95', 1e3, 2)} / {shown('latency_p99', 1e3, 2)} "
        f"| {shown('loss', 100, 3)} % "
        f"| {shown('join_p50', 1e3)} / {shown('join_p95', 1e3)} "
        f"| {shown('memory_per_participant', 1 / 1024)} | {shown('generator_cpu', 100)} % |"
    )


def verdict(figure: Figure, egress: str, runs: list[dict[str, float]]) -> str:
    """What was asked for, and whether it is so."""
    told = []
    for name, most in (getattr(figure, egress) or {}).items():
        factor, unit = SHOWN[name]
        value = median(runs, name)
        said = "not measured" if value is None else "met" if value <= most else "MISSED"
        told.append(f"≤ {most * factor:g} {unit}: {said}")
    return ", ".join(told)


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
    parser.add_argument("--asleep", action="store_true", help="let cores fall asleep")
    parser.add_argument("--cores", type=int, nargs=2, default=(0, 1), metavar=("SERVER", "LOAD"))
    options = parser.parse_args()
    load = os.getloadavg()[0]
    _say(
        f"{time.strftime('%Y-%m-%d')}, {platform.system()} {platform.release()}, "
        f"Python {platform.python_version()}, {os.cpu_count()} cores "
        f"{'that may fall asleep' if options.asleep else 'kept awake'}, load before {load:.1f}\n"
    )
    _say(
        "| figure | egress | packets/s out | µs per packet (least–most) | targets | core "
        "| latency p50 / p95 / p99, ms | loss | join p50 / p95, ms | KiB each | generator |\n"
        "|---|---|---|---|---|---|---|---|---|---|---|"
    )
    cores = options.cores[0], options.cores[1]
    with awake(() if options.asleep else cores):
        for figure in FIGURES:
            for egress in ("native", "python"):
                if (
                    (not options.only or figure.name in options.only)
                    and options.egress in (None, egress)
                    and getattr(figure, egress) is not None
                ):
                    count = min(figure.runs or options.runs, options.runs)
                    runs = [measure(figure, egress, options.duration, cores) for _ in range(count)]
                    _say(row(figure, egress, runs))


if __name__ == "__main__":
    main()
