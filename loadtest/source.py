"""One thing that a synthetic client sends: a recording as RTP, each packet with a fresh stamp."""

from __future__ import annotations

import random
import struct
import time

from loadtest import stamp
from loadtest.description import AUDIO_LEVEL_ID, OPUS, TRANSPORT_CC_ID, VP8
from loadtest.encoded import LONG_PICTURE_ID, PICTURE_ID_AT, Recording
from loadtest.tally import Tally
from loadtest.wire import Wire
from sfu.rtp.extensions import ONE_BYTE
from sfu.rtp.rtcp import SenderReport, ntp_from_unix

# Header and extensions in one: transport-wide number in video, before it the level in audio.
_VIDEO_HEADER = struct.Struct("!BBHIIHHBHx")
_AUDIO_HEADER = struct.Struct("!BBHIIHHBBBHxxx")
_FIRST_BYTE = 0x90
_AUDIO_LEVEL = AUDIO_LEVEL_ID << 4
_TRANSPORT_CC = TRANSPORT_CC_ID << 4 | 1
_VOICE = 0x80
# So many packets can be sent again; two seconds of most videos.
_REMEMBERED = 512
# A keyframe is begun anew at most this often, as encoders do.
_KEYFRAME_SECONDS = 0.3


class TransportNumbers:
    """The transport-wide sequence numbers of one client."""

    __slots__ = ("_next",)

    def __init__(self) -> None:
        self._next = 0

    def take(self) -> int:
        """The next one."""
        self._next = (self._next + 1) & 0xFFFF
        return self._next


class Source:
    """Sends one frame of ``recording`` each time it is told to; ``level`` is in -dBov, of audio."""

    def __init__(
        self,
        *,
        kind: str,
        ssrc: int,
        publisher: int,
        recording: Recording,
        wire: Wire,
        numbers: TransportNumbers,
        tally: Tally,
        level: int = 30,
    ) -> None:
        self.ssrc = ssrc
        self.tally = tally
        self.recording = recording
        self._audio = kind == "audio"
        self._publisher = publisher
        self._wire = wire
        self._numbers = numbers
        self._level = _VOICE | level
        self._sequence = random.randrange(0x8000)
        self._timestamp = random.randrange(1 << 31)
        self._picture = random.randrange(0x8000)
        self._number = 0
        self._frame = 0
        self._octets = 0
        self._sent: dict[int, bytes] = {}
        self._keyframe_at = 0.0

    def send_frame(self) -> None:
        """Send the next picture or sound."""
        frame = self.recording.frames[self._frame % len(self.recording.frames)]
        self._frame += 1
        self._timestamp = (self._timestamp + self.recording.ticks) & 0xFFFFFFFF
        self._picture = (self._picture + 1) & 0x7FFF
        for index, payload in enumerate(frame):
            self._send(payload, last=index == len(frame) - 1)

    def _send(self, payload: bytes, *, last: bool) -> None:
        self._sequence = sequence = (self._sequence + 1) & 0xFFFF
        self._number += 1
        if self._audio:
            body = payload
            header = _AUDIO_HEADER.pack(
                _FIRST_BYTE,
                OPUS,
                sequence,
                self._timestamp,
                self.ssrc,
                ONE_BYTE,
                2,
                _AUDIO_LEVEL,
                self._level,
                _TRANSPORT_CC,
                self._numbers.take(),
            )
        else:
            picture = (LONG_PICTURE_ID | self._picture).to_bytes(2, "big")
            body = payload[:PICTURE_ID_AT] + picture + payload[PICTURE_ID_AT + 2 :]
            header = _VIDEO_HEADER.pack(
                _FIRST_BYTE,
                VP8 | 0x80 if last else VP8,
                sequence,
                self._timestamp,
                self.ssrc,
                ONE_BYTE,
                1,
                _TRANSPORT_CC,
                self._numbers.take(),
            )
        packet = header + body + stamp.write(self._publisher, self._number)
        if len(self._sent) >= _REMEMBERED:
            del self._sent[next(iter(self._sent))]
        self._sent[sequence] = self._wire.send(packet)
        self._octets += len(packet) - len(header)
        self.tally.sent += 1
        self.tally.sent_bytes += len(packet)

    def repeat(self, numbers: list[int]) -> None:
        """Send the packets with these sequence numbers again."""
        for number in numbers:
            datagram = self._sent.get(number)
            if datagram:
                self._wire.repeat(datagram)

    def begin_anew(self) -> None:
        """Go on with a keyframe, if the last one was not just now."""
        self.tally.keyframes_asked += 1
        now = time.monotonic()
        if not self._audio and now - self._keyframe_at >= _KEYFRAME_SECONDS:
            self._keyframe_at = now
            self._frame = 0

    def report(self) -> SenderReport:
        """What the server needs to bring sound and picture together."""
        return SenderReport(
            ssrc=self.ssrc,
            ntp=ntp_from_unix(time.time()),
            rtp_timestamp=self._timestamp,
            packet_count=self._number,
            octet_count=self._octets & 0xFFFFFFFF,
            blocks=[],
        )
