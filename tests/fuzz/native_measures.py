"""Feeds the native measures of a path with broken and hostile feedback; see ``native.py``."""

from __future__ import annotations

import math
import time
from random import Random
from types import ModuleType
from typing import Any

from sfu.rtp.transport_cc import TransportFeedback

# Times that a clock may tell, and those that none does.
TIMES = (0.0, -1.0, 1e-9, 0.2, 0.5, 1e9, -1e300, 1e308, math.inf, -math.inf, math.nan, 2**63)
SIZES = (0, 1, 40, 1200, 2**31 - 1, 2**31, -1, 2**70)
NONSENSE = (None, "x", b"", 0.5, [], (), {}, object(), 2**70, -(2**63), math.nan)


class MeasuresFuzzer:
    """One run: measures that live for a while, and what is thrown at them."""

    def __init__(self, native: ModuleType, seed: int) -> None:
        self.native = native
        self.random = Random(seed)
        self.calls = 0
        self.now = 1000.0
        self.renew()

    def renew(self) -> None:
        """One of each."""
        native = self.native
        self.history = native.SendHistory()
        kinds = (native.AckedRate, native.DelayGradient, native.QueueDelay, native.Dispersion)
        self.listeners = [kind() for kind in kinds]

    def send(self) -> None:
        """A burst, sometimes more than is remembered."""
        random = self.random
        for _ in range(random.choice([1, 1, 5, 50, 5000])):
            self.history.record(random.randrange(1500), self.moment(), random.choice([0, 0, 1]))

    def moment(self) -> float:
        """Now, a little later than before; seldom any other time."""
        self.now += self.random.choice([0.0, 0.0001, 0.004, 0.02])
        return self.random.choice(TIMES) if self.random.random() < 0.01 else self.now

    def tell(self) -> None:
        """Feedback, and what it tells for everybody who measures."""
        random = self.random
        count = random.choice([0, 1, 10, 100, 8192])
        base = self.history.sent_bytes if random.random() < 0.1 else self.calls
        arrivals: list[Any] = [
            random.choice([None, n, 4 * n, -n, random.randrange(-50_000, 50_000)])
            for n in range(count)
        ]
        if random.random() < 0.05 and arrivals:
            arrivals[random.randrange(count)] = random.choice(NONSENSE)
        feedback = TransportFeedback(
            1, 2, base & 0xFFFF, 0, int(self.now / 0.064) % (1 << 23), arrivals
        )
        if random.random() < 0.05:
            setattr(
                feedback,
                random.choice(["arrivals", "base_sequence", "reference_time"]),
                random.choice(NONSENSE),
            )
        try:
            fates = self.history.resolve(feedback, self.moment())
        except (TypeError, OverflowError):
            return
        for each in self.listeners:
            each.add(random.choice([fates.arrived, fates.media]))

    def arrive(self) -> None:
        """Packets that no history gives."""
        random = self.random
        packets: list[Any] = [
            (random.choice(TIMES), random.choice(TIMES), random.choice(SIZES))
            for _ in range(random.randrange(20))
        ]
        if random.random() < 0.2:
            packets.append(random.choice([*NONSENSE, (1.0, 2.0), ("x", 1.0, 2)]))
        try:
            random.choice(self.listeners).add(random.choice([packets, packets, None]))
        except (TypeError, OverflowError):
            return

    def ask(self) -> None:
        """Whatever there is to ask, and nonsense."""
        random = self.random
        acked, gradient, queue, dispersion = self.listeners
        acked.rate(self.moment())
        answers = [acked.covered(), acked.recent_rate(), gradient.usage, gradient.slope]
        answers += [queue.seconds(), queue.known(), queue.nearer(), dispersion.risen()]
        answers += [self.history.unreported_since(), self.history.ignored]
        if random.random() < 0.1:
            queue.accept()
        function = random.choice([self.history.record, self.history.resolve, acked.rate])
        try:
            function(*(random.choice(NONSENSE) for _ in range(random.randrange(4))))
        except (TypeError, ValueError, OverflowError, AttributeError):
            return

    def run(self, seconds: float) -> None:
        """Everything in turns."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if self.calls % 2000 == 0:
                self.renew()
            self.random.choice([self.send, self.tell, self.tell, self.arrive, self.ask])()
            self.calls += 1
