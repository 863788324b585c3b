"""Rooms' events posted to other servers: signed, in order per room, repeated until taken."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import hmac
import time
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from urllib.parse import urlsplit

import msgspec
from aiohttp import ClientError, ClientSession, ClientTimeout

from sfu import __version__
from sfu.counters import Counters
from sfu.schema import WEBHOOK_PREFIX
from sfu.server.events import Event
from sfu.server.logs import get_logger

# Seconds before each further attempt, nine in all: a receiver may be down for a quarter of an
# hour. Later events of the same room wait, those of other rooms do not.
RETRY_SECONDS = (0.5, 2.0, 5.0, 15.0, 30.0, 60.0, 300.0, 600.0)
# Requests at once, to all receivers: one that answers slowly still takes several per second.
_CONCURRENT = 8
# What waits for one receiver; a receiver that is down for long loses the oldest.
MAX_WAITING = 10_000
_TIMEOUT = ClientTimeout(total=10.0)
# What the rooms tell while the server stops is still sent, for so long.
_LAST_WORDS_SECONDS = 3.0


def signing_key(secret: str) -> bytes:
    """The key that the setting ``webhook_secret`` means (checked when it was read)."""
    if secret.startswith(WEBHOOK_PREFIX):
        return base64.b64decode(secret.removeprefix(WEBHOOK_PREFIX))
    return secret.encode()


def signed(event: Event, key: bytes, now: float) -> tuple[bytes, dict[str, str]]:
    """Body and headers of one delivery (Standard Webhooks 1.0, section "Webhook Metadata")."""
    body = msgspec.json.encode(
        {"type": event.type, "timestamp": event.time, "data": msgspec.structs.asdict(event)}
    )
    moment = str(int(now))
    content = b".".join((event.id.encode(), moment.encode(), body))
    signature = base64.b64encode(hmac.digest(key, content, "sha256")).decode()
    return body, {
        "Content-Type": "application/json",
        "User-Agent": f"Parley/{__version__}",
        "webhook-id": event.id,
        "webhook-timestamp": moment,
        "webhook-signature": f"v1,{signature}",
    }


class Webhooks:
    """Posts every event to every URL; ``start`` and ``stop`` it with the server."""

    def __init__(
        self,
        urls: Sequence[str],
        secret: str,
        counters: Counters,
        *,
        wall_clock: Callable[[], float] = time.time,
        retry_seconds: Sequence[float] = RETRY_SECONDS,
    ) -> None:
        self._key = signing_key(secret)
        self._counters = counters
        self._wall_clock = wall_clock
        self._retry_seconds = retry_seconds
        self._receivers = [_Receiver(url, self._post, counters) for url in urls]
        self._http: ClientSession | None = None
        self._turns = asyncio.Semaphore(_CONCURRENT)

    def take(self, event: Event) -> None:
        """Deliver ``event`` when its turn comes."""
        for receiver in self._receivers:
            receiver.take(event)

    def start(self) -> None:
        """Begin to deliver."""
        if self._receivers:
            self._http = ClientSession(timeout=_TIMEOUT)

    async def stop(self) -> None:
        """Deliver what waits for a moment, then no more."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_LAST_WORDS_SECONDS):
                for receiver in self._receivers:
                    await receiver.idle()
        for receiver in self._receivers:
            receiver.close()
        if self._http is not None:
            await self._http.close()
            self._http = None

    async def _post(self, url: str, event: Event) -> None:
        """Deliver one event, trying again until it is taken or given up."""
        for seconds in (*self._retry_seconds, None):
            problem = await self._attempt(url, event)
            if not problem:
                self._counters.webhooks["delivered"] += 1
                return
            if seconds is None:
                break
            self._counters.webhooks["retried"] += 1
            await asyncio.sleep(seconds)
        self._counters.webhooks["given-up"] += 1
        # Only the host: an address may carry a secret of the receiver in its path or query.
        host = urlsplit(url).hostname
        get_logger().warning("webhook-given-up", receiver=host, id=event.id, reason=problem)

    async def _attempt(self, url: str, event: Event) -> str:
        """Why ``event`` was not taken, empty if it was."""
        if self._http is None:
            return "stopped"
        # Signed anew each time: receivers refuse a timestamp that is some minutes old.
        body, headers = signed(event, self._key, self._wall_clock())
        try:
            async with (
                self._turns,
                self._http.post(url, data=body, headers=headers, allow_redirects=False) as answer,
            ):
                return "" if 200 <= answer.status < 300 else f"status {answer.status}"
        except (ClientError, TimeoutError, OSError) as error:
            return type(error).__name__


class _Receiver:
    """What waits for one URL: a queue for each room, and a task that delivers it in order."""

    def __init__(
        self,
        url: str,
        post: Callable[[str, Event], Awaitable[None]],
        counters: Counters,
    ) -> None:
        self._url = url
        self._post = post
        self._counters = counters
        self._queues: dict[str, deque[Event]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._waiting = 0

    def take(self, event: Event) -> None:
        """Deliver ``event`` after those of the same room."""
        if self._waiting >= MAX_WAITING:
            self._drop()
        queue = self._queues.get(event.room)
        if queue is None:
            queue = self._queues[event.room] = deque()
            task = asyncio.create_task(self._deliver(event.room, queue))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        queue.append(event)
        self._waiting += 1

    async def idle(self) -> None:
        """Until nothing waits."""
        while self._tasks:
            await asyncio.wait(tuple(self._tasks))

    def close(self) -> None:
        """Deliver nothing more."""
        for task in self._tasks:
            task.cancel()

    async def _deliver(self, room: str, queue: deque[Event]) -> None:
        while queue:
            event = queue.popleft()
            self._waiting -= 1
            try:
                await self._post(self._url, event)
            except Exception:
                # The room's next event has to go out all the same.
                self._counters.bugs["webhook"] += 1
                get_logger().exception("bug", boundary="webhook")
        del self._queues[room]

    def _drop(self) -> None:
        """Make place: the oldest event of the room that has waited longest is lost."""
        queue = next(queue for queue in self._queues.values() if queue)
        queue.popleft()
        self._waiting -= 1
        self._counters.webhooks["dropped"] += 1
