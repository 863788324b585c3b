"""One finding of ``sfu doctor``: what was looked at, how it is, and what to change."""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct


class State(StrEnum):
    """How bad it is."""

    OK = "ok"
    WARNING = "warning"  # it works, but less well or not for everybody
    PROBLEM = "problem"  # it does not work until somebody changes something


class Finding(Struct, frozen=True):
    """``fix`` names the setting, command or file to change; empty when all is well."""

    check: str
    state: State
    text: str
    fix: str = ""

    @classmethod
    def ok(cls, check: str, text: str) -> Finding:
        """All is well."""
        return cls(check, State.OK, text)

    @classmethod
    def warning(cls, check: str, text: str, fix: str) -> Finding:
        """It works, but less well or not for everybody."""
        return cls(check, State.WARNING, text, fix)

    @classmethod
    def problem(cls, check: str, text: str, fix: str) -> Finding:
        """It does not work."""
        return cls(check, State.PROBLEM, text, fix)
