"""Whole rooms in virtual time: simulated browsers talk to the real core, without sockets.

Everything happens in the order of its time; the same seed gives the same bytes.
"""

from __future__ import annotations

from collections.abc import Callable
from hashlib import blake2b
from heapq import heappop, heappush
from itertools import count
from random import Random
from typing import Any

from loadtest.link import Link
from sfu.config import Settings
from sfu.counters import Counters
from sfu.room.rooms import Rooms
from sfu.transport.certificate import Certificate
from sfu.transport.egress import PythonEgress
from tests.simulation.browser import Browser
from tests.simulation.plain_transport import PlainTable, PlainTransport
from tests.simulation.report import report

TICK = 0.02
START = 100.0


class Call:
    """One server core with its simulated browsers; ``run`` lets time pass."""

    def __init__(self, seed: int = 1, **settings: Any) -> None:
        self.seed = seed
        self.now = START
        self.counters = Counters()
        self.browsers: list[Browser] = []
        self.people: dict[str, Browser] = {}  # by participant id
        self.table = PlainTable()
        self.observed: list[tuple[str, dict[str, Any]]] = []
        self.delivered = blake2b(digest_size=16)  # of all that browsers got from the server
        self._events: list[tuple[float, int, Callable[[Any], None], Any]] = []
        self._order = count()
        self._ticks = 0
        self._by_user: dict[str, Browser] = {}
        self.rooms = Rooms(
            settings=Settings(**settings),
            counters=self.counters,
            egress=PythonEgress(self._deliver, self.counters),
            certificate=_certificate(),
            transports=self.table,
            send=lambda data, address: True,
            candidates=lambda: (("127.0.0.1", 8081),),
            observe=lambda event, **fields: self.observed.append((event, fields)),
            random=Random(seed),
            make_transport=self._make_transport,  # type: ignore[arg-type]
            wall_clock=self.clock,
        )
        self.room = self.rooms.create_id()
        self.at(self.now + TICK, self._tick, None)

    def browser(self, name: str, **knobs: Any) -> Browser:
        """A browser that joins the call's room now; ``knobs`` are those of ``Browser``."""
        browser = Browser(self, name, **knobs)
        self._by_user[browser.user] = browser
        browser.join(self.room)
        return browser

    def clock(self) -> float:
        """The time of the call in seconds."""
        return self.now

    def at(self, time: float, action: Callable[[Any], None], argument: Any) -> None:
        """Do it at that time; what is to be done at the same time keeps its order."""
        heappush(self._events, (time, next(self._order), action, argument))

    def carry(self, link: Link, data: bytes, take: Callable[[bytes], None]) -> None:
        """Send ``data`` through ``link``; ``take`` gets it when, and if, it arrives."""
        if link.duplicates > 0.0:
            for arrival in link.arrivals(len(data), self.now):
                self.at(arrival, take, data)
            return
        arrival = link.carry(len(data), self.now)
        if arrival is not None:
            heappush(self._events, (arrival, next(self._order), take, data))

    def run(self, seconds: float) -> None:
        """Let time pass."""
        events, end = self._events, self.now + seconds
        while events[0][0] <= end:
            self.now, _, action, argument = heappop(events)
            action(argument)
        self.now = end

    def report(self, after: float = 0.0) -> str:
        """What everybody saw and heard, as a table; changes are counted since ``after``."""
        return report(self.browsers, after)

    # --- the server's side ---

    def _tick(self, _: None) -> None:
        self._ticks += 1
        self.at(START + (self._ticks + 1) * TICK, self._tick, None)
        self.rooms.tick(self.now)

    def _make_transport(self, *, sink: Any, **_: Any) -> PlainTransport:
        return PlainTransport(self, sink)

    def _deliver(self, data: bytes, address: Any) -> bool:
        browser = self._by_user[address]
        self.carry(browser.down, data, browser.receiver.take)
        return True

    def deliver_rtcp(self, compound: bytes, address: Any) -> None:
        """RTCP leaves the server."""
        browser = self._by_user[address]
        self.carry(browser.down, compound, browser.take_rtcp)


_certificates: list[Certificate] = []


def _certificate() -> Certificate:
    """One for all calls: nothing is encrypted, and making one takes time."""
    if not _certificates:
        _certificates.append(Certificate.generate())
    return _certificates[0]
