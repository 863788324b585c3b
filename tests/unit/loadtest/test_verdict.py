"""Conditions under which a load test fails: how they are written, and when they hold."""

from __future__ import annotations

import pytest

from loadtest.report import UNITS
from loadtest.verdict import condition

NONE = dict.fromkeys(UNITS)


@pytest.mark.parametrize(
    ("text", "figure", "good", "bad"),
    [
        ("latency_p99>20ms", "latency_p99", 0.02, 0.0201),
        ("latency_p99 >= 0.5 s", "latency_p99", 0.49, 0.5),
        ("cpu_per_packet>30us", "cpu_per_packet", 29e-6, 31e-6),
        ("loss>0.1%", "loss", 0.001, 0.0011),
        ("heard<100%", "heard", 1.0, 0.99),
        ("heard<1", "heard", 1.0, 0.99),
        ("memory_per_participant>300KiB", "memory_per_participant", 307_200, 307_201),
        ("bitrate_out<=2Mbit/s", "bitrate_out", 2_000_001, 2_000_000),
        ("failed_joins>0", "failed_joins", 0, 1),
    ],
)
def test_a_condition_holds_beyond_its_limit(
    text: str, figure: str, good: float, bad: float
) -> None:
    each = condition(text)
    assert each.broken({**NONE, figure: good}) == ""
    broken = each.broken({**NONE, figure: bad})
    assert broken.startswith(text)


def test_a_figure_that_was_not_measured_fails() -> None:
    assert "not measured" in condition("server_cpu>90%").broken(NONE)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("latency_p9>20ms", "did you mean latency_p9"),
        ("nonsense>1", "latency_p50"),
        ("latency_p99>20", "ms"),
        ("latency_p99>20%", "ms"),
        ("latency_p99", "write one like"),
        ("loss > 1.2.3 %", "write one like"),
        ("loss>0.1%; import os", "write one like"),
    ],
)
def test_a_mistake_is_explained(text: str, told: str) -> None:
    with pytest.raises(ValueError, match=r".") as refused:
        condition(text)
    assert told in str(refused.value)
