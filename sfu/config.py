"""Every setting of the server: its type, default, meaning, flag and environment variable."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Literal

from msgspec import Meta, Struct

from sfu.errors import InvalidSettings
from sfu.schema import (
    ENVIRONMENT_PREFIX,
    MIN_API_SECRET_CHARACTERS,
    MIN_SECRET_CHARACTERS,
    Setting,
    environment_name,
    flag,
    settings_of,
)
from sfu.settings_file import SettingsFile
from sfu.settings_flags import FILE_FLAG, described, file_flag, values_of

__all__ = [
    "FILE_FLAG",
    "FILE_VARIABLE",
    "SCHEMA",
    "Settings",
    "describe",
    "disagreements",
    "environment_name",
    "file_name",
    "flag",
    "load",
    "misspelt",
]

# Where the settings file is, beside ``FILE_FLAG``.
FILE_VARIABLE = ENVIRONMENT_PREFIX + "CONFIG"

Port = Annotated[int, Meta(ge=0, le=65535)]


class Settings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What an operator can choose; ``load`` makes one from flags, environment and file."""

    http_host: Annotated[
        str,
        Meta(
            description="Address the page and the signaling listen on; empty means every "
            "interface. Other devices reach it only then (and get a camera only over HTTPS).",
            extra={"expects": "an address or host name of this machine", "check": "host"},
        ),
    ] = "127.0.0.1"
    http_port: Annotated[
        Port, Meta(description="TCP port of the page and the signaling; 0 means any free one.")
    ] = 8080
    tls_certificate: Annotated[
        str,
        Meta(
            description="File with the certificate and its chain in PEM: the page and the "
            "signaling are then served over HTTPS. It is read anew when it changes.",
            extra={"expects": "the path of a file, or nothing", "check": "path"},
        ),
    ] = ""
    tls_key: Annotated[
        str,
        Meta(
            description="File with the private key of tls_certificate, in PEM without a password.",
            extra={"expects": "the path of a file, or nothing", "check": "path"},
        ),
    ] = ""
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
    tcp: Annotated[
        Literal["on", "off"],
        Meta(
            description="Whether media may come over TCP as well, on the number of the UDP port, "
            "for networks that let no UDP through."
        ),
    ] = "on"
    turn_urls: Annotated[
        tuple[str, ...],
        Meta(
            max_length=8,
            description="TURN servers that clients are told of, for networks that let neither UDP "
            "nor TCP through to the media port.",
            extra={
                "expects": "at most 8 URLs like turn:turn.example.org:3478?transport=udp or "
                "turns:turn.example.org:5349 with commas between them",
                "check": "turn-url",
            },
        ),
    ] = ()
    turn_secret: Annotated[
        str,
        Meta(
            description="Key that the TURN server shares with us (static-auth-secret of coturn): "
            "clients get names and passwords made with it that end after turn_seconds. Set it in "
            "the environment.",
            extra={
                "expects": f"at least {MIN_SECRET_CHARACTERS} characters, or nothing",
                "check": "secret",
            },
        ),
    ] = ""
    turn_seconds: Annotated[
        int,
        Meta(
            ge=60,
            le=604_800,
            description="Seconds after which what a client was given for the TURN server lets "
            "nobody in any more; it gets new ones with each join and resume.",
        ),
    ] = 43_200
    advertised_addresses: Annotated[
        tuple[str, ...],
        Meta(
            max_length=16,
            description="Where browsers are told to send media to: set it behind NAT or in a "
            "container. A host name is looked up again every 30 s, for addresses that change. "
            "Nothing means the address of every interface.",
            extra={
                "expects": "at most 16 IP addresses or host names with commas between them",
                "check": "advertised",
            },
        ),
    ] = ()
    allowed_origins: Annotated[
        tuple[str, ...],
        Meta(
            max_length=64,
            description="Other web origins, such as https://example.org, whose pages may use the "
            "client, make rooms, connect, and have a call in a frame; the server's own always may.",
            extra={
                "expects": "at most 64 origins like https://example.org with commas between them",
                "check": "origin",
            },
        ),
    ] = ()
    room_capacity: Annotated[
        int, Meta(ge=1, le=200, description="Participants one room may hold.")
    ] = 16
    lobby_capacity: Annotated[
        int, Meta(ge=1, le=200, description="People who may wait to be let into one room.")
    ] = 50
    lobby_seconds: Annotated[
        float,
        Meta(
            ge=10,
            le=86_400,
            description="Seconds after which who waits to be let in is asked to come again.",
        ),
    ] = 900.0
    max_rooms: Annotated[
        int, Meta(ge=1, le=100_000, description="Rooms that may be open at once.")
    ] = 1000
    max_participants: Annotated[
        int, Meta(ge=1, le=100_000, description="Participants this server may hold in all rooms.")
    ] = 1000
    max_slots: Annotated[
        int,
        # With the client's own tracks 25 slots make a description of 59 kB; 64 KiB are allowed.
        Meta(ge=1, le=25, description="Receive slots one client may be asked for."),
    ] = 25
    max_audible: Annotated[
        int,
        Meta(
            ge=1,
            le=200,
            description="Microphones that a room forwards; with more people in it the loudest.",
        ),
    ] = 10
    max_file_bytes: Annotated[
        int,
        Meta(
            ge=0,
            le=1 << 30,
            description="Bytes of one file that somebody sends in a call; 0 means no files.",
        ),
    ] = 10 * 1024 * 1024
    max_room_file_bytes: Annotated[
        int,
        Meta(
            ge=0,
            le=1 << 34,
            description="Bytes of files that one room keeps in memory until it closes; the oldest "
            "files go first.",
        ),
    ] = 64 * 1024 * 1024
    max_total_file_bytes: Annotated[
        int,
        Meta(
            ge=0,
            le=1 << 36,
            description="Bytes of files that all rooms together keep in memory.",
        ),
    ] = 256 * 1024 * 1024
    room_secret: Annotated[
        str,
        Meta(
            description="Key that room ids are made with; servers with the same one take each "
            "other's links. Empty means one that sfu serve makes and keeps in a file of its user, "
            "so that links survive a restart. Set it in the environment: flags are visible to "
            "other users of the machine.",
            extra={
                "expects": f"at least {MIN_SECRET_CHARACTERS} characters, or nothing",
                "check": "secret",
            },
        ),
    ] = ""
    auth: Annotated[
        Literal["open", "token"],
        Meta(
            description="Who gets in: open lets in everybody who has a room's link; with token "
            "only who shows a token signed with one of api_keys or jwks gets in, and it says what "
            "they may do."
        ),
    ] = "open"
    api_keys: Annotated[
        tuple[str, ...],
        Meta(
            max_length=16,
            description="Keys that tokens are signed with (HS256): the id, a colon, the secret. "
            "sfu token create signs with the first. To change one put the new one beside it until "
            "the tokens of the old one have run out. Set them in the environment.",
            extra={
                "expects": "at most 16 keys like id:secret, with secrets of at least "
                f"{MIN_API_SECRET_CHARACTERS} characters, with commas between them",
                "check": "api-key",
            },
        ),
    ] = ()
    jwks: Annotated[
        str,
        Meta(
            description="File or https URL of a JWK set with the public keys of tokens that "
            "somebody else signs (RS256, ES256). It is read anew every 5 minutes, and when a token "
            "names a key that is not in it.",
            extra={
                "expects": "the path of a file, a URL like https://example.org/jwks.json, or "
                "nothing",
                "check": "path-or-url",
            },
        ),
    ] = ""
    token_leeway: Annotated[
        float,
        Meta(
            ge=0,
            le=300,
            description="Seconds by which the clocks of whoever signs tokens may differ from ours.",
        ),
    ] = 10.0
    drain_seconds: Annotated[
        float,
        Meta(
            ge=0,
            le=86_400,
            description="Seconds that calls may go on after SIGTERM, while nobody new gets in; the "
            "server stops earlier once everybody has left. 0 ends them at once, as a second "
            "SIGTERM does.",
        ),
    ] = 0.0
    admin_keys: Annotated[
        tuple[str, ...],
        Meta(
            max_length=16,
            description="Keys that open the server's HTTP API (/api/v1) and the inspector of rooms "
            "to other machines; without any there is no API. Set them in the environment.",
            extra={
                "expects": f"at most 16 keys of at least {MIN_SECRET_CHARACTERS} characters with "
                "commas between them",
                "check": "secret",
            },
        ),
    ] = ()
    webhook_urls: Annotated[
        tuple[str, ...],
        Meta(
            max_length=8,
            description="Where rooms' events are posted to, signed with webhook_secret.",
            extra={
                "expects": "at most 8 URLs like https://example.org/calls with commas between them",
                "check": "url",
            },
        ),
    ] = ()
    webhook_secret: Annotated[
        str,
        Meta(
            description="Key that webhooks are signed with (HMAC-SHA256, Standard Webhooks); text "
            "that begins with whsec_ is base64. Set it in the environment.",
            extra={
                "expects": f"at least {MIN_SECRET_CHARACTERS} characters, with base64 after whsec_ "
                "if it begins so, or nothing",
                "check": "webhook-secret",
            },
        ),
    ] = ""
    max_websockets: Annotated[
        int, Meta(ge=1, le=200_000, description="WebSockets that may be open at once.")
    ] = 2000
    max_websockets_per_address: Annotated[
        int,
        Meta(
            ge=1,
            le=200_000,
            description="WebSockets that may be open at once from one address (IPv6: one /64); "
            "those of this machine are not counted. A whole company may be behind one address.",
        ),
    ] = 200
    joins_per_minute: Annotated[
        int,
        Meta(
            ge=1,
            le=100_000,
            description="Joins per minute from one address, for long; as many at once. Who comes "
            "back to a call that goes on is not counted.",
        ),
    ] = 300
    trusted_proxies: Annotated[
        tuple[str, ...],
        Meta(
            max_length=64,
            description="Networks of the proxies in front of the page: only from there "
            "X-Forwarded-For, -Proto and -Host are believed. Without them all who come through a "
            "proxy are one address.",
            extra={
                "expects": "at most 64 networks or addresses like 10.0.0.0/8 or ::1 with commas "
                "between them",
                "check": "network",
            },
        ),
    ] = ()
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
    overload: Annotated[
        Literal["on", "off"],
        Meta(
            description="What happens when there is too much to do: on makes pictures smaller, "
            "then fewer, and at last lets nobody new in (never at the cost of sound); off lets "
            "everything become late."
        ),
    ] = "on"
    overload_lag: Annotated[
        float,
        Meta(
            ge=0.02,
            le=10,
            description="Seconds that the event loop may be late before nobody new gets in; "
            "pictures become smaller at a fifth of that, and fewer at half of it.",
        ),
    ] = 0.2
    overload_cpu: Annotated[
        float,
        Meta(
            ge=0.05,
            le=64,
            description="The share of one core that the process may use before nobody new gets "
            "in; pictures become smaller at 0.85 of that, and fewer at 0.93 of it.",
        ),
    ] = 0.95
    overload_packets: Annotated[
        int,
        Meta(
            ge=0,
            le=100_000_000,
            description="Datagrams per second, in and out, at which nobody new gets in; smaller "
            "and fewer pictures as for overload_cpu. 0 means no limit: lag and processor tell.",
        ),
    ] = 0
    egress: Annotated[
        Literal["auto", "python", "native"],
        Meta(
            description="What protects and sends media: native needs about 0.6 of the processor "
            "and is there when it could be built; auto takes it then."
        ),
    ] = "auto"
    log_level: Annotated[
        Literal["debug", "info", "warning", "error"],
        Meta(description="The least important log lines that are written."),
    ] = "info"
    log_format: Annotated[
        Literal["auto", "text", "json"],
        Meta(description="How log lines look; auto is text on a terminal and JSON otherwise."),
    ] = "auto"


