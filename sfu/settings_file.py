"""The settings file: TOML whose keys are the names of settings, and the line each one is in."""

from __future__ import annotations

import difflib
import re
import textwrap
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from sfu.errors import InvalidSettings
from sfu.schema import Setting

# Every setting with its explanation is some 10 kB; what is larger is another file.
MAX_BYTES = 256 * 1024
_WIDTH = 88


class SettingsFile:
    """What a settings file says, and where; ``name`` is what its error messages call it."""

    def __init__(self, data: bytes, name: str) -> None:
        """Raises ``InvalidSettings`` when ``data`` is no TOML; its text names the line."""
        self._name = name
        if len(data) > MAX_BYTES:
            raise InvalidSettings(
                f"{name} has {len(data)} bytes, and a settings file has at most {MAX_BYTES}."
            )
        try:
            # Some editors begin a file with a byte order mark, which TOML does not have.
            self._text = data.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            line = data.count(b"\n", 0, error.start) + 1
            raise InvalidSettings(f"{name}, line {line}: this is not UTF-8 text.") from None
        try:
            self.values: Mapping[str, Any] = tomllib.loads(self._text)
        except (ValueError, RecursionError) as error:
            raise InvalidSettings(f"{name} is not valid TOML: {_sentence(error)}.") from None

    def settings(
        self, known: Mapping[str, Setting], names: Iterable[str] | None = None
    ) -> dict[str, Any]:
        """The values by setting: of all of them, or of ``names`` only (the others' values are not
        looked at, but no key may be unknown).

        Raises ``InvalidSettings`` for the first mistake; its text names key, value and line.
        """
        for name in self.values:
            self._known(name, known)
        wanted = self.values.keys() if names is None else self.values.keys() & set(names)
        return {
            name: known[name].from_toml(value, self._where(name))
            for name, value in self.values.items()
            if name in wanted
        }

    def mistakes(self, known: Mapping[str, Setting]) -> Iterator[str]:
        """A sentence for each mistake in the file, in the order of its lines."""
        for name, value in self.values.items():
            try:
                self._known(name, known)
                known[name].from_toml(value, self._where(name))
            except InvalidSettings as error:
                yield str(error)

    def line(self, name: str) -> int | None:
        """The line (from 1) in which the key or table ``name`` begins, None when it is not found.

        A key written with escapes is not found.
        """
        begins = re.compile(rf"[\s\[]*[\"']?{re.escape(name)}[\"']?\s*[=.\]]")
        lines = self._text.splitlines(keepends=True)
        for index, line in enumerate(lines):
            # What only looks like a key, inside of a long string, leaves the string open before it.
            if begins.match(line) and _is_toml("".join(lines[:index])):
                return index + 1
        return None

    def _where(self, name: str) -> str:
        line = self.line(name)
        return self._name if line is None else f"{self._name}, line {line}"

    def _known(self, name: str, known: Mapping[str, Setting]) -> None:
        if name in known:
            return
        close = difflib.get_close_matches(name.replace("-", "_").lower(), known, n=1)
        if close:
            hint = f"did you mean {close[0]}?"
        elif isinstance(self.values[name], dict):
            hint = "settings stand directly in the file, in no table."
        else:
            hint = "sfu config prints all settings."
        raise InvalidSettings(f"{name[:60]!r} is not a setting ({self._where(name)}): {hint}")


def commented_defaults(known: Mapping[str, Setting]) -> str:
    """A settings file that changes nothing: each setting explained, with its default as comment."""
    parts = [
        "# Settings of Parley. A flag wins over the environment variable, which wins over this\n"
        "# file, which wins over the default. Remove the # before a line to change it, check it\n"
        "# with `sfu config check FILE`, and use it with `sfu serve --config FILE` or SFU_CONFIG.\n"
    ]
    for setting in known.values():
        explained = f"{setting.meaning} Takes {setting.expects}."
        comment = textwrap.fill(explained, _WIDTH, initial_indent="# ", subsequent_indent="# ")
        parts.append(f"{comment}\n#{setting.name} = {toml_value(setting.default)}\n")
    return "\n".join(parts)


def toml_value(value: object) -> str:
    """``value`` of a setting as TOML writes it."""
    match value:
        case str():
            escaped = value.replace("\\", "\\\\").replace('"', '\\"')
            return f'"{escaped}"'
        case tuple():
            return "[" + ", ".join(toml_value(item) for item in value) + "]"
        case _:
            return repr(value)


def _is_toml(text: str) -> bool:
    try:
        tomllib.loads(text)
    except (ValueError, RecursionError):
        return False
    return True


def _sentence(error: BaseException) -> str:
    if isinstance(error, RecursionError):
        return "its lists are nested too deeply"
    text = str(error)
    return text[:1].lower() + text[1:]
