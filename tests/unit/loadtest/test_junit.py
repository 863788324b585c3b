"""JUnit XML of a load test: a case per condition, and one for the run."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree

from loadtest.junit import junit
from loadtest.report import UNITS
from loadtest.verdict import condition

CONDITIONS = [condition("loss>0.1%"), condition("latency_p99>20ms")]
FIGURES = {**dict.fromkeys(UNITS), "loss": 0.01, "latency_p99": 0.005}


def test_each_condition_is_a_case_and_the_broken_ones_fail() -> None:
    text = junit("room", CONDITIONS, FIGURES, duration=9.96, warnings=["<careful>"])
    suite = ElementTree.fromstring(text)
    assert (suite.get("tests"), suite.get("failures"), suite.get("errors")) == ("3", "1", "0")
    cases = {case.get("name"): case for case in suite.findall("testcase")}
    assert list(cases) == ["runs", "not loss>0.1%", "not latency_p99>20ms"]
    failure = cases["not loss>0.1%"].find("failure")
    assert failure is not None
    assert failure.get("message") == "loss>0.1%: it is 1 %."
    assert cases["not latency_p99>20ms"].find("failure") is None
    assert cases["runs"].get("time") == "10.0"
    output = suite.findtext("system-out") or ""
    assert output.startswith("<careful>")
    assert "latency_p99: 5.0 ms" in output


def test_a_run_that_was_not_possible_is_an_error_and_its_conditions_are_skipped() -> None:
    suite = ElementTree.fromstring(junit("room", CONDITIONS, {}, problem="nobody answers"))
    assert (suite.get("errors"), suite.get("skipped"), suite.get("failures")) == ("1", "2", "0")
    error = suite.find("testcase/error")
    assert error is not None
    assert error.get("message") == "nobody answers"
