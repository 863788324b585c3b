"""One stream on its way out, from a switch to the next, and the time it continues."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sfu.media.numbering import MEMORY, Numbering

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sfu.media.receive_stream import ReceiveStream
    from sfu.rtp.rewrite import ExtensionPlan

_MASK32 = 0xFFFFFFFF
# A switch must move the timestamp: one frame at 30 frames per second, or one Opus packet.
_MIN_STEP_SECONDS = 0.02
# The picture that a switch begins with may have been taken before the last one that was sent: it
# still must be later, by as little as a receiver tells apart.
_LEAST_STEP_SECONDS = 0.001
# After a pause longer than this the receiver's jitter buffer has started anew anyway.
_MAX_STEP_SECONDS = 60.0
# Reports that lie must not move the clock by more than this.
_MAX_ERROR_SECONDS = 1.0
# A picture id that is further from the last one is no loss but a new count of the encoder's.
_MAX_PICTURE_STEP = 256


class Run:
    """What is added to the numbers of ``stream``.

    ``picture`` numbers the pictures of VP8 and VP9; None where the payload has no picture ids.
    ``empties`` are the numbers that went out without their payload.
    """

    __slots__ = (
        "empties",
        "extensions",
        "frame_number",
        "payload_types",
        "picture",
        "sequence",
        "stream",
        "timestamp",
        "tl0picidx",
    )

    def __init__(
        self,
        *,
        stream: ReceiveStream,
        sequence: Numbering,
        picture: Numbering | None,
        timestamp: int,
        tl0picidx: int,
        frame_number: int,
        payload_types: Mapping[int, int],
        extensions: ExtensionPlan,
    ) -> None:
        self.stream = stream
        self.sequence = sequence
        self.picture = picture
        self.timestamp = timestamp
        self.tl0picidx = tl0picidx
        self.frame_number = frame_number
        self.payload_types = payload_types
        self.extensions = extensions
        self.empties: dict[int, None] = {}

    def sent_empty(self, sequence: int) -> None:
        """Remember that, since whoever asks for it again must get the same bytes."""
        self.empties[sequence] = None
        if len(self.empties) > MEMORY:
            del self.empties[next(iter(self.empties))]

    def takes_picture(self, number: int, last_sent: int, *, newest: bool) -> bool:
        """Whether the picture ``number`` has a place in the outgoing numbering.

        It has none before the first picture, or when a part of it was left out. When the
        encoder counts anew, its pictures follow ``last_sent``.
        """
        picture = self.picture
        if picture is None or number < 0:
            return True
        anew = number < picture.first or abs(number - picture.newest) > _MAX_PICTURE_STEP
        if newest and anew:
            self.picture = picture = Numbering(number, last_sent + 1)
        return number >= picture.first and not picture.is_left_out(number)


def timestamp_offset(
    timestamp: int,
    target: ReceiveStream,
    *,
    last: int,
    elapsed: float,
    before: Run | None,
    clock_rate: int,
) -> int:
    """What lets the timestamps of ``target``, beginning with ``timestamp``, follow ``last``.

    ``elapsed`` seconds have passed since that was sent, in the run ``before``. Two streams of
    one publisher keep their relation by its sender reports (RFC 3550 section 6.4.1), so that
    sound and picture stay together; without reports time goes on as it passed here.
    """
    elapsed = min(max(elapsed, _MIN_STEP_SECONDS), _MAX_STEP_SECONDS)
    expected = last + int(elapsed * clock_rate)
    aligned: int | None = None
    if before is not None and before.stream is target:
        aligned = timestamp + before.timestamp
    elif before is not None and before.stream.same_sender(target):
        aligned = before.stream.timestamp_of(target, timestamp)
        aligned = aligned + before.timestamp if aligned is not None else None
    if aligned is None or abs(_difference(aligned, expected)) > _MAX_ERROR_SECONDS * clock_rate:
        return expected - timestamp
    least = last + int(_LEAST_STEP_SECONDS * clock_rate)
    return least + max(_difference(aligned, least), 0) - timestamp


def _difference(a: int, b: int) -> int:
    """``a - b`` of 32-bit timestamps, as the shorter way around."""
    return ((a - b + 0x80000000) & _MASK32) - 0x80000000
