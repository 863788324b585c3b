"""What the annotations of settings say: meaning, allowed values, and how a value is checked."""

from __future__ import annotations

import base64
import ipaddress
import re
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

import msgspec
import msgspec.inspect
from msgspec import Struct

from sfu.errors import InvalidSettings

ENVIRONMENT_PREFIX = "SFU_"
# Shorter secrets could be searched for; 16 characters of hexadecimal are 64 bits.
MIN_SECRET_CHARACTERS = 16
# HS256 wants as many bytes as its hash has (RFC 7518 section 3.2).
MIN_API_SECRET_CHARACTERS = 32
# What the secrets of Standard Webhooks begin with; base64 follows.
WEBHOOK_PREFIX = "whsec_"
# A value in an error message: enough to recognise it, not enough to fill a terminal.
_MAX_SHOWN_CHARACTERS = 400

# One label of a host name (RFC 1123 section 2.1); the last one is no number, or an address with a
# slip of the finger would pass for a name.
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_HOST_NAME = re.compile(rf"(?=.{{1,253}}\Z)(?:{_LABEL}\.)*(?![0-9]+\Z){_LABEL}")

# RFC 7065 section 3.1.
_TURN_URL = re.compile(
    r"turns?:(?P<host>\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9.-]+)(?::(?P<port>[0-9]{1,5}))?"
    r"(?:\?transport=(?:udp|tcp))?"
)
_KEY_ID = re.compile(r"[A-Za-z0-9_.-]{1,64}")


class Setting(Struct, frozen=True):
    """One setting: what its annotation says, and its names in each place it can be set."""

    name: str
    struct: type[Struct]
    meaning: str
    expects: str
    is_tuple: bool
    words: tuple[str, ...]  # the only ones allowed, if there are any
    default: Any
    check: Callable[[Any], None]

    @property
    def flag(self) -> str:
        """The command line flag."""
        return flag(self.name)

    @property
    def variable(self) -> str:
        """The environment variable."""
        return environment_name(self.name)

    @property
    def secret(self) -> bool:
        """Whether no value of it may be shown."""
        return self.check in (_check_secret, _check_webhook_secret, _check_api_key)

    @property
    def is_path(self) -> bool:
        """Whether it names a file."""
        return self.check in (_check_path, _check_path_or_url)

    def from_text(self, text: str) -> Any:
        """The value that ``text`` of a flag or variable means; raises ``InvalidSettings``."""
        raw: Any = text.strip()
        if self.is_tuple:
            raw = [part.strip() for part in text.split(",") if part.strip()]
        return self._checked(raw, text, strict=False, where=f"{self.flag} or {self.variable}")

    def from_toml(self, value: object, where: str) -> Any:
        """The value of a settings file, where ``where`` is; raises ``InvalidSettings``."""
        return self._checked(value, value, strict=True, where=where)

    def _checked(self, raw: object, given: object, *, strict: bool, where: str) -> Any:
        try:
            decoded = msgspec.convert({self.name: raw}, self.struct, strict=strict)
            value = getattr(decoded, self.name)
            for item in value if self.is_tuple else (value,):
                self.check(item)
        except ValueError:
            shown = "(not shown)" if self.secret else _shortened(repr(given))
            raise InvalidSettings(
                f"{self.name} cannot be {shown}: it takes {self.expects} ({where})."
            ) from None
        return value


def settings_of(struct: type[Struct]) -> dict[str, Setting]:
    """Every setting of ``struct`` by its name, in order."""
    defaults = struct()
    fields = msgspec.inspect.type_info(struct).fields  # type: ignore[attr-defined]
    return {field.name: _setting(field, struct, getattr(defaults, field.name)) for field in fields}


def flag(name: str) -> str:
    """The command line flag of the setting ``name``."""
    return "--" + name.replace("_", "-")


def environment_name(name: str) -> str:
    """The environment variable of the setting ``name``."""
    return ENVIRONMENT_PREFIX + name.upper()


