"""``sfu token create``: a signed token that lets one person into one room, and a link with it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from sfu.config import Settings
from sfu.errors import InvalidSettings
from sfu.room.options import MAX_NUMBER
from sfu.room.permissions import MAX_NAME_CHARACTERS
from sfu.room.token_admission import MAX_IDENTITY_CHARACTERS, sign
from sfu.room.token_keys import TokenKeys

_HOURS = 6.0
# A token cannot be taken back: for longer calls make a new one.
_MAX_HOURS = 24.0 * 31
_ROOM = re.compile(r"[A-Za-z0-9_-]{1,64}")

_VALUES = (
    *("--room", "--identity", "--name", "--hours", "--max-participants", "--max-videos"),
    "--url",
)
_GRANTS: Mapping[str, dict[str, Any]] = {
    "--host": {"roomAdmin": True},
    "--viewer": {"canPublish": False},
    "--hidden": {"hidden": True},
}
# What a room is for that this token opens.
_SWITCHES = {"--no-screen": "noScreen", "--audio-only": "audioOnly", "--lobby": "lobby"}
FLAGS = (*_VALUES, *_GRANTS, *_SWITCHES)


class Wish:
    """What the command line asks for; ``rest`` are the settings in it.

    Raises ``InvalidSettings``: its text says what is missing or wrong.
    """

    def __init__(self, arguments: Sequence[str]) -> None:
        self.grants: dict[str, Any] = {}
        self.config: dict[str, Any] = {}
        self.rest: list[str] = []
        values = {
            "--name": "",
            "--hours": f"{_HOURS:g}",
            "--max-participants": "0",
            "--max-videos": "0",
            "--url": "",
        }
        waiting = iter(arguments)
        for argument in waiting:
            flag, equals, value = argument.partition("=")
            if argument in _GRANTS:
                self.grants |= _GRANTS[argument]
            elif argument in _SWITCHES:
                self.config[_SWITCHES[argument]] = True
            elif flag in _VALUES:
                values[flag] = value if equals else _next(flag, waiting)
            else:
                self.rest.append(argument)
        self.room = _checked("--room", values, _ROOM.fullmatch, "1 to 64 of A-Z a-z 0-9 _ -")
        self.identity = _checked(
            "--identity",
            values,
            lambda text: 0 < len(text) <= MAX_IDENTITY_CHARACTERS and text.isprintable(),
            f"1 to {MAX_IDENTITY_CHARACTERS} characters, unique in the room",
        )
        self.name = _checked(
            "--name",
            values,
            lambda text: len(text) <= MAX_NAME_CHARACTERS and text.isprintable(),
            f"at most {MAX_NAME_CHARACTERS} characters",
        )
        self.url = _checked("--url", values, _is_url, "the address of the page, https://…")
        hours = _checked("--hours", values, _is_hours, f"a number up to {_MAX_HOURS:g}")
        self.seconds = float(hours) * 3600
        for name, option in (
            ("--max-participants", "maxParticipants"),
            ("--max-videos", "maxVideos"),
        ):
            number = _checked(name, values, _is_number, f"a whole number up to {MAX_NUMBER}")
            if int(number):
                self.config[option] = int(number)

    def token(self, settings: Settings, now: float) -> str:
        """The signed token; ``now`` is in seconds since 1970. Raises ``InvalidSettings``."""
        key = TokenKeys(settings.api_keys).first
        if key is None:
            raise InvalidSettings("api_keys is not set: a token is signed with its first key.")
        return sign(
            key,
            self.room,
            identity=self.identity,
            name=self.name,
            now=now,
            seconds=self.seconds,
            grants=self.grants,
            config=self.config,
        )


def _next(flag: str, waiting: Any) -> str:
    value = next(waiting, None)
    if value is None:
        raise InvalidSettings(f"{flag} needs a value.")
    return str(value)


def _checked(flag: str, values: Mapping[str, str], fits: Any, expects: str) -> str:
    value = values.get(flag)
    if value is None:
        raise InvalidSettings(f"{flag} is missing: it takes {expects}.")
    if not fits(value):
        raise InvalidSettings(f"{flag} cannot be {value!r}: it takes {expects}.")
    return value


def _is_url(text: str) -> bool:
    return not text or (text.startswith(("https://", "http://")) and text.isprintable())


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) < 5 and int(text) <= MAX_NUMBER


def _is_hours(text: str) -> bool:
    try:
        return 0 < float(text) <= _MAX_HOURS
    except ValueError:
        return False
