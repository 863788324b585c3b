"""One SSRC as a simulated browser receives it: its order, losses, and what to ask for again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sfu.rtp.rtcp import ReportBlock, SenderReport, ntp_middle

if TYPE_CHECKING:
    from tests.simulation.jitter_buffer import JitterBuffer

# Two newer packets or 10 ms tell a loss from a reordering; then once per round trip.
REORDER_PACKETS = 2
REORDER_SECONDS = 0.01
MAX_TRIES = 10
MAX_AGE_SECONDS = 1.0
# A longer gap is a new beginning.
MAX_GAP = 1000


@dataclass(slots=True)
class Missing:
    """A packet that has not come: since when, how often and when last asked for."""

    since: float
    asked: float = 0.0
    tries: int = 0


class Incoming:
    """``nack`` says whether the server grants retransmissions; ``pictures`` is None for sound."""

    def __init__(self, ssrc: int, mid: str, kind: str) -> None:
        self.ssrc, self.mid, self.kind = ssrc, mid, kind
        self.nack = False
        self.pictures: JitterBuffer | None = None
        self.highest = -1  # extended sequence number
        self.base = -1
        self.received = 0  # without retransmissions and duplicates
        self.repaired = 0
        self.duplicates = 0
        self.given_up = 0
        self.missing: dict[int, Missing] = {}  # ascending
        self.timestamp = 0  # of the newest packet
        self.largest_step = 0  # of the timestamps of consecutive packets; enormous if they ran back
        self.first_at: float | None = None
        self.report: SenderReport | None = None
        self.report_at = 0.0
        self.source = (0, 0)  # publisher and number of the newest sound or shown frame
        self.height = 0  # of the pictures shown, in pixels
        self._lost_prior = self._expected_prior = 0

    def note(self, number: int, timestamp: int, now: float, *, repair: bool) -> int | None:
        """The extended number of a packet that has arrived; None when it was here before."""
        highest = self.highest
        if highest < 0:
            extended = self.base = self.highest = number + 0x10000
            self.first_at = now
            self.timestamp = timestamp
        else:
            extended = highest + ((number - highest + 0x8000) & 0xFFFF) - 0x8000
            if extended > highest:
                self._newest(extended, timestamp, now)
            elif self.missing.pop(extended, None) is None and not self._begins(extended, now):
                self.duplicates += 1
                return None
        if repair:
            self.repaired += 1
        else:
            self.received += 1
        return extended

    def _begins(self, extended: int, now: float) -> bool:
        """Whether a packet before the first one still is of use: nothing was shown so far."""
        if self.pictures is None or self.pictures.begun or not 0 < self.base - extended < MAX_GAP:
            return False
        between = range(extended + 1, self.base)
        self.missing = {lost: Missing(now) for lost in between} | self.missing
        self.base = extended
        return True

    def _newest(self, extended: int, timestamp: int, now: float) -> None:
        highest = self.highest
        if extended == highest + 1:
            self.largest_step = max(self.largest_step, (timestamp - self.timestamp) & 0xFFFFFFFF)
        elif extended - highest > MAX_GAP:
            self.given_up += len(self.missing) + extended - highest - 1
            self.missing.clear()
        else:
            for lost in range(highest + 1, extended):
                self.missing[lost] = Missing(now)
        self.highest = extended
        self.timestamp = timestamp

    def forget(self, before: int) -> None:
        """Give up what is missing before that number."""
        gone = [number for number in self.missing if number < before]
        for number in gone:
            del self.missing[number]
        self.given_up += len(gone)

    def due(self, now: float, rtt: float) -> list[int]:
        """The numbers to ask for now; forgets those past hope."""
        asked: list[int] = []
        gone: list[int] = []
        for number, missing in self.missing.items():
            if now - missing.since >= MAX_AGE_SECONDS:
                gone.append(number)
            elif missing.tries == 0:
                newer = self.highest - number >= REORDER_PACKETS
                if newer or now - missing.since >= REORDER_SECONDS:
                    asked.append(number)
            elif now - missing.asked >= rtt:
                if missing.tries >= MAX_TRIES:
                    gone.append(number)
                else:
                    asked.append(number)
        for number in gone:
            del self.missing[number]
        self.given_up += len(gone)
        for number in asked:
            missing = self.missing[number]
            missing.tries += 1
            missing.asked = now
        return asked

    def report_block(self, now: float) -> ReportBlock | None:
        """What a receiver report says of it; None before its first packet."""
        if self.base < 0:
            return None
        expected = self.highest - self.base + 1
        lost = expected - self.received
        expected_now, lost_now = expected - self._expected_prior, lost - self._lost_prior
        self._expected_prior, self._lost_prior = expected, lost
        fraction = max(0, min(255, lost_now * 256 // expected_now)) if expected_now > 0 else 0
        report = self.report
        return ReportBlock(
            ssrc=self.ssrc,
            fraction_lost=fraction,
            lost=max(0, lost),
            highest_sequence=self.highest & 0xFFFFFFFF,
            jitter=0,
            last_sr=ntp_middle(report.ntp) if report is not None else 0,
            delay_since_last_sr=int((now - self.report_at) * 65536) if report is not None else 0,
        )
