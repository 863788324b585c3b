"""The report of a load test as a table for the terminal."""

from __future__ import annotations

from rich.table import Table

from loadtest.report import FIGURES, Report, shown


def table(report: Report) -> Table:
    """Every figure that was measured."""
    made = Table(
        "figure",
        "value",
        "",
        title=f"{report.scenario}, {report.duration:.0f} s",
        title_justify="left",
        show_edge=False,
    )
    made.columns[1].justify = "right"
    made.columns[1].no_wrap = True
    figures = report.figures()
    for name, unit, meaning in FIGURES:
        if figures[name] is not None:
            made.add_row(name, shown(figures[name], unit), f"[dim]{meaning}[/]")
    return made
