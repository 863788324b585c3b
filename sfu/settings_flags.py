"""Settings on the command line: reading the flags, and explaining them."""

from __future__ import annotations

import difflib
import textwrap
from collections.abc import Iterator, Mapping, Sequence

from sfu.errors import InvalidSettings
from sfu.schema import Setting

# Where the settings file is: no setting itself, since it could not stand in that file.
FILE_FLAG = "--config"


def values_of(arguments: Sequence[str], known: Mapping[str, Setting]) -> dict[str, str]:
    """The texts that flags give, by setting; the last one wins.

    Raises ``InvalidSettings`` for an unknown flag, and for one without its value.
    """
    names = {setting.flag: name for name, setting in known.items()}
    return {names[given]: text for given, text in _pairs(arguments, known) if given != FILE_FLAG}


def file_flag(arguments: Sequence[str], known: Mapping[str, Setting]) -> str:
    """The settings file that a flag names, or nothing; raises like ``values_of``."""
    return dict(_pairs(arguments, known)).get(FILE_FLAG, "")


def described(known: Mapping[str, Setting]) -> str:
    """One paragraph per setting for ``--help``: flag, variable, meaning, values and default."""
    paragraphs = []
    for setting in known.values():
        meaning = textwrap.fill(
            setting.meaning, 88, initial_indent=" " * 6, subsequent_indent=" " * 6
        )
        paragraphs.append(
            f"  {setting.flag} VALUE   ({setting.variable})\n{meaning}\n"
            f"      Takes {setting.expects}. Default: {_shown(setting) or 'nothing'}."
        )
    return "\n\n".join(paragraphs)


def _shown(setting: Setting) -> str:
    default = setting.default
    return ",".join(default) if isinstance(default, tuple) else str(default)


def _pairs(arguments: Sequence[str], known: Mapping[str, Setting]) -> Iterator[tuple[str, str]]:
    """Flags and their values; raises ``InvalidSettings`` for an unknown flag or no value."""
    expected = {setting.flag: setting.expects for setting in known.values()}
    expected[FILE_FLAG] = "the path of a settings file"
    rest = iter(arguments)
    for argument in rest:
        given, equals, text = argument.partition("=")
        if given not in expected:
            close = difflib.get_close_matches(given, expected, n=1)
            hint = f"did you mean {close[0]}?" if close else "sfu serve --help lists all settings."
            raise InvalidSettings(f"{given} is not a setting: {hint}")
        if not equals:
            following = next(rest, None)
            # No setting takes a value that looks like a flag: one was forgotten.
            if following is None or following.startswith("--"):
                raise InvalidSettings(f"{given} needs a value: {expected[given]}.")
            text = following
        yield given, text
