"""``sfu doctor``: whether this machine and the settings fit, and what to change where not."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence

import msgspec

from sfu.config import Settings
from sfu.errors import InvalidSettings
from sfu.server.finding import Finding, State
from sfu.server.machine_checks import machine_findings
from sfu.server.network_checks import network_findings
from sfu.server.running import RunningServer
from sfu.server.token_checks import token_findings
from sfu.server.web_checks import web_findings

_MARKS = {State.OK: "ok     ", State.WARNING: "warning", State.PROBLEM: "PROBLEM"}
_INDENT = " " * 9


def examine(read: Callable[[], Settings]) -> list[Finding]:
    """Everything there is to say about this machine and the settings that ``read`` gives."""
    try:
        settings = read()
    except InvalidSettings as error:
        wrong = Finding.problem("settings", str(error), "Correct it; sfu config explains all.")
        return [wrong, *machine_findings(Settings(), now=time.time())]
    findings = [Finding.ok("settings", "Every setting has an allowed value.")]
    findings += machine_findings(settings, now=time.time())
    there = RunningServer(settings)
    running = there if settings.http_port and there.answers() else None
    findings += token_findings(settings)
    findings += web_findings(settings, now=time.time(), running=running is not None)
    findings += network_findings(settings, running)
    return findings


def exit_code(findings: Iterable[Finding]) -> int:
    """0 when there is no problem (warnings are none), 1 otherwise."""
    return int(any(finding.state is State.PROBLEM for finding in findings))


def as_text(findings: Sequence[Finding]) -> str:
    """A line for each finding, and below it what to change."""
    return "\n".join(_lines(findings)) + "\n"


def as_json(findings: Sequence[Finding]) -> str:
    """The same for programs."""
    whole = {"ok": exit_code(findings) == 0, "findings": findings}
    return msgspec.json.format(msgspec.json.encode(whole), indent=2).decode() + "\n"


def _lines(findings: Sequence[Finding]) -> Iterator[str]:
    for finding in findings:
        yield f"{_MARKS[finding.state]}  {finding.check}: {finding.text}"
        if finding.fix:
            yield f"{_INDENT}{finding.fix}"
    problems = sum(finding.state is State.PROBLEM for finding in findings)
    warnings = sum(finding.state is State.WARNING for finding in findings)
    yield f"\n{_counted(problems, 'problem')}, {_counted(warnings, 'warning')}."


def _counted(number: int, noun: str) -> str:
    return f"{number or 'no'} {noun}{'' if number == 1 else 's'}"