def _setting(field: msgspec.inspect.Field, struct: type[Struct], default: object) -> Setting:
    kind: Any = field.type
    meaning = ""
    words: tuple[str, ...] = ()
    extra: Mapping[str, str] = {}
    while isinstance(kind, msgspec.inspect.Metadata):
        meaning = (kind.extra_json_schema or {}).get("description", meaning)
        extra = kind.extra or extra
        kind = kind.type
    match kind:
        case msgspec.inspect.IntType():
            expects = f"a whole number from {kind.ge} to {kind.le}"
        case msgspec.inspect.FloatType():
            expects = f"a number from {kind.ge:g} to {kind.le:g}"
        case msgspec.inspect.LiteralType():
            words = tuple(str(value) for value in kind.values)
            expects = " or ".join(words)
        case _:
            expects = extra["expects"]
    return Setting(
        name=field.name,
        struct=struct,
        meaning=meaning,
        expects=expects,
        is_tuple=isinstance(kind, msgspec.inspect.VarTupleType),
        words=words,
        default=default,
        check=_CHECKS.get(extra.get("check", ""), _check_nothing),
    )


def _shortened(text: str) -> str:
    return text if len(text) <= _MAX_SHOWN_CHARACTERS else text[:_MAX_SHOWN_CHARACTERS] + "…"


def _check_nothing(value: object) -> None:
    pass


def _check_host(text: str) -> None:
    # What cannot be asked a resolver at all; who has the address shows when the port is opened.
    if not text.isprintable() or " " in text or not text.encode("idna").isascii():
        raise ValueError(text)


def _check_path(text: str) -> None:
    if "\0" in text:
        raise ValueError("no file has such a name")


def _check_address(text: str) -> None:
    if text:
        ipaddress.ip_address(text)


def _check_advertised(text: str) -> None:
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        if not _HOST_NAME.fullmatch(text):
            raise
        return
    if address.is_unspecified or address.is_multicast or "%" in text:
        raise ValueError("nobody can send there")


def _check_network(text: str) -> None:
    if "%" in text:
        raise ValueError("networks have no zone")
    ipaddress.ip_network(text)


def _check_origin(text: str) -> None:
    scheme, separator, host = text.partition("://")
    if (
        scheme not in ("http", "https")
        or not separator
        or not host
        or set(host) & set("/ @?#;,'\"")
    ):
        raise ValueError(text)


def _check_url(text: str) -> None:
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.fragment:
        raise ValueError(text)
    if not text.isprintable() or " " in text or parts.username or parts.port == 0:
        raise ValueError(text)


def _check_turn_url(text: str) -> None:
    found = _TURN_URL.fullmatch(text)
    if found is None or not 0 < int(found["port"] or 1) <= 65535:
        raise ValueError(text)
    host = found["host"]
    if host.startswith("["):
        ipaddress.IPv6Address(host[1:-1])
    else:
        _check_advertised(host)


def _check_webhook_secret(text: str) -> None:
    _check_secret(text)
    if text.startswith(WEBHOOK_PREFIX):
        key = base64.b64decode(text.removeprefix(WEBHOOK_PREFIX), validate=True)
        _check_secret("x" * max(1, len(key)))


def _check_api_key(text: str) -> None:
    id, _, secret = text.partition(":")
    if not _KEY_ID.fullmatch(id) or len(secret) < MIN_API_SECRET_CHARACTERS:
        raise ValueError("no key id, or too short")


def _check_path_or_url(text: str) -> None:
    if "://" not in text:
        _check_path(text)
    elif not text.startswith("https://"):
        raise ValueError("anybody on the way could put other keys there")
    else:
        _check_url(text)


def _check_secret(text: str) -> None:
    if 0 < len(text) < MIN_SECRET_CHARACTERS:
        raise ValueError("too short")


_CHECKS: dict[str, Callable[[Any], None]] = {
    "host": _check_host,
    "path": _check_path,
    "address": _check_address,
    "advertised": _check_advertised,
    "network": _check_network,
    "origin": _check_origin,
    "secret": _check_secret,
    "api-key": _check_api_key,
    "path-or-url": _check_path_or_url,
    "url": _check_url,
    "webhook-secret": _check_webhook_secret,
    "turn-url": _check_turn_url,
}
