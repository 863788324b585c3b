"""Every setting of the server with its default, and how they are read."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping, Sequence

from msgspec import Struct

from sfu.errors import InvalidSettings
from sfu.schema import (
    ENVIRONMENT_PREFIX,
    Setting,
    environment_name,
    flag,
    settings_of,
)
from sfu.settings import access, limits, network, process, rooms
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


class Settings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What an operator can choose; ``load`` makes one from flags, environment and file.

    What each takes and means is in its annotation (``sfu.settings``).
    """

    http_host: network.HttpHost = "127.0.0.1"
    http_port: network.HttpPort = 8080
    tls_certificate: network.TlsCertificate = ""
    tls_key: network.TlsKey = ""
    udp_host: network.UdpHost = ""
    udp_port: network.UdpPort = 8081
    tcp: network.Tcp = "on"
    turn_urls: network.TurnUrls = ()
    turn_secret: network.TurnSecret = ""
    turn_seconds: network.TurnSeconds = 43_200
    advertised_addresses: network.AdvertisedAddresses = ()
    allowed_origins: network.AllowedOrigins = ()
    room_capacity: rooms.RoomCapacity = 16
    lobby_capacity: rooms.LobbyCapacity = 50
    lobby_seconds: rooms.LobbySeconds = 900.0
    max_rooms: rooms.MaxRooms = 1000
    max_participants: rooms.MaxParticipants = 1000
    max_slots: rooms.MaxSlots = 25
    max_audible: rooms.MaxAudible = 10
    max_file_bytes: rooms.MaxFileBytes = 10 * 1024 * 1024
    max_room_file_bytes: rooms.MaxRoomFileBytes = 64 * 1024 * 1024
    max_total_file_bytes: rooms.MaxTotalFileBytes = 256 * 1024 * 1024
    room_secret: access.RoomSecret = ""
    auth: access.Auth = "open"
    api_keys: access.ApiKeys = ()
    jwks: access.Jwks = ""
    token_leeway: access.TokenLeeway = 10.0
    drain_seconds: process.DrainSeconds = 0.0
    admin_keys: access.AdminKeys = ()
    webhook_urls: access.WebhookUrls = ()
    webhook_secret: access.WebhookSecret = ""
    max_websockets: limits.MaxWebsockets = 2000
    max_websockets_per_address: limits.MaxWebsocketsPerAddress = 200
    joins_per_minute: limits.JoinsPerMinute = 300
    trusted_proxies: network.TrustedProxies = ()
    websocket_heartbeat: limits.WebsocketHeartbeat = 5.0
    outbox_messages: limits.OutboxMessages = 256
    messages_per_second: limits.MessagesPerSecond = 50
    overload: limits.Overload = "on"
    overload_lag: limits.OverloadLag = 0.2
    overload_cpu: limits.OverloadCpu = 0.95
    overload_packets: limits.OverloadPackets = 0
    egress: process.Egress = "auto"
    log_level: process.LogLevel = "info"
    log_format: process.LogFormat = "auto"


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
