"""The report of a load test as one HTML file that needs nothing else: diagrams are inline SVG."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from html import escape

from loadtest.report import FIGURES, Report, Second, shown

_WIDTH, _HEIGHT = 640, 220
_LEFT, _RIGHT, _TOP, _BOTTOM = 64, 12, 12, 36
_COLOURS = ("var(--a)", "var(--b)")

# Colours follow the reader's scheme; no script, no font, nothing to load.
_STYLE = """
:root { color-scheme: light dark; --a: #0b6bcb; --b: #c2410c; --line: #8884; }
@media (prefers-color-scheme: dark) { :root { --a: #6cb2ff; --b: #ff9d66; } }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
table { border-collapse: collapse; } td { padding: .2rem .8rem .2rem 0; vertical-align: top; }
td + td { font-variant-numeric: tabular-nums; white-space: nowrap; }
td + td + td { white-space: normal; opacity: .75; }
tr { border-top: 1px solid var(--line); }
figure { margin: 1.5rem 0; } figcaption { font-weight: 600; }
svg { width: 100%; height: auto; } svg text { font-size: 12px; fill: currentColor; }
.bad { color: #d22; font-weight: 600; } .warning { color: #b50; }
"""

Points = Sequence[tuple[float, float]]


def page(report: Report, broken: Sequence[str]) -> str:
    """The document; ``broken`` are the conditions that failed, as sentences."""
    figures = report.figures()
    rows = "".join(
        f"<tr><td>{name}</td><td>{shown(figures[name], unit)}</td><td>{escape(meaning)}</td></tr>\n"
        for name, unit, meaning in FIGURES
        if figures[name] is not None
    )
    options = ", ".join(
        f"{name} {value}" for name, value in report.options.items() if value not in (None, "", [])
    )
    notes = [f'<p class="bad">Failed: {escape(text)}</p>' for text in broken]
    notes += [f"<p>{escape(report.search)}</p>"] if report.search else []
    notes += [f'<p class="warning">{escape(text)}</p>' for text in report.warnings]
    title = f"Load test: {escape(report.scenario)}"
    return (
        '<!doctype html>\n<html lang="en">\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width">\n'
        f"<title>{title}</title>\n<style>{_STYLE}</style>\n<h1>{title}</h1>\n"
        f"<p>{escape(report.started)}, {report.duration:.0f} s. {escape(options)}</p>\n"
        + "\n".join(notes)
        + _diagrams(report)
        + f"\n<table>\n{rows}</table>\n</html>\n"
    )


def _diagrams(report: Report) -> str:
    seconds = report.seconds
    latency = [(1000 * each, 100 * share) for each, share in report.tally.latency.cumulative()]
    made = [_figure("Packets within a latency (%, by ms)", [("", latency)], logarithmic=True)]

    def over_time(read: Callable[[Second], float | None], factor: float = 1.0) -> Points:
        return [(s.at, factor * value) for s in seconds if (value := read(s)) is not None]

    made.append(
        _figure(
            "Packets per second over time (s)",
            [
                ("to the server", over_time(lambda s: s.packets_in)),
                ("from the server", over_time(lambda s: s.packets_out)),
            ],
        )
    )
    made.append(
        _figure(
            "Latency over time (ms, by s)",
            [
                ("half within", over_time(lambda s: s.latency_p50, 1000)),
                ("99 % within", over_time(lambda s: s.latency_p99, 1000)),
            ],
        )
    )
    lost = over_time(lambda s: s.lost)
    made.append(_figure("Lost packets in each second, over time (s)", [("", lost)]))
    made.append(
        _figure(
            "Bit rate over time (Mbit/s, by s)",
            [
                ("to the server", over_time(lambda s: s.bitrate_in, 1e-6)),
                ("from the server", over_time(lambda s: s.bitrate_out, 1e-6)),
            ],
        )
    )
    memory = over_time(lambda s: s.server_memory, 1 / (1 << 20))
    made.append(_figure("Server: memory over time (MiB, by s)", [("", memory)]))
    cpu = over_time(lambda s: s.server_cpu, 100)
    made.append(_figure("Server: processor over time (% of a core, by s)", [("", cpu)]))
    return "\n".join(made)


def _figure(caption: str, lines: list[tuple[str, Points]], *, logarithmic: bool = False) -> str:
    """A line diagram; empty when there is nothing to draw."""
    drawn = [(name, points) for name, points in lines if points]
    if not drawn:
        return ""
    xs = [x for _, points in drawn for x, _ in points]
    highest = max(y for _, points in drawn for _, y in points)
    ticks_y = _ticks(highest)
    if logarithmic:
        lowest, largest = max(min(xs), 0.01), max(*xs, 0.011)
        ticks_x = [10.0**n for n in range(math.floor(math.log10(lowest)), 6) if 10.0**n <= largest]
        begin, end = math.log10(lowest), math.log10(largest)
    else:
        ticks_x = _ticks(max(xs))
        begin, end = 0.0, max(xs[-1], ticks_x[-1])

    def across(x: float) -> float:
        value = math.log10(max(x, 10**begin)) if logarithmic else x
        return _LEFT + (_WIDTH - _LEFT - _RIGHT) * (value - begin) / ((end - begin) or 1)

    def up(y: float) -> float:
        return _HEIGHT - _BOTTOM - (_HEIGHT - _TOP - _BOTTOM) * y / ticks_y[-1]

    parts = []
    for tick in ticks_y:
        parts.append(
            f'<line x1="{_LEFT}" x2="{_WIDTH - _RIGHT}" y1="{up(tick):.1f}" y2="{up(tick):.1f}" '
            f'stroke="var(--line)"/><text x="{_LEFT - 6}" y="{up(tick) + 4:.1f}" '
            f'text-anchor="end">{tick:g}</text>'
        )
    for tick in ticks_x:
        if begin <= (math.log10(tick) if logarithmic else tick) <= end:
            parts.append(
                f'<text x="{across(tick):.1f}" y="{_HEIGHT - _BOTTOM + 16}" '
                f'text-anchor="middle">{tick:g}</text>'
            )
    for (name, points), colour in zip(drawn, _COLOURS, strict=False):
        line = " ".join(f"{across(x):.1f},{up(y):.1f}" for x, y in points)
        parts.append(f'<polyline points="{line}" fill="none" stroke="{colour}" stroke-width="2"/>')
        if name:
            at = _LEFT + 8 + 150 * [each for each, _ in drawn].index(name)
            parts.append(
                f'<text x="{at}" y="{_HEIGHT - 4}" style="fill:{colour}">— {escape(name)}</text>'
            )
    return (
        f"<figure><figcaption>{escape(caption)}</figcaption>"
        f'<svg viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" aria-label="{escape(caption)}">'
        + "".join(parts)
        + "</svg></figure>"
    )


def _ticks(highest: float) -> list[float]:
    """Round numbers from 0 to at least ``highest``, about five of them."""
    if highest <= 0:
        return [0.0, 1.0]
    rough = highest / 5
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(factor * power for factor in (1, 2, 5, 10) if factor * power >= rough)
    return [step * n for n in range(math.ceil(highest / step) + 1)]
