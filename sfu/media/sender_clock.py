"""Brings the wall clock of a publisher's sender reports into our own time."""

from __future__ import annotations

# A step larger than this is a new clock (the machine slept or was set), not a faster packet.
_STEP_SECONDS = 1.0
# Clocks drift by up to 100 ppm: let the smallest offset rise as slowly as that.
_DRIFT = 1e-4

_NTP_FRACTION = 1 << 32


class SenderClock:
    """One per publisher, so that its audio and video stay in step (lip sync, RFC 3550 6.4.1).

    Keeps the smallest difference seen between our time of arrival and the sender's NTP time,
    which is the least delayed path; both streams of a publisher share it, so their relation is
    exactly the sender's.
    """

    __slots__ = ("_at", "_offset")

    def __init__(self) -> None:
        self._offset: float | None = None
        self._at = 0.0

    def observe(self, ntp: int, now: float) -> None:
        """Note a sender report stamped ``ntp`` (64-bit) that arrived at ``now`` (seconds)."""
        offset = now - ntp / _NTP_FRACTION
        if self._offset is None or abs(offset - self._offset) > _STEP_SECONDS:
            self._offset = offset
        else:
            self._offset = min(offset, self._offset + (now - self._at) * _DRIFT)
        self._at = now

    def local(self, ntp: int) -> float:
        """Our time, in seconds, of the sender's instant ``ntp`` (64-bit)."""
        return ntp / _NTP_FRACTION + (self._offset or 0.0)
