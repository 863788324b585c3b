"""``python -m loadtest SCENARIO``: load a running server with synthetic clients, and measure it."""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from rich.console import Console
from rich.progress import Progress, TextColumn

from loadtest import conditions, page
from loadtest.profiles import PROFILES, network
from loadtest.report import FIGURES, Report, shown
from loadtest.run import Failed, Run, begun, create_rooms
from loadtest.scenario import NAMES, Job, scenario
from loadtest.tally import Tally
from loadtest.terminal import table
from loadtest.verdict import condition

T = TypeVar("T")

FAILED, COULD_NOT_RUN, INTERRUPTED = 1, 2, 130

console = Console(stderr=True)
result = Console()


def parser() -> argparse.ArgumentParser:
    """The command line."""
    figures = "\n".join(f"  {name:24} {meaning}" for name, _, meaning in FIGURES)
    main = argparse.ArgumentParser(
        prog="python -m loadtest",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog=f"figures for --fail-if:\n{figures}\n\n"
        "Exit code: 0; 1 when a --fail-if holds; 2 when the test could not be run.",
    )
    commands = main.add_subparsers(dest="scenario", required=True, metavar="SCENARIO")
    common = _common_options()
    for name, text in NAMES.items():
        command = commands.add_parser(
            name,
            help=text,
            description=text,
            parents=[common],
            formatter_class=argparse.ArgumentDefaultsHelpFormatter,
        )
        sizes = {"fanout": 10, "idle": 10, "rooms": 3, "churn": 4}
        command.add_argument("--size", type=_count, default=sizes.get(name, 6), help="participants")
        if name in ("rooms", "churn", "idle"):
            rooms = {"rooms": 10}.get(name, 1)
            command.add_argument("--rooms", type=_count, default=rooms, help="how many rooms")
        else:
            command.add_argument("--room", default="", help="a room's id; empty: a new one")
        if name == "churn":
            command.add_argument("--rate", type=_positive, default=1.0, help="guests per second")
            command.add_argument("--stay", type=_positive, default=3.0, help="seconds of each")
    return main


def _common_options() -> argparse.ArgumentParser:
    common = argparse.ArgumentParser(add_help=False)
    add = common.add_argument
    add("--url", default="http://localhost:8080", help="the server")
    add("--duration", type=_positive, default=10.0, help="seconds to measure, once all are in")
    add("--workers", type=_count, default=1, help="processes; each fills one core at most")
    add("--join-rate", type=_positive, default=20.0, help="joins per second in the beginning")
    add("--bitrate", type=_told(conditions.rate), default="240k", help="of a video; none: no video")
    add("--fps", type=_count, default=30, help="pictures per second")
    add("--network", type=_told(network), help=f"{', '.join(PROFILES)}, or 'loss=5%% delay=80ms'")
    add("--no-repair", action="store_true", help="clients do not ask for what is missing")
    add("--server-pid", type=int, help="measure this process instead of asking /metrics")
    add("--seed", type=int, default=0, help="losses and pauses follow from it")
    add("--json", type=Path, metavar="FILE", help="write everything that was measured")
    add("--html", type=Path, metavar="FILE", help="write a page with diagrams")
    add(
        "--fail-if",
        type=_told(condition),
        action="append",
        default=[],
        metavar="CONDITION",
        help="such as 'latency_p99>20ms' or 'loss>0.1%%'; may be given several times",
    )
    return common


def _told(convert: Callable[[str], T]) -> Callable[[str], T]:
    """``convert``, with its own words about what is wrong."""

    def converted(text: str) -> T:
        try:
            return convert(text)
        except ValueError as error:
            raise argparse.ArgumentTypeError(str(error)) from None

    return converted


@_told
def _count(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 10_000:
        raise ValueError(f"{text} is not from 1 to 10000")
    return int(text)


@_told
def _positive(text: str) -> float:
    if not 0 < float(text) < 1e6:
        raise ValueError(f"{text} is not above 0")
    return float(text)


async def run(options: argparse.Namespace) -> Report:
    """The load test of these options. Raises ``Failed``."""
    plan = scenario(
        options.scenario,
        size=options.size,
        rooms=getattr(options, "rooms", 1),
        guests_per_second=getattr(options, "rate", 0.0),
        stay=getattr(options, "stay", 0.0),
    )
    given = getattr(options, "room", "")
    rooms = (given,) if given else await create_rooms(options.url, plan.rooms)
    up, down = options.network or (None, None)
    job = Job(
        url=options.url,
        rooms=rooms,
        scenario=plan,
        bitrate=int(options.bitrate or 0),
        fps=options.fps,
        joins_per_second=options.join_rate,
        up=up,
        down=down,
        repairs=not options.no_repair,
        seed=options.seed,
    )
    report = begun(options.scenario, plain(options), plan.connections)
    workers = min(options.workers, len(plan.seats))
    load = Run(
        job,
        workers=workers,
        duration=options.duration,
        pid=options.server_pid,
        report=report,
    )
    columns = (*Progress.get_default_columns(), TextColumn("{task.fields[live]}"))
    with Progress(*columns, console=console, transient=True) as bar:
        tasks = {phase: bar.add_task(phase, live="") for phase in ("joining", "measuring")}

        def progress(phase: str, done: float, total: float, tally: Tally) -> None:
            bar.update(tasks[phase], completed=done, total=total, live=live(tally))

        await load.execute(progress)
    return report


def live(tally: Tally) -> str:
    """One line of what was counted so far."""
    p99 = shown(tally.latency.quantile(0.99), "s") if tally.latency.total else "-"
    return f"{tally.present} in, {tally.received:,} packets, {tally.lost} lost, p99 {p99}"


def plain(options: argparse.Namespace) -> dict[str, Any]:
    """The options as JSON has them."""
    values = {**vars(options), "fail_if": [each.text for each in options.fail_if]}
    return {
        name: value if isinstance(value, int | float | list) or value is None else str(value)
        for name, value in values.items()
    }


def conclude(report: Report, options: argparse.Namespace) -> int:
    """Show and write the report; the exit code."""
    figures = report.figures()
    broken = [text for each in options.fail_if if (text := each.broken(figures))]
    result.print(table(report))
    for warning in report.warnings:
        result.print(f"[yellow]{warning}[/]")
    for text in broken:
        result.print(f"[bold red]Failed:[/] {text}")
    try:
        if options.json is not None:
            content = {**report.as_json(), "failed": broken}
            options.json.write_text(json.dumps(content, indent=1) + "\n")
        if options.html is not None:
            options.html.write_text(page.page(report, broken))
    except OSError as error:
        raise Failed(f"The report can not be written: {error}") from None
    return FAILED if broken else 0


def main() -> int:
    """Run the command line; the exit code."""
    options = parser().parse_args()
    try:
        return conclude(asyncio.run(run(options)), options)
    except Failed as failed:
        console.print(f"[bold red]{failed}[/]")
        return COULD_NOT_RUN
    except KeyboardInterrupt:
        return INTERRUPTED


if __name__ == "__main__":
    sys.exit(main())
