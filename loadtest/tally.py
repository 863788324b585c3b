"""What the synthetic clients of one process counted; tallies of several processes add up."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, fields

from loadtest.histogram import Histogram


@dataclass(slots=True)
class Tally:
    """Packets are RTP with media. Durations are in seconds.

    ``lost`` never came, though their numbers say that they were sent; ``repaired`` came after they
    were asked for; ``left_out`` were published but never sent to this client (a paused video, a
    silent microphone); ``mixed_up`` came in the slot of somebody else; ``foreign`` have no stamp,
    ``broken`` no valid protection.
    ``late`` is how much later than planned packets were sent, ``joining`` how long a join took
    until media could flow, ``first_media`` from there to the first packet. ``refused`` counts joins
    by the code they failed with, ``dropped`` clients that were thrown out later.
    """

    sent: int = 0
    sent_bytes: int = 0
    received: int = 0
    received_bytes: int = 0
    lost: int = 0
    repaired: int = 0
    left_out: int = 0
    duplicates: int = 0
    reordered: int = 0
    unneeded: int = 0
    mixed_up: int = 0
    foreign: int = 0
    broken: int = 0
    not_sent: int = 0  # the socket was full, or the generator too late
    keyframes_asked: int = 0
    nacked: int = 0
    present: int = 0  # clients in a room now
    joins: int = 0
    leaves: int = 0
    latency: Histogram = field(default_factory=Histogram)
    late: Histogram = field(default_factory=Histogram)
    joining: Histogram = field(default_factory=Histogram)
    first_media: Histogram = field(default_factory=Histogram)
    refused: Counter[str] = field(default_factory=Counter)
    dropped: Counter[str] = field(default_factory=Counter)

    def add(self, other: Tally) -> None:
        """Count everything that ``other`` counted as well."""
        for each in fields(self):
            mine, theirs = getattr(self, each.name), getattr(other, each.name)
            if isinstance(mine, int):
                setattr(self, each.name, mine + theirs)
            elif isinstance(mine, Histogram):
                mine.add(theirs)
            else:
                mine.update(theirs)

    @property
    def expected(self) -> int:
        """Packets that were sent to the clients, whether they came or not."""
        return self.received + self.lost
