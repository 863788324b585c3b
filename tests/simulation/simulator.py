"""Whole rooms in virtual time: simulated browsers talk to the real core, without sockets."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random
from typing import Any

from sfu.config import Settings
from sfu.counters import Counters
from sfu.room.rooms import Rooms
from sfu.transport.certificate import Certificate
from sfu.transport.egress import PythonEgress
from tests.simulation.browser import Browser
from tests.simulation.plain_transport import PlainTable, PlainTransport

TICK = 0.02


class Call:
    """One server core with its simulated browsers; ``run`` lets time pass."""

    def __init__(self, seed: int = 1, **settings: Any) -> None:
        self.now = 100.0
        self.random = Random(seed)
        self.counters = Counters()
        self.browsers: list[Browser] = []
        self.table = PlainTable()
        self.observed: list[tuple[str, dict[str, Any]]] = []
        self._soon: list[Any] = []
        self._step = 0
        self.rooms = Rooms(
            settings=Settings(**settings),
            counters=self.counters,
            egress=PythonEgress(self._deliver, self.counters),
            certificate=Certificate.generate(),
            transports=self.table,
            send=lambda data, address: True,
            candidates=lambda: (("127.0.0.1", 8081),),
            observe=lambda event, **fields: self.observed.append((event, fields)),
            random=Random(seed),
            make_transport=PlainTransport,  # type: ignore[arg-type]
        )
        self.room = self.rooms.create_id()

    def browser(self, name: str, *, slots: int = 4, sends: bool = True, **knobs: Any) -> Browser:
        """A browser that has joined."""
        browser = Browser(self, name, slots, sends=sends)
        for knob, value in knobs.items():
            setattr(browser, knob, value)
        browser.join(self.room)
        return browser

    def soon(self, action: Any) -> None:
        """Do it at the next step, as a network would."""
        self._soon.append(action)

    def _deliver(self, data: bytes, address: Any) -> bool:
        for browser in self.live():
            if f"user{browser.index}" == address[0]:
                browser.take(data)
        return True

    def live(self) -> Iterator[Browser]:
        return (b for b in self.browsers if b.session.joined and not b.hung_up)

    def run(self, seconds: float) -> None:
        for _ in range(round(seconds / TICK)):
            self.now += TICK
            self._step += 1
            actions, self._soon = self._soon, []
            for action in actions:
                action()
            for browser in list(self.live()):
                if browser.session._participant.transport is None:  # type: ignore[union-attr]
                    continue
                if not browser.transport.connected:
                    continue
                browser.hear_rtcp()
                if browser.sends and self._step % 2 == 0:
                    browser.send_media()
                if self._step % 3 == 0:
                    browser.send_feedback()
                if browser.sends and self._step % 50 == 10:
                    browser.send_sender_reports()
            self.rooms.tick(self.now)
