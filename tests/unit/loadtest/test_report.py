"""A report's figures, its warnings, and the page it becomes."""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ElementTree
from collections import Counter
from pathlib import Path

import pytest

from loadtest.page import page
from loadtest.report import FIGURES, Report, Second, shown
from loadtest.server_cost import Cost, from_metrics, of_process
from loadtest.tally import Tally

MIB = 1 << 20


def filled() -> Report:
    report = Report("room", {"size": 3, "url": "http://<x>"}, "2030-01-01T00:00:00+00:00", 6)
    report.joining = Tally(joins=3)
    report.duration = 10.0
    report.tally = Tally(
        sent=1000, received=1980, lost=20, repaired=10, sent_bytes=125_000, present=3
    )
    for number in range(1, 101):
        report.tally.latency.record(number / 1000)
    report.heard = 6
    report.generator = [0.2, 0.3]
    report.costs = [Cost(1.0, 100 * MIB), Cost(2.0, 103 * MIB), Cost(2.198, 104 * MIB)]
    report.seconds = [
        Second(float(n), 100.0, 198.0, 2, 0.05, 0.099, 0.02, 3, 8e5, 1.6e6, 104 * MIB)
        for n in range(1, 11)
    ]
    return report


def test_figures_follow_from_what_was_counted() -> None:
    figures = filled().figures()
    assert list(figures) == [name for name, _, _ in FIGURES]
    assert figures["latency_p50"] == pytest.approx(0.05, rel=0.02)
    assert figures["latency_p99"] == pytest.approx(0.099, rel=0.02)
    assert figures["loss"] == pytest.approx(0.01)
    assert figures["repaired"] == pytest.approx(0.005)
    assert figures["packets_in"] == 100.0
    assert figures["bitrate_in"] == 100_000.0
    assert figures["heard"] == 1.0
    assert figures["cpu_per_packet"] == pytest.approx(100e-6)
    assert figures["server_cpu"] == pytest.approx(0.0198)
    assert figures["memory_per_participant"] == MIB
    assert figures["generator_cpu"] == 0.3


def test_what_was_not_measured_has_no_figure() -> None:
    report = Report("idle", {}, "", 0)
    figures = report.figures()
    for name in ("latency_p99", "loss", "heard", "server_cpu", "cpu_per_packet"):
        assert figures[name] is None
        assert shown(figures[name], "s") == "not measured"
    assert page(report, [])


def test_a_good_run_has_no_warnings_and_bad_ones_say_why() -> None:
    report = filled()
    assert report.warnings == []
    report.generator = [0.97]
    (warning,) = report.warnings
    assert "load generator was the bottleneck" in warning
    assert "--workers" in warning
    report = filled()
    report.tally.late.record(0.2)
    assert "load generator was the bottleneck" in report.warnings[0]
    assert "Something else keeps this machine busy" in report.warnings[0]
    report = filled()
    report.tally.dropped = Counter({"media-lost": 2})
    report.tally.mixed_up = 1
    report.tally.foreign = 3
    assert "somebody else" in report.warnings[0]
    assert "3 packets were of somebody who is not part of this test" in report.warnings[1]
    assert "media-lost (2)" in report.warnings[2]


def test_a_server_that_did_not_grow_tells_nothing_about_its_memory() -> None:
    report = filled()
    report.costs[0] = Cost(1.0, 103 * MIB)
    assert report.figures()["memory_per_participant"] is None
    assert "start it anew" in report.warnings[0]


def test_json_has_every_figure_and_second() -> None:
    content = json.loads(json.dumps(filled().as_json()))
    assert content["figures"].keys() == {name for name, _, _ in FIGURES}
    assert len(content["seconds"]) == 10
    assert content["latency"][-1][1] == 1.0


def test_the_page_is_whole_escaped_and_needs_nothing_from_elsewhere() -> None:
    text = page(filled(), ["loss>0: it is 1 %."])
    assert "http://<x>" not in text
    assert "Failed: loss&gt;0" in text
    assert not re.search(r"<(script|link|img)|src=|href=|@import|url\(", text)
    drawings = re.findall(r"<svg.*?</svg>", text)
    assert len(drawings) == 7
    for drawing in drawings:
        root = ElementTree.fromstring(drawing)
        width, height = map(float, root.attrib["viewBox"].split()[2:])
        lines = root.findall("polyline")
        assert lines
        for line in lines:
            for point in line.attrib["points"].split():
                x, y = map(float, point.split(","))
                assert 0 <= x <= width
                assert 0 <= y <= height


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (0.0000123, "s", "12 µs"),
        (0.0123, "s", "12.3 ms"),
        (2.0, "s", "2.00 s"),
        (0.001, "share", "0.1 %"),
        (204_800, "bytes", "200 KiB"),
        (1_500_000, "bit/s", "1.50 Mbit/s"),
        (12_345, "1/s", "12,345/s"),
    ],
)
def test_figures_are_shown_as_people_read_them(value: float, unit: str, text: str) -> None:
    assert shown(value, unit) == text


def test_tallies_of_two_processes_add_up() -> None:
    one, two = Tally(sent=1, refused=Counter(full=1)), Tally(sent=2, refused=Counter(full=2, x=1))
    one.latency.record(0.1)
    two.latency.record(0.2)
    one.add(two)
    assert (one.sent, one.refused) == (3, Counter(full=3, x=1))
    assert (one.latency.total, one.latency.largest) == (2, 0.2)


def test_the_cost_of_a_process_is_read_from_proc(tmp_path: Path) -> None:
    folder = tmp_path / "7"
    folder.mkdir()
    numbers = " ".join(["S", *(["0"] * 10), "150", "50", *(["0"] * 30)])
    (folder / "stat").write_text(f"7 (a ) name) {numbers}\n")
    (folder / "statm").write_text("1000 256 0 0 0 0 0\n")
    cost = of_process(7, tmp_path)
    assert cost.cpu == pytest.approx(2.0)  # 200 ticks of 10 ms, as every Linux has them
    assert cost.memory == 256 * 4096


def test_the_cost_of_a_server_is_read_from_its_metrics() -> None:
    text = (
        "# HELP process_cpu_seconds_total Total user and system CPU time spent in seconds.\n"
        "process_cpu_seconds_total 1.5\nprocess_resident_memory_bytes 1.048576e+06\n"
    )
    assert from_metrics(text) == Cost(1.5, MIB)
    assert from_metrics("") is None
