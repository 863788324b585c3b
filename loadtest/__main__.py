"""``python -m loadtest SCENARIO``: load a running server with synthetic clients, and measure it."""

from __future__ import annotations

import argparse
import asyncio
import json
import sys

from rich.console import Console
from rich.progress import Progress, TextColumn

from loadtest import page
from loadtest.junit import junit
from loadtest.limit import Outcome, find_limit
from loadtest.options import job, parsed, plain, planned
from loadtest.report import Report, shown
from loadtest.run import Failed, Run, begun, create_rooms
from loadtest.scenario import GROWING_ROOMS
from loadtest.tally import Tally
from loadtest.terminal import table
from loadtest.verdict import condition

FAILED, COULD_NOT_RUN, INTERRUPTED = 1, 2, 130
# What a limit is without --fail-if: below it nobody in a call complains.
_LIMITS = ("latency_p99>50ms", "loss>0.5%", "heard<99%", "failed_joins>0", "dropped>0")

console = Console(stderr=True)
result = Console()


async def run(options: argparse.Namespace) -> Report:
    """The load test of these options. Raises ``Failed``."""
    plan = planned(options)
    given = getattr(options, "room", "")
    rooms = (given,) if given else await create_rooms(options.url, plan.rooms)
    report = begun(options.scenario, plain(options), plan.connections)
    load = Run(
        job(options, plan, rooms),
        workers=min(options.workers, len(plan.seats)),
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


async def search(options: argparse.Namespace) -> Report:
    """The report of the largest load that meets the conditions. Raises ``Failed``."""
    grows = "rooms" if options.scenario in GROWING_ROOMS else "size"
    options.fail_if = options.fail_if or [condition(text) for text in _LIMITS]
    reports: dict[int, Report] = {}
    reason = ""

    async def attempt(size: int) -> Outcome:
        nonlocal reason
        setattr(options, grows, size)
        try:
            report = await run(options)
        except Failed as failed:
            if not reports:
                raise  # as likely a mistake as a limit
            reason, outcome = str(failed), Outcome.BAD
        else:
            broken = [text for each in options.fail_if if (text := each.broken(report.figures()))]
            reports[size] = report
            outcome = Outcome.BAD if broken else Outcome.GOOD
            reason = " ".join(broken) or reason
            if broken and report.bottleneck:
                reason, outcome = report.bottleneck, Outcome.UNKNOWN
        result.print(f"{grows} {size}: {outcome.value}" + (f" ({reason})" if reason else ""))
        reason = "" if outcome is Outcome.GOOD else reason
        return outcome

    found = await find_limit(attempt, start=getattr(options, grows), largest=options.largest)
    report = reports[found.good or min(reports)]
    report.limit = found.good
    report.search = f"The largest {grows} that meets the conditions is {found.good}."
    if not found.known:
        report.search = f"The server carries {grows} {found.good} at least. {reason}"
        report.unknown = True
    elif found.bad is None:
        report.search = f"The conditions are met up to --largest {found.good}."
    return report


def conclude(report: Report, options: argparse.Namespace) -> int:
    """Show and write the report; the exit code."""
    figures = report.figures()
    broken = [text for each in options.fail_if if (text := each.broken(figures))]
    result.print(table(report))
    for warning in report.warnings:
        result.print(f"[yellow]{warning}[/]")
    if report.search:
        result.print(f"[bold]{report.search}[/]")
    for text in broken:
        result.print(f"[bold red]Failed:[/] {text}")
    try:
        if options.json is not None:
            content = {**report.as_json(), "failed": broken}
            options.json.write_text(json.dumps(content, indent=1) + "\n")
        if options.html is not None:
            options.html.write_text(page.page(report, broken))
        if options.junit is not None:
            text = junit(
                report.scenario,
                options.fail_if,
                figures,
                duration=report.duration,
                warnings=report.warnings,
            )
            options.junit.write_text(text)
    except OSError as error:
        raise Failed(f"The report can not be written: {error}. Take another place.") from None
    if report.unknown:
        return COULD_NOT_RUN
    return FAILED if broken else 0


def main() -> int:
    """Run the command line; the exit code."""
    options = parsed(sys.argv[1:])
    work = search if getattr(options, "find_limit", False) else run
    try:
        return conclude(asyncio.run(work(options)), options)
    except Failed as failed:
        console.print(f"[bold red]{failed}[/]")
        if options.junit is not None:
            try:
                options.junit.write_text(
                    junit(options.scenario, options.fail_if, {}, problem=str(failed))
                )
            except OSError as error:
                console.print(f"[bold red]The report can not be written: {error}[/]")
        return COULD_NOT_RUN
    except KeyboardInterrupt:
        return INTERRUPTED


if __name__ == "__main__":
    sys.exit(main())
