"""Every setting of the server: its type, default, meaning, flag and environment variable."""

from __future__ import annotations

import difflib
import ipaddress
import textwrap
from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Any, Literal

import msgspec
import msgspec.inspect
from msgspec import Meta, Struct

from sfu.errors import InvalidSettings

ENVIRONMENT_PREFIX = "SFU_"
# Shorter secrets could be searched for; 16 characters of hexadecimal are 64 bits.
_MIN_SECRET_CHARACTERS = 16

Port = Annotated[int, Meta(ge=0, le=65535)]


class Settings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What an operator can choose; ``load`` makes one from flags and the environment."""

    http_host: Annotated[
        str,
        Meta(
            description="Address the page and the signaling listen on; empty means every "
            "interface. Other devices reach it only then (and get a camera only over HTTPS).",
            extra={"expects": "an address or host name of this machine"},
        ),
    ] = "127.0.0.1"
    http_port: Annotated[
        Port, Meta(description="TCP port of the page and the signaling; 0 means any free one.")
    ] = 8080
    udp_host: Annotated[
        str,
        Meta(
            description="Address that media is received on; empty means every interface, over "
            "IPv4 and IPv6.",
            extra={"expects": "one IP address, or nothing", "check": "address"},
        ),
    ] = ""
    udp_port: Annotated[
        Port, Meta(description="The one UDP port of all media; 0 means any free one.")
    ] = 8081
    advertised_addresses: Annotated[
        tuple[str, ...],
        Meta(
            max_length=16,
            description="IP addresses that browsers are told to send media to: set it behind NAT "
            "or in a container. Nothing means the address of every interface.",
            extra={
                "expects": "at most 16 IP addresses with commas between them",
                "check": "advertised",
            },
        ),
    ] = ()
    allowed_origins: Annotated[
        tuple[str, ...],
        Meta(
            max_length=64,
            description="Other web origins whose pages may connect, such as https://example.org; "
            "the server's own pages always may.",
            extra={
                "expects": "at most 64 origins like https://example.org with commas between them",
                "check": "origin",
            },
        ),
    ] = ()
    room_capacity: Annotated[
        int, Meta(ge=1, le=200, description="Participants one room may hold.")
    ] = 16
    max_rooms: Annotated[
        int, Meta(ge=1, le=100_000, description="Rooms that may be open at once.")
    ] = 1000
    max_participants: Annotated[
        int, Meta(ge=1, le=100_000, description="Participants this server may hold in all rooms.")
    ] = 1000
    max_slots: Annotated[
        int,
        # Twenty slots and a client's own tracks make a description of 46 kB; 64 KiB are allowed.
        Meta(ge=1, le=25, description="Receive slots one client may be asked for."),
    ] = 20
    max_audible: Annotated[
        int,
        Meta(
            ge=1,
            le=200,
            description="Microphones that a room forwards; with more people in it the loudest.",
        ),
    ] = 10
    room_secret: Annotated[
        str,
        Meta(
            description="Key that room ids are made with, so that links survive a restart; empty "
            "means a new random one in each process. Set it in the environment: flags are visible "
            "to other users of the machine.",
            extra={
                "expects": f"at least {_MIN_SECRET_CHARACTERS} characters, or nothing",
                "check": "secret",
            },
        ),
    ] = ""
    max_websockets: Annotated[
        int, Meta(ge=1, le=200_000, description="WebSockets that may be open at once.")
    ] = 2000
    websocket_heartbeat: Annotated[
        float,
        Meta(
            ge=0.1,
            # A dead peer is noticed after 1.5 heartbeats, and that has to be within 10 s.
            le=6.5,
            description="Seconds of silence after which a WebSocket is pinged; a peer that does "
            "not answer for half as long again is gone.",
        ),
    ] = 5.0
    outbox_messages: Annotated[
        int,
        Meta(
            ge=8,
            le=10_000,
            description="Messages that may wait for one client; a slower reader is closed.",
        ),
    ] = 256
    messages_per_second: Annotated[
        int,
        Meta(
            ge=1,
            le=1000,
            description="Messages one client may send per second, for long; twice as many at once.",
        ),
    ] = 50
    egress: Annotated[
        Literal["auto", "python", "native"],
        Meta(
            description="What protects and sends media: native needs about 0.6 of the processor "
            "and is there when it could be built; auto takes it then."
        ),
    ] = "python"
    log_level: Annotated[
        Literal["debug", "info", "warning", "error"],
        Meta(description="The least important log lines that are written."),
    ] = "info"
    log_format: Annotated[
        Literal["auto", "text", "json"],
        Meta(description="How log lines look; auto is text on a terminal and JSON otherwise."),
    ] = "auto"


def load(arguments: Sequence[str], environ: Mapping[str, str]) -> Settings:
    """The settings from flags (``--http-port 80`` or ``--http-port=80``), then ``SFU_*``, then
    defaults.

    Raises ``InvalidSettings``: its text names the setting, the value and what is allowed.
    """
    texts = _from_environment(environ) | _from_flags(arguments)
    return Settings(**{name: _value(name, text) for name, text in texts.items()})


def misspelt(environ: Mapping[str, str]) -> dict[str, str]:
    """Variables of ``environ`` that look like misspelt settings, with what was probably meant.

    Unknown ones as such are no error: an orchestrator puts names like ``SFU_SERVICE_HOST`` there.
    """
    known = [environment_name(name) for name in _SCHEMA]
    found = {}
    for name in environ:
        if name.startswith(ENVIRONMENT_PREFIX) and name not in known:
            close = difflib.get_close_matches(name, known, n=1, cutoff=0.85)
            if close:
                found[name] = close[0]
    return found


def flag(name: str) -> str:
    """The command line flag of the setting ``name``."""
    return "--" + name.replace("_", "-")


def environment_name(name: str) -> str:
    """The environment variable of the setting ``name``."""
    return ENVIRONMENT_PREFIX + name.upper()


def describe() -> str:
    """One paragraph per setting for ``--help``: flag, variable, meaning, values and default."""
    paragraphs = []
    for name, schema in _SCHEMA.items():
        meaning = textwrap.fill(
            schema.meaning, 88, initial_indent=" " * 6, subsequent_indent=" " * 6
        )
        default = getattr(_DEFAULTS, name)
        shown = ",".join(default) if isinstance(default, tuple) else str(default)
        paragraphs.append(
            f"  {flag(name)} VALUE   ({environment_name(name)})\n{meaning}\n"
            f"      Takes {schema.expects}. Default: {shown or 'nothing'}."
        )
    return "\n\n".join(paragraphs)


def _from_environment(environ: Mapping[str, str]) -> dict[str, str]:
    names = {name: environment_name(name) for name in _SCHEMA}
    return {name: environ[variable] for name, variable in names.items() if variable in environ}


def _from_flags(arguments: Sequence[str]) -> dict[str, str]:
    names = {flag(name): name for name in _SCHEMA}
    texts = {}
    rest = iter(arguments)
    for argument in rest:
        given, equals, text = argument.partition("=")
        if given not in names:
            close = difflib.get_close_matches(given, names, n=1)
            hint = f"did you mean {close[0]}?" if close else "sfu serve --help lists all settings."
            raise InvalidSettings(f"{given} is not a setting: {hint}")
        if not equals:
            following = next(rest, None)
            # No setting takes a value that looks like a flag: one was forgotten.
            if following is None or following.startswith("--"):
                raise InvalidSettings(f"{given} needs a value: {_SCHEMA[names[given]].expects}.")
            text = following
        texts[names[given]] = text
    return texts


def _value(name: str, text: str) -> Any:
    """``text`` as a value of the setting ``name``; raises ``InvalidSettings``."""
    schema = _SCHEMA[name]
    raw: Any = text.strip()
    if schema.is_tuple:
        raw = [part.strip() for part in text.split(",") if part.strip()]
    try:
        value = getattr(msgspec.convert({name: raw}, Settings, strict=False), name)
        for item in value if schema.is_tuple else (value,):
            schema.check(item)
    except ValueError:
        shown = "(not shown)" if schema.check is _check_secret else repr(text)
        raise InvalidSettings(
            f"{name} cannot be {shown}: it takes {schema.expects} "
            f"({flag(name)} or {environment_name(name)})."
        ) from None
    return value


def _check_nothing(value: object) -> None:
    pass


def _check_address(text: str) -> None:
    if text:
        ipaddress.ip_address(text)


def _check_advertised(text: str) -> None:
    address = ipaddress.ip_address(text)
    if address.is_unspecified or address.is_multicast or "%" in text:
        raise ValueError("nobody can send there")


def _check_origin(text: str) -> None:
    scheme, separator, host = text.partition("://")
    if scheme not in ("http", "https") or not separator or not host or set(host) & set("/ @?#"):
        raise ValueError(text)


def _check_secret(text: str) -> None:
    if 0 < len(text) < _MIN_SECRET_CHARACTERS:
        raise ValueError("too short")


_CHECKS: dict[str, Callable[[Any], None]] = {
    "address": _check_address,
    "advertised": _check_advertised,
    "origin": _check_origin,
    "secret": _check_secret,
}


class _Schema(Struct, frozen=True):
    """What the annotation of one setting says."""

    meaning: str
    expects: str
    is_tuple: bool
    check: Callable[[Any], None]


def _schema(field: msgspec.inspect.Field) -> _Schema:
    kind: Any = field.type
    meaning = ""
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
            expects = " or ".join(str(value) for value in kind.values)
        case _:
            expects = extra["expects"]
    return _Schema(
        meaning=meaning,
        expects=expects,
        is_tuple=isinstance(kind, msgspec.inspect.VarTupleType),
        check=_CHECKS.get(extra.get("check", ""), _check_nothing),
    )


_DEFAULTS = Settings()
_SCHEMA = {
    field.name: _schema(field)
    for field in msgspec.inspect.type_info(Settings).fields  # type: ignore[attr-defined]
}