def load(
    arguments: Sequence[str], environ: Mapping[str, str], file: SettingsFile | None = None
) -> Settings:
    """The settings from flags (``--http-port 80`` or ``--http-port=80``), then ``SFU_*``, then
    ``file``, then defaults. A value that another one overrides is not looked at.

    Raises ``InvalidSettings``: its text names the setting, the value and what is allowed.
    """
    texts = _from_environment(environ) | values_of(arguments, SCHEMA)
    values = file.settings(SCHEMA, SCHEMA.keys() - texts.keys()) if file else {}
    values |= {name: SCHEMA[name].from_text(text) for name, text in texts.items()}
    settings = Settings(**values)
    for mistake in disagreements(settings):
        raise InvalidSettings(mistake)
    return settings


def disagreements(settings: Settings) -> Iterator[str]:
    """A sentence for each pair of settings that cannot go together."""
    if settings.webhook_urls and not settings.webhook_secret:
        yield (
            "webhook_urls is set and webhook_secret is not: webhooks are always signed "
            f"({flag('webhook_secret')} or {environment_name('webhook_secret')})."
        )
    if settings.turn_urls and not settings.turn_secret:
        yield (
            "turn_urls is set and turn_secret is not: the TURN server would let nobody in "
            f"({flag('turn_secret')} or {environment_name('turn_secret')})."
        )
    if settings.tcp == "on" and settings.http_port == settings.udp_port != 0:
        yield (
            "http_port and udp_port are the same, and tcp is on: media over TCP needs the number "
            f"of udp_port for itself ({flag('udp_port')}, or {flag('tcp')} off)."
        )
    if settings.auth == "token" and not settings.api_keys and not settings.jwks:
        yield (
            "auth is token and there are no keys: set api_keys or jwks, or nobody gets in "
            f"({environment_name('api_keys')} or {flag('jwks')})."
        )
    ids = [key.partition(":")[0] for key in settings.api_keys]
    if len(set(ids)) < len(ids):
        yield "api_keys has two keys with the same id."
    for one, other in (("tls_certificate", "tls_key"), ("tls_key", "tls_certificate")):
        if getattr(settings, one) and not getattr(settings, other):
            yield (
                f"{one} is set and {other} is not: HTTPS needs both "
                f"({flag(other)} or {environment_name(other)})."
            )


