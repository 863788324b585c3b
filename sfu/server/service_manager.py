"""What systemd is told about this process (sd_notify): ready, alive, draining, stopping."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
from collections.abc import Mapping

# The manager is pinged twice within the time after which it takes the process for stuck, as
# sd_watchdog_enabled(3) advises.
_PINGS_PER_TIMEOUT = 2


class ServiceManager:
    """The socket in ``NOTIFY_SOCKET``; without one (started by hand) everything does nothing."""

    def __init__(self, environ: Mapping[str, str] = os.environ) -> None:
        self._address = _address(environ.get("NOTIFY_SOCKET", ""))
        self._interval = _watchdog_seconds(environ) / _PINGS_PER_TIMEOUT
        self._pinging: asyncio.Task[None] | None = None

    def ready(self) -> None:
        """The ports are open; from now on the event loop proves that it turns."""
        self._tell("READY=1")
        if self._address and self._interval and self._pinging is None:
            self._pinging = asyncio.create_task(self._ping())

    def status(self, text: str) -> None:
        """What ``systemctl status`` shows."""
        self._tell(f"STATUS={text}")

    def stopping(self) -> None:
        """The end has begun."""
        self._tell("STOPPING=1")

    def close(self) -> None:
        """Ping no more."""
        if self._pinging is not None:
            self._pinging.cancel()
            self._pinging = None

    async def _ping(self) -> None:
        while True:
            self._tell("WATCHDOG=1")
            await asyncio.sleep(self._interval)

    def _tell(self, message: str) -> None:
        if not self._address:
            return
        # A manager that does not listen is no reason to end calls.
        with (
            contextlib.suppress(OSError),
            socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as to_manager,
        ):
            to_manager.setblocking(False)
            to_manager.sendto(message.encode(), self._address)


def _address(text: str) -> str:
    """The address of the manager's socket, empty when there is none that we can use."""
    if text.startswith("@"):
        return "\0" + text[1:]  # an abstract one (unix(7))
    return text if text.startswith("/") else ""


def _watchdog_seconds(environ: Mapping[str, str]) -> float:
    """How long the manager waits for a ping; 0 when it waits for none of ours."""
    if environ.get("WATCHDOG_PID", str(os.getpid())) != str(os.getpid()):
        return 0.0
    try:
        return max(0, int(environ.get("WATCHDOG_USEC", "0"))) / 1_000_000
    except ValueError:
        return 0.0
