"""The public keys that tokens are checked with: read from a file or URL, again and again."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

from aiohttp import ClientError, ClientSession, ClientTimeout

from sfu.room.token_keys import MAX_KEY_SET_BYTES, TokenKeys
from sfu.server.logs import get_logger

# A key that is taken back is good for as long.
_READ_EVERY = 300.0
# Anybody can name a key that nobody has: that makes us ask no more often than this.
_READ_AT_MOST_EVERY = 10.0
_TIMEOUT = ClientTimeout(total=5.0)


class KeySet:
    """Keeps ``keys`` up to date with the JWK set at ``source``; the last good one stays.

    Nothing is read when ``source`` is empty.
    """

    def __init__(
        self,
        source: str,
        keys: TokenKeys,
        *,
        every: float = _READ_EVERY,
        at_most_every: float = _READ_AT_MOST_EVERY,
    ) -> None:
        """``every`` and ``at_most_every`` are in seconds."""
        self.source = source
        self._keys = keys
        self._every = every
        self._at_most_every = at_most_every
        self._wanted = asyncio.Event()
        self._failing = False
        if source:
            keys.unknown = self._wanted.set

    async def update(self) -> None:
        """Read the set once, for at most five seconds; the log tells when that begins to fail."""
        try:
            count = self._keys.read_public(await read(self.source))
        except (OSError, ClientError, ValueError) as error:  # TimeoutError is an OSError
            if not self._failing:
                get_logger().warning("keys-not-read", source=self.source, reason=reason(error))
            self._failing = True
            return
        if self._failing:
            get_logger().info("keys-read", source=self.source, keys=count)
        self._failing = False

    async def watch(self) -> None:
        """Read it from time to time, and when a token names a key that is not there."""
        while True:
            began = time.monotonic()
            await asyncio.sleep(min(self._at_most_every, self._every))
            try:
                async with asyncio.timeout(max(0.0, began + self._every - time.monotonic())):
                    await self._wanted.wait()
            except TimeoutError:
                pass
            self._wanted.clear()
            await self.update()


async def read(source: str) -> bytes:
    """What is at ``source``, as by ``fetch``."""
    return (await fetch(source))[0]


async def fetch(source: str) -> tuple[bytes, str]:
    """What is at ``source``, a path or an https URL, and when its server says it is (``Date``).

    At most one byte more than is allowed. Raises ``OSError`` or ``aiohttp.ClientError``.
    """
    if "://" not in source:
        return await asyncio.to_thread(_read_file, Path(source)), ""
    async with (
        ClientSession(timeout=_TIMEOUT) as http,
        # Elsewhere might be plain HTTP, or a machine in here.
        http.get(source, allow_redirects=False, raise_for_status=True) as response,
    ):
        if response.status != 200:
            raise OSError(f"it answers with status {response.status}")
        text = b""
        async for piece in response.content.iter_any():
            text += piece
            if len(text) > MAX_KEY_SET_BYTES:
                break
        return text, response.headers.get("Date", "")


def _read_file(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(MAX_KEY_SET_BYTES + 1)


def reason(error: Exception) -> str:
    """A few words for people on why it could not be read."""
    return getattr(error, "strerror", None) or str(error) or type(error).__name__
