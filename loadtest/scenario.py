"""What a load test does: who joins which room, who sends, and who comes and goes."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from loadtest.conditions import Network
from loadtest.recording import Recording

NAMES = {
    "room": "one room, everybody sends to everybody",
    "fanout": "one participant sends, --size others receive",
    "webinar": "--publishers send in one room, --size others watch",
    "rooms": "--rooms rooms of --size, everybody sends to everybody",
    "churn": "--rooms rooms of --size, and guests who join and leave all the time",
    "joins": "--rooms rooms of --size join at --join-rate: do all connect, and how fast?",
    "idle": "--rooms rooms of --size, nobody sends: what a participant costs",
}
# The size that --find-limit makes larger, where it is not the size of the rooms.
GROWING_ROOMS = frozenset({"rooms", "joins", "idle"})


@dataclass(frozen=True)
class Seat:
    """One participant who stays from the beginning to the end; ``room`` counts from 0.

    ``network`` is its own; None stands for that of all.
    """

    number: int
    room: int
    sends: bool
    network: Network | None = None


@dataclass(frozen=True)
class Scenario:
    """The participants; ``guests_per_second`` more join for ``stay`` seconds each.

    ``tolerant`` when joins that fail are a result, and no reason to give up.
    """

    rooms: int
    seats: tuple[Seat, ...]
    guests_per_second: float = 0.0
    stay: float = 0.0
    tolerant: bool = False

    @property
    def connections(self) -> int:
        """How many pairs of a sender and a receiver there are; 0 where guests change them."""
        if self.guests_per_second:
            return 0
        senders, people = [0] * self.rooms, [0] * self.rooms
        for seat in self.seats:
            senders[seat.room] += seat.sends
            people[seat.room] += 1
        return sum(s * (p - 1) for s, p in zip(senders, people, strict=True) if p)


def scenario(
    name: str,
    *,
    size: int,
    rooms: int = 1,
    publishers: int = 0,
    guests_per_second: float = 0.0,
    stay: float = 0.0,
) -> Scenario:
    """The scenario of that name, one of ``NAMES``."""
    if name in ("fanout", "webinar"):
        senders = 1 if name == "fanout" else publishers
        return Scenario(1, tuple(Seat(n, 0, n < senders) for n in range(size + senders)))
    if name == "room":
        rooms = 1
    senders = {"idle": 0, "joins": publishers}.get(name, size)
    seats = tuple(Seat(n, n // size, n % size < senders) for n in range(rooms * size))
    if name == "churn":
        return Scenario(rooms, seats, guests_per_second, stay, tolerant=True)
    return Scenario(rooms, seats, tolerant=name == "joins")


@dataclass(frozen=True)
class Job:
    """What one process does; ``rooms`` are the ids that the seats' numbers stand for.

    ``sends`` is what senders send, by kind; several recordings are encodings of simulcast.
    ``joins_per_second`` is this process's own pace. ``network`` is that of all who have none of
    their own; None is the real one. ``sample``: of how many packets one is looked into.
    """

    url: str
    rooms: tuple[str, ...]
    scenario: Scenario
    sends: dict[str, tuple[Recording, ...]] = field(default_factory=dict)
    joins_per_second: float = 50.0
    network: Network | None = None
    repairs: bool = True
    sample: int = 1
    tcp: bool = False
    token: str = ""
    seed: int = 0

    def share(self, workers: int, number: int) -> Job:
        """The part of process ``number`` of so many: every so-and-so-manieth seat and guest."""
        part = replace(
            self.scenario,
            seats=self.scenario.seats[number::workers],
            guests_per_second=self.scenario.guests_per_second / workers,
        )
        return replace(
            self,
            scenario=part,
            joins_per_second=self.joins_per_second / workers,
            seed=self.seed + number,
        )
