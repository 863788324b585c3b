"""The addresses browsers are told: those an operator gave, with host names looked up again."""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeAlias

from sfu.server.logs import get_logger

# An address at home or in a cloud changes within minutes at most; resolvers keep it about as long.
_RESOLVE_EVERY = 30.0
# Whoever waits longer than this has no resolver: the server starts without it and tries again.
_RESOLVE_TIMEOUT = 5.0
# As many as the port itself would advertise: each one more is a pair that browsers have to check.
_MAX_ADDRESSES = 16

Resolve: TypeAlias = Callable[[str], Awaitable[Sequence[str]]]


async def resolve(name: str) -> Sequence[str]:
    """The IP addresses of ``name`` as the system sees it; raises ``OSError`` when it has none."""
    found = await asyncio.get_running_loop().getaddrinfo(name, None, type=socket.SOCK_DGRAM)
    return [str(entry[4][0]) for entry in found]


class Advertised:
    """Addresses from IP addresses and host names; a name keeps its last ones while it fails."""

    def __init__(self, entries: Sequence[str], *, resolve: Resolve = resolve) -> None:
        self._entries = tuple(entries)
        self._resolve = resolve
        self._found: dict[str, tuple[str, ...]] = {
            entry: (entry,) if is_address(entry) else () for entry in self._entries
        }
        self._failing: set[str] = set()
        self.names = tuple(entry for entry in self._entries if not is_address(entry))

    def addresses(self) -> tuple[str, ...]:
        """What is known now, in the order of the setting, each once; empty when nothing is."""
        found = dict.fromkeys(address for each in self._found.values() for address in each)
        return tuple(found)[:_MAX_ADDRESSES]

    async def update(self) -> None:
        """Look every name up once, for at most five seconds."""
        await asyncio.gather(*(self._update(name) for name in self.names))

    async def watch(self, every: float = _RESOLVE_EVERY) -> None:
        """Look the names up again and again until cancelled; ``every`` is in seconds."""
        while True:
            await asyncio.sleep(every)
            await self.update()

    async def _update(self, name: str) -> None:
        try:
            async with asyncio.timeout(_RESOLVE_TIMEOUT):
                found = usable(await self._resolve(name))
        except (OSError, UnicodeError):  # TimeoutError is an OSError
            found = ()
        if found:
            self._failing.discard(name)
            if found != self._found[name]:
                self._found[name] = found
                get_logger().info("name-resolved", name=name, addresses=", ".join(found))
        elif name not in self._failing:
            self._failing.add(name)
            get_logger().warning("name-not-resolved", name=name)


def is_address(entry: str) -> bool:
    """Whether ``entry`` is an IP address and no host name."""
    try:
        ipaddress.ip_address(entry)
    except ValueError:
        return False
    return True


def usable(addresses: Sequence[str]) -> tuple[str, ...]:
    """Those of ``addresses`` that a browser elsewhere can send to, each once and in order.

    Resolvers give them in turns, so IPv4 comes first and each family is sorted: the same set is
    the same answer.
    """
    kept = set()
    for text in addresses:
        # A scope is a name of an interface here, which nobody else has.
        if "%" not in text and is_address(text):
            address = ipaddress.ip_address(text)
            if not (address.is_unspecified or address.is_multicast):
                kept.add(address)
    ordered = sorted(kept, key=lambda address: (address.version, int(address)))
    return tuple(str(address) for address in ordered)[:_MAX_ADDRESSES]
