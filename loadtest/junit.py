"""The result of a load test as JUnit XML, which every build server shows."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from collections.abc import Mapping, Sequence

from loadtest.report import UNITS, shown
from loadtest.verdict import Condition


def junit(
    scenario: str,
    conditions: Sequence[Condition],
    figures: Mapping[str, float | None],
    *,
    duration: float = 0.0,
    warnings: Sequence[str] = (),
    problem: str = "",
) -> str:
    """One test case per condition, and one for the run: ``problem`` says why it could not be."""
    suite = ElementTree.Element("testsuite", name=f"loadtest.{scenario}")
    run = ElementTree.SubElement(suite, "testcase", classname=scenario, name="runs")
    run.set("time", f"{duration:.1f}")
    failures = 0
    if problem:
        ElementTree.SubElement(run, "error", message=problem)
    for each in conditions:
        name = f"not {each.text}"
        case = ElementTree.SubElement(suite, "testcase", classname=scenario, name=name)
        if problem:
            ElementTree.SubElement(case, "skipped", message="The load test could not be run.")
        elif broken := each.broken(figures):
            failures += 1
            ElementTree.SubElement(case, "failure", message=broken)
    lines = [*warnings]
    if not problem:
        lines += [f"{name}: {shown(figures[name], unit)}" for name, unit in UNITS.items()]
    ElementTree.SubElement(suite, "system-out").text = "\n".join(lines)
    suite.set("tests", str(1 + len(conditions)))
    suite.set("failures", str(failures))
    suite.set("errors", str(int(bool(problem))))
    suite.set("skipped", str(len(conditions) if problem else 0))
    ElementTree.indent(suite)
    return ElementTree.tostring(suite, encoding="unicode", xml_declaration=True) + "\n"
