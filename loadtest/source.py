"""One thing that a synthetic client sends: a recording as RTP, each packet with a fresh stamp."""

from __future__ import annotations

import random
import struct
import time

from loadtest import stamp
from loadtest.description import (
    AUDIO_LEVEL_ID,
    MID_ID,
    PAYLOAD_TYPES,
    RID_ID,
    TRANSPORT_CC_ID,
)
from loadtest.encoded import LAYER_AT, LONG_PICTURE_ID, PICTURE_ID_AT, TL0_AT
from loadtest.recording import Recording
from loadtest.tally import Tally
from loadtest.wire import Wire
from sfu.rtp.extensions import ONE_BYTE
from sfu.rtp.rtcp import SenderReport, ntp_from_unix

# Fixed header, extension profile and length in words.
_HEADER = struct.Struct("!BBHIIHH")
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
    """Sends one frame of ``recording`` each time it is told to; ``level`` is in -dBov, of audio.

    ``named`` while an encoding of simulcast tells its m-line ``mid`` and its rid in each packet,
    ``paused`` while nobody wants it.
    """

    def __init__(
        self,
        *,
        ssrc: int,
        publisher: int,
        recording: Recording,
        wire: Wire,
        numbers: TransportNumbers,
        tally: Tally,
        level: int = 30,
        mid: str = "",
        encoding: int = 0,
    ) -> None:
        self.ssrc = ssrc
        self.tally = tally
        self.recording = recording
        self.named = bool(recording.rid)
        self.paused = False
        self._audio = recording.codec == "opus"
        self._type = PAYLOAD_TYPES[recording.codec]
        self._names = _element(MID_ID, mid) + _element(RID_ID, recording.rid)
        self._publisher = publisher
        self._wire = wire
        self._numbers = numbers
        self._extensions = bytes((_TRANSPORT_CC,))
        if self._audio:
            self._extensions = bytes((_AUDIO_LEVEL, _VOICE | level, _TRANSPORT_CC))
        self._sequence = random.randrange(0x8000)
        self._timestamp = random.randrange(1 << 31)
        self._picture = random.randrange(0x8000)
        self._lowest = random.randrange(0x100)
        self._number = encoding << stamp.ENCODING_BIT
        self._frame = 0
        self._octets = 0
        self._sent: dict[int, bytes] = {}
        self._keyframe_at = 0.0

    def send_frame(self) -> None:
        """Send the next picture or sound."""
        frame = self.recording.frames[self._frame % len(self.recording.frames)]
        self._frame += 1
        self._timestamp = (self._timestamp + self.recording.ticks) & 0xFFFFFFFF
        if self.paused:
            return
        self._picture = (self._picture + 1) & 0x7FFF
        if self.recording.temporal > 1 and frame[0][LAYER_AT] >> 6 == 0:
            self._lowest = (self._lowest + 1) & 0xFF
        for index, payload in enumerate(frame):
            self._send(payload, last=index == len(frame) - 1)

    def _send(self, payload: bytes, *, last: bool) -> None:
        self._sequence = sequence = (self._sequence + 1) & 0xFFFF
        self._number += 1
        extensions = self._extensions + self._numbers.take().to_bytes(2, "big")
        if self.named:
            extensions += self._names
        extensions += bytes(-len(extensions) % 4)
        header = _HEADER.pack(
            _FIRST_BYTE,
            self._type | 0x80 if last else self._type,
            sequence,
            self._timestamp,
            self.ssrc,
            ONE_BYTE,
            len(extensions) // 4,
        )
        mark = stamp.write(self._publisher, self._number)
        if self.recording.codec == "H264":
            mark = stamp.escaped(mark)
        elif self.recording.codec == "VP8":
            payload = self._numbered(payload)
        packet = b"".join((header, extensions, payload, mark))
        if len(self._sent) >= _REMEMBERED:
            del self._sent[next(iter(self._sent))]
        self._sent[sequence] = self._wire.send(packet)
        self._octets += len(payload) + len(mark)
        self.tally.sent += 1
        self.tally.sent_bytes += len(packet)

    def _numbered(self, payload: bytes) -> bytes:
        """A packet of VP8 with the numbers of this picture."""
        picture = (LONG_PICTURE_ID | self._picture).to_bytes(2, "big")
        if self.recording.temporal == 1:
            return payload[:PICTURE_ID_AT] + picture + payload[PICTURE_ID_AT + 2 :]
        return b"".join(
            (payload[:PICTURE_ID_AT], picture, bytes((self._lowest,)), payload[TL0_AT + 1 :])
        )

    def pause(self, paused: bool) -> None:
        """Send nothing, or send again, from a keyframe on."""
        if self.paused and not paused:
            self._frame = 0
        self.paused = paused

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
            packet_count=self._number & (1 << stamp.ENCODING_BIT) - 1,
            octet_count=self._octets & 0xFFFFFFFF,
            blocks=[],
        )


def _element(number: int, text: str) -> bytes:
    """RFC 8285 section 4.2: an element of one-byte extensions; none for an empty text."""
    return bytes((number << 4 | len(text) - 1,)) + text.encode() if text else b""
