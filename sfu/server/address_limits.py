"""How much one address may take of the server: WebSockets at once, and joins per minute."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable
from ipaddress import IPv6Address, ip_network

from sfu.room.allowance import Allowance
from sfu.server.forwarded import Address

# Of addresses without a socket only the joins of the last minute matter: this many fill 3 MB, and
# whoever has more addresses than that is not stopped by counting them.
MAX_IDLE = 10_000
_MINUTE = 60.0


class Visitor:
    """What one address has taken: ``open`` sockets, and ``joins`` in its allowance."""

    __slots__ = ("joins", "key", "open")

    def __init__(self, key: str, joins: Allowance) -> None:
        self.key = key
        self.joins = joins
        self.open = 0


class AddressLimits:
    """Every address that has a socket open, and the latest of those that had one."""

    def __init__(
        self, sockets: int, joins: int, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """``sockets`` at once and ``joins`` per minute; ``clock`` is in seconds."""
        self._sockets = sockets
        self._joins = joins
        self._clock = clock
        self._present: dict[str, Visitor] = {}
        self._idle: OrderedDict[str, Visitor] = OrderedDict()

    def __len__(self) -> int:
        return len(self._present) + len(self._idle)

    def change(self, sockets: int, joins: int) -> None:
        """Other limits: ``sockets`` from the next one on, ``joins`` for who is not known yet."""
        self._sockets = sockets
        self._joins = joins

    def open(self, address: Address | None) -> Visitor | None:
        """One more socket of ``address``; None when that would be too many. ``close`` follows."""
        key = visitor_key(address)
        visitor = self._present.get(key) or self._idle.pop(key, None)
        if visitor is None:
            visitor = Visitor(key, Allowance(self._joins, self._joins / _MINUTE))
        if key and visitor.open >= self._sockets:
            return None
        self._present[key] = visitor
        visitor.open += 1
        return visitor

    def close(self, visitor: Visitor) -> None:
        """A socket of ``visitor`` is gone."""
        visitor.open -= 1
        if visitor.open == 0:
            del self._present[visitor.key]
            self._idle[visitor.key] = visitor
            if len(self._idle) > MAX_IDLE:
                self._idle.popitem(last=False)

    def may_join(self, visitor: Visitor) -> bool:
        """Whether one more join of ``visitor`` is within its allowance, which it uses then."""
        return not visitor.key or visitor.joins.take(self._clock())


def visitor_key(address: Address | None) -> str:
    """What is counted as one; empty for this machine, and for who cannot be told.

    Whoever has an IPv6 address has all of its /64.
    """
    if address is None or address.is_loopback:
        return ""
    if isinstance(address, IPv6Address):
        return str(ip_network((address, 64), strict=False))
    return str(address)
