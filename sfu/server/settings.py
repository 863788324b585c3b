"""The settings of a process: read with their file, and read again while it runs."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from sfu.config import FILE_FLAG, FILE_VARIABLE, Settings, file_name, load
from sfu.errors import InvalidSettings
from sfu.server.logs import get_logger
from sfu.settings_file import MAX_BYTES, SettingsFile

# What a running server takes over; everything else is built into its parts when it starts.
LIVE = (
    *("log_level", "api_keys", "admin_keys", "turn_urls", "turn_secret", "turn_seconds"),
    *("room_capacity", "lobby_capacity", "lobby_seconds", "max_rooms", "max_participants"),
    *("max_audible", "max_file_bytes", "max_room_file_bytes", "max_websockets"),
    *("max_websockets_per_address", "joins_per_minute", "messages_per_second"),
    *("outbox_messages", "drain_seconds"),
)


def read(arguments: Sequence[str], environ: Mapping[str, str]) -> Settings:
    """The settings from flags, environment and the file that these name, if any.

    Raises ``InvalidSettings``: its text names the setting, the value and what is allowed.
    """
    name = file_name(arguments, environ)
    return load(arguments, environ, read_file(name) if name else None)


def read_file(name: str) -> SettingsFile:
    """The settings file ``name``; raises ``InvalidSettings`` when it is not one."""
    try:
        with Path(name).open("rb") as file:
            # One byte more tells a file that is too long from one that just fits.
            data = file.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise InvalidSettings(
            f"the settings file {name!r} cannot be read: {reason} ({FILE_FLAG} or {FILE_VARIABLE})."
        ) from None
    return SettingsFile(data, name)


class Reload:
    """Called at SIGHUP: reads the settings again and takes over what a running server can.

    ``take_over`` is given them; ``certificate`` reads the certificate's files again, for which no
    settings have to be right.
    """

    def __init__(
        self,
        read: Callable[[], Settings],
        running: Settings,
        take_over: Callable[[Settings], None],
        certificate: Callable[[], None] = lambda: None,
    ) -> None:
        self._read = read
        self._running = running
        self._take_over = take_over
        self._certificate = certificate

    def __call__(self) -> None:
        """Logs which changed settings wait for a restart; wrong ones change nothing."""
        self._certificate()
        try:
            wanted = self._read()
        except InvalidSettings as error:
            get_logger().warning("settings-not-reloaded", reason=str(error))
            return
        logging.getLogger().setLevel(wanted.log_level.upper())
        self._take_over(wanted)
        # Without keys at the start there is no API that one could open.
        later = ("admin_keys",) if not self._running.admin_keys else ()
        waiting = [
            name
            for name in Settings.__struct_fields__
            if (name not in LIVE or name in later)
            and getattr(wanted, name) != getattr(self._running, name)
        ]
        # A warning, so that it is seen whatever level was just set but error.
        report = get_logger().warning if waiting else get_logger().info
        report("settings-reloaded", level=wanted.log_level, need_restart=", ".join(waiting))
