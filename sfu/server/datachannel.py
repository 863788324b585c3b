"""The data channels of all participants, so that nobody's data delays anybody's media."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING

from sfu.server.association import Association

if TYPE_CHECKING:
    from sfu.counters import Counters
    from sfu.room.participant import Participant
    from sfu.room.room import Room

# Packets of one participant that wait for their turn: twice what its receive window holds.
MAX_WAITING = 256
# SCTP takes some 100 microseconds per packet, in Python. After this long the event loop gets its
# turn, that is: everybody's media.
_WAKE_UP_SECONDS = 0.002


class DataChannels:
    """Begins a participant's association with its first packet, and ends it when it leaves.

    Packets wait in a bounded queue per participant; each participant's next is taken in turn, a
    few per wake-up of the event loop.
    """

    def __init__(self, counters: Counters, observe: Callable[..., None]) -> None:
        self._counters = counters
        self._observe = observe
        self._associations: dict[str, Association] = {}  # ended ones too, until they leave
        self._ready: deque[Association] = deque()
        self._wake_up: asyncio.Handle | None = None

    def __len__(self) -> int:
        return sum(not association.ended for association in self._associations.values())

    def received(self, room: Room, participant: Participant, packet: bytes, now: float) -> None:
        """Take one SCTP packet of ``participant``."""
        association = self._associations.get(participant.id)
        if association is None:
            if participant.id not in room.participants:
                return
            association = Association(room, participant, self._counters, self._ending)
            self._associations[participant.id] = association
        if association.ended:
            return
        if len(association.waiting) >= MAX_WAITING:
            self._counters.drops["data-queue-full"] += 1
            return
        association.waiting.append(packet)
        if len(association.waiting) == 1:
            self._ready.append(association)
            self._wake()

    def left(self, participant: Participant) -> None:
        """End the data of ``participant``; its transport is still open."""
        association = self._associations.pop(participant.id, None)
        if association is not None:
            self._end(association)

    def _wake(self) -> None:
        if self._wake_up is None:
            self._wake_up = asyncio.get_running_loop().call_soon(self._work)

    def _work(self) -> None:
        self._wake_up = None
        until = time.monotonic() + _WAKE_UP_SECONDS
        while self._ready:
            association = self._ready.popleft()
            if not association.waiting:
                continue  # it has ended
            now = time.monotonic()
            try:
                association.take(association.waiting[0], now)
            except Exception as error:
                self._bug(association, error)
            if association.waiting:
                association.waiting.popleft()
            if association.waiting:
                self._ready.append(association)
            if now >= until:
                break
        if self._ready:
            self._wake()

    def _bug(self, association: Association, error: Exception) -> None:
        self._counters.bugs["data"] += 1
        self._tell("bug", association, boundary="data", error=error)
        self._ending(association, "internal-error")

    def _ending(self, association: Association, reason: str) -> None:
        if not association.ended:
            self._counters.data_closed[reason] += 1
            self._tell("data-closed", association, reason=reason)
            self._end(association)

    def _end(self, association: Association) -> None:
        try:
            association.end()
        except Exception as error:
            # It is marked as ended: no way back here.
            self._counters.bugs["data"] += 1
            self._tell("bug", association, boundary="data", error=error)

    def _tell(self, event: str, association: Association, **fields: object) -> None:
        participant = association.participant.id
        self._observe(event, room=association.room, participant=participant, **fields)