def file_name(arguments: Sequence[str], environ: Mapping[str, str]) -> str:
    """The path of the settings file, empty when none is asked for.

    Raises ``InvalidSettings`` when the flag has no value.
    """
    return file_flag(arguments, SCHEMA) or environ.get(FILE_VARIABLE, "")


def misspelt(environ: Mapping[str, str]) -> dict[str, str]:
    """Variables of ``environ`` that look like misspelt settings, with what was probably meant.

    Unknown ones as such are no error: an orchestrator puts names like ``SFU_SERVICE_HOST`` there.
    """
    known = [FILE_VARIABLE, *(setting.variable for setting in SCHEMA.values())]
    found = {}
    for name in environ:
        if name.startswith(ENVIRONMENT_PREFIX) and name not in known:
            close = difflib.get_close_matches(name, known, n=1, cutoff=0.85)
            if close:
                found[name] = close[0]
    return found


def describe() -> str:
    """One paragraph per setting for ``--help``: flag, variable, meaning, values and default."""
    return described(SCHEMA)


def _from_environment(environ: Mapping[str, str]) -> dict[str, str]:
    return {
        name: environ[setting.variable]
        for name, setting in SCHEMA.items()
        if setting.variable in environ
    }


SCHEMA: Mapping[str, Setting] = settings_of(Settings)
