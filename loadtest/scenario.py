"""What a load test does: who joins which room, who sends, and who comes and goes."""

from __future__ import annotations

from dataclasses import dataclass, replace

from loadtest.conditions import Conditions

NAMES = {
    "room": "one room, everybody sends to everybody",
    "fanout": "one participant sends, --size others receive",
    "rooms": "--rooms rooms of --size, everybody sends to everybody",
    "churn": "--rooms rooms of --size, and guests who join and leave all the time",
    "idle": "--rooms rooms of --size, nobody sends: what a participant costs",
}


@dataclass(frozen=True)
class Seat:
    """One participant who stays from the beginning to the end; ``room`` counts from 0."""

    number: int
    room: int
    sends: bool


@dataclass(frozen=True)
class Scenario:
    """The participants; ``guests_per_second`` more join for ``stay`` seconds each."""

    rooms: int
    seats: tuple[Seat, ...]
    guests_per_second: float = 0.0
    stay: float = 0.0

    @property
    def connections(self) -> int:
        """How many pairs of a sender and a receiver there are; 0 where guests change them."""
        if self.guests_per_second:
            return 0
        total = 0
        for room in range(self.rooms):
            here = [seat for seat in self.seats if seat.room == room]
            total += sum(seat.sends for seat in here) * (len(here) - 1)
        return total


def scenario(
    name: str, *, size: int, rooms: int = 1, guests_per_second: float = 0.0, stay: float = 0.0
) -> Scenario:
    """The scenario of that name, one of ``NAMES``."""
    if name == "fanout":
        return Scenario(1, tuple(Seat(n, 0, n == 0) for n in range(size + 1)))
    if name == "room":
        rooms = 1
    seats = tuple(Seat(n, n // size, name != "idle") for n in range(rooms * size))
    if name == "churn":
        return Scenario(rooms, seats, guests_per_second, stay)
    return Scenario(rooms, seats)


@dataclass(frozen=True)
class Job:
    """What one process does; ``rooms`` are the ids that the seats' numbers stand for.

    ``bitrate`` is of each video, in bits per second; 0 means sound alone. ``joins_per_second`` is
    this process's own pace.
    """

    url: str
    rooms: tuple[str, ...]
    scenario: Scenario
    bitrate: int = 240_000
    fps: int = 30
    joins_per_second: float = 50.0
    up: Conditions | None = None
    down: Conditions | None = None
    repairs: bool = True
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
