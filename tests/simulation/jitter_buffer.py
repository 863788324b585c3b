"""Puts the packets of one video stream together to frames and shows them in order, in time."""

from __future__ import annotations

from bisect import insort
from typing import TYPE_CHECKING

from tests.simulation.decoder import Decoder, Frame, parse_frame
from tests.simulation.sources import video_tail

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.simulation.incoming import Incoming

# How long a frame that cannot be decoded yet waits for a missing packet.
MAX_WAIT = 1.0
# Nothing decodable for so long while packets come: a keyframe is needed. Not more often than that.
KEYFRAME_SECONDS = 0.2
# More than a second of any stream here; older packets of frames never completed are dropped.
MAX_PACKETS = 2048
# The descriptor with a 15-bit picture id, TL0PICIDX and temporal id; the frame header follows.
DESCRIPTOR_BYTES = 6

Packet = tuple[int, bool, bool, bytes, int, int]  # timestamp, start, marker, data, begin, end


class JitterBuffer:
    """``patience`` is how long a frame waits for packets it could be decoded without (seconds)."""

    def __init__(self, stream: Incoming, show: Callable[[Incoming, Frame], None]) -> None:
        self.stream = stream
        self.decoder = Decoder()
        self.patience = 0.04
        self.undecodable = 0
        self._show = show
        self._packets: dict[int, Packet] = {}
        self._frames: list[Frame] = []  # complete, by their first number
        self._newest = -1
        self._done = -1  # the last number of what was shown or dropped
        self._need_keyframe = False
        self._pending_since: float | None = None  # since when packets wait that were not decoded
        self._packet_at = float("-inf")
        self._keyframe_timestamp = -1
        self._keyframe_at = float("-inf")
        self._asked_at = float("-inf")

    def packet(
        self,
        number: int,
        timestamp: int,
        marker: bool,
        data: bytes,
        begin: int,
        end: int,
        now: float,
    ) -> None:
        """Take a packet (extended sequence number) with its payload from ``begin`` to ``end``."""
        late = number < self._newest
        if not late:
            self._newest = number
        if begin >= end:  # only padding: it has its place in the numbering
            if self._frames:
                self.release(now)
            return
        self._packet_at = now
        if self._pending_since is None:
            self._pending_since = now
        start = data[begin] & 0x17 == 0x10
        if start and not data[begin + DESCRIPTOR_BYTES] & 1:
            self._keyframe_timestamp = timestamp
        if timestamp == self._keyframe_timestamp:
            self._keyframe_at = now
        if number <= self._done:
            return
        packets = self._packets
        packets[number] = (timestamp, start, marker, data, begin, end)
        if marker or late:
            frame = self._complete(number)
            if frame is not None:
                insort(self._frames, frame, key=_first)
            if self._frames:
                self.release(now)
        if len(packets) > MAX_PACKETS:
            del packets[min(packets)]

    def _complete(self, number: int) -> Frame | None:
        """The frame with that packet, if all of it is here."""
        packets = self._packets
        packet = first_packet = last_packet = packets[number]
        timestamp = packet[0]
        first = last = number
        size = packet[5] - packet[4]
        while not first_packet[1]:
            first -= 1
            before = packets.get(first)
            if before is None or before[0] != timestamp:
                return None
            first_packet = before
            size += before[5] - before[4]
        while not last_packet[2]:
            last += 1
            after = packets.get(last)
            if after is None or after[0] != timestamp:
                return None
            last_packet = after
            size += after[5] - after[4]
        tail = video_tail(last_packet[3], last_packet[5])
        head = video_tail(first_packet[3], first_packet[5])
        assert (head.publisher, head.encoding, head.frame) == (
            tail.publisher,
            tail.encoding,
            tail.frame,
        ), f"one frame of {self.stream.mid} begins as {head} and ends as {tail}"
        assert head.part == 0
        assert last - first + 1 == tail.parts == tail.part + 1, f"{tail} has {last - first + 1}"
        for each in range(first, last + 1):
            del packets[each]
        return parse_frame(first, last, first_packet[3], first_packet[4], size, tail)

    def release(self, now: float) -> None:
        """Show what can be shown now: in order, skipping what has not come in time."""
        frames, stream = self._frames, self.stream
        while frames:
            frame = frames[0]
            decodable = self.decoder.takes(frame)
            oldest = next(iter(stream.missing), frame.first)
            if oldest < frame.first:
                wait = self.patience if decodable else MAX_WAIT
                if now - stream.missing[oldest].since < wait:
                    return
                stream.forget(frame.first)
            del frames[0]
            if frame.first <= self._done:
                continue
            self._done = frame.last
            if self._packets:
                self._drop_older(frame.first)
            if not decodable:
                self.undecodable += 1
                if frame.temporal_id == 0:  # the chain that everything else hangs on
                    self._need_keyframe = True
                continue
            self.decoder.decode(frame)
            self._need_keyframe = False
            self._pending_since = now if self._packets or frames else None
            self._show(stream, frame)

    def _drop_older(self, first: int) -> None:
        for number in [number for number in self._packets if number < first]:
            del self._packets[number]

    def asks_keyframe(self, now: float) -> bool:
        """Whether to send a PLI now."""
        if now - self._packet_at >= KEYFRAME_SECONDS or now - self._keyframe_at < KEYFRAME_SECONDS:
            return False
        pending = self._pending_since
        stuck = pending is not None and now - pending >= KEYFRAME_SECONDS
        if not (self._need_keyframe or stuck) or now - self._asked_at < KEYFRAME_SECONDS:
            return False
        self._asked_at = now
        return True

    @property
    def begun(self) -> bool:
        """Whether anything was shown or dropped."""
        return self._done >= 0

    @property
    def waiting(self) -> bool:
        """Whether complete frames wait for missing packets."""
        return bool(self._frames)


def _first(frame: Frame) -> int:
    return frame.first
