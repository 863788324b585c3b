"""What the core counts, as plain integers that one metrics collector reads at scrape time."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field


class Histogram:
    """Counts observations into fixed buckets; ``bounds`` are inclusive upper limits, ascending."""

    __slots__ = ("bounds", "counts", "total")

    def __init__(self, bounds: Sequence[float]) -> None:
        self.bounds = tuple(bounds)
        self.counts = [0] * (len(self.bounds) + 1)
        self.total = 0.0

    def observe(self, value: float) -> None:
        """Count one observation, in the unit of ``bounds``."""
        self.counts[bisect_left(self.bounds, value)] += 1
        self.total += value


@dataclass(slots=True)
class Traffic:
    """RTP packets and bytes (header and payload, before protection) of one kind of media."""

    packets_in: int = 0
    bytes_in: int = 0
    packets_out: int = 0
    bytes_out: int = 0
    lost_in: int = 0  # publisher to server, from gaps never filled
    lost_out: int = 0  # server to subscribers, from their receiver reports


# Join phases last from a millisecond on loopback to many seconds on a bad network.
_PHASE_BOUNDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
# Forwarding and loop lag: 50 microseconds is a good packet, 100 milliseconds is a stall.
_LATENCY_BOUNDS = (0.00005, 0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1)


@dataclass(slots=True)
class Counters:
    """Everything one server process counts; label values come from fixed sets only."""

    audio: Traffic = field(default_factory=Traffic)
    video: Traffic = field(default_factory=Traffic)
    datagrams_in: int = 0
    datagrams_out: int = 0
    tcp_frames_in: int = 0
    tcp_frames_out: int = 0
    drops: Counter[str] = field(default_factory=Counter)  # by reason
    handshake_failures: Counter[str] = field(default_factory=Counter)  # by stage
    keyframe_requests: Counter[str] = field(default_factory=Counter)  # by reason
    nacked_in: int = 0  # packets subscribers asked us to send again
    nacked_out: int = 0  # packets we asked publishers to send again
    retransmitted_in: int = 0  # packets publishers sent again
    retransmitted_out: int = 0  # packets we sent again
    signaling_errors: Counter[str] = field(default_factory=Counter)  # by error code
    bugs: Counter[str] = field(default_factory=Counter)  # unexpected exceptions, by boundary
    chat_messages: int = 0
    files: int = 0  # uploads that were completed
    file_bytes_in: int = 0  # from who sends a file
    file_bytes_out: int = 0  # to those who fetch it
    data_refused: Counter[str] = field(default_factory=Counter)  # by error code
    data_closed: Counter[str] = field(default_factory=Counter)  # not by leaving; by reason
    webhooks: Counter[str] = field(default_factory=Counter)  # by outcome
    joins: int = 0
    leaves: Counter[str] = field(default_factory=Counter)  # by reason
    lobby: Counter[str] = field(default_factory=Counter)  # who waited; by outcome
    load_changes: Counter[str] = field(default_factory=Counter)  # by the state that began
    resumes: Counter[str] = field(default_factory=Counter)  # by outcome
    join_phases: dict[str, Histogram] = field(
        default_factory=lambda: {
            phase: Histogram(_PHASE_BOUNDS)
            for phase in ("offer", "ice", "dtls", "first-packet", "first-picture")
        }
    )
    forwarding_latency: Histogram = field(default_factory=lambda: Histogram(_LATENCY_BOUNDS))
    loop_lag: Histogram = field(default_factory=lambda: Histogram(_LATENCY_BOUNDS))

    def traffic(self, kind: str) -> Traffic:
        """The traffic counters of ``kind``, which is ``audio`` or ``video``."""
        return self.audio if kind == "audio" else self.video
