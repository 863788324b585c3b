"""A call in which one publisher is at fault, and what must not change for the others."""

from __future__ import annotations

import struct

from sfu.rtp.feedback import Pli
from tests.simulation.sender import VP8
from tests.simulation.simulator import Call

# Long enough before for layers that nobody watches to be paused.
CALM, BAD, AFTER = 5.5, 4.0, 3.0
_HEADER = struct.Struct("!BBHII")


class Blind:
    """In place of a jitter buffer: takes a bad stream as it comes and always wants a keyframe."""

    waiting, begun = False, True
    patience = 0.0

    def __init__(self) -> None:
        self.packets = 0
        self.payload_types: set[int] = set()

    def packet(self, number, timestamp, marker, data, begin, end, now) -> None:
        self.packets += 1
        self.payload_types.add(data[1] & 0x7F)

    def asks_keyframe(self, now: float) -> bool:
        return True


class Bad:
    """A call of three in which bob's browser is at fault after a while; ``spoil`` says how."""

    def __init__(self, seed: int = 1, *, blind: bool = False, others: bool = False) -> None:
        self.call = call = Call(seed=seed)
        self.ann = call.browser("ann", simulcast=True)
        self.bob = call.browser("bob", simulcast=True)
        self.cem = call.browser("cem", simulcast=True)
        if others:
            for each in call.browsers:
                with_other_codecs(each)
        self.asked: list[tuple[float, int]] = []  # keyframes of bob: when, of which SSRC
        take = self.bob.sender.feedback

        def feedback(packet) -> None:
            if isinstance(packet, Pli):
                self.asked.append((call.now, packet.media_ssrc))
            take(packet)

        self.bob.sender.feedback = feedback
        call.run(CALM)
        self.at = call.now
        self.blind: list[Blind] = []
        for viewer in (self.ann, self.cem) if blind else ():
            self.blind.append(Blind())
            viewer.picture_of(self.bob).pictures = self.blind[-1]

    def spoil(self, change, seconds: float = BAD) -> None:
        """Let ``change`` (data to a sequence of data) have each of bob's VP8 packets."""
        sender = self.bob.sender
        before = sender.spoil
        sender.spoil = lambda data: change(data) if data[1] & 0x7F == VP8 else (data,)
        self.call.run(seconds)
        sender.spoil = before

    @property
    def outgoing(self):
        """What bob sends its three encodings as, the lowest first."""
        return [outgoing for _, outgoing in self.bob.sender.cameras["camera"].encoders]

    @property
    def view(self):
        return self.ann.view_of(self.bob)

    def check(self, healthy, *, every: float = 0.2) -> None:
        """Nobody else noticed, nobody crashed, nothing grew, keyframes were not stormed.

        They may be asked for again ``every`` so many seconds.
        """
        call = self.call
        for viewer, other, before in zip(
            (self.ann, self.cem), (self.cem, self.ann), healthy, strict=True
        ):
            view = viewer.view_of(other)
            assert view.freezes == []
            assert view.changes == before.changes
            # The very same pictures at the very same times, as far as both runs go.
            assert view._shown == before._shown[: view.frames]
            assert viewer.listening_to(other).residual_loss == 0.0
        assert not call.counters.bugs
        assert len(call.rooms.rooms[call.room].participants) == 3
        publisher = self.bob.session._participant.publisher
        assert len(publisher.routes) <= 32
        for track in publisher.tracks.values():
            assert len(track.streams) <= 3
            assert all(len(stream.losses) <= 512 for stream in track.streams)
        for ssrc in {ssrc for _, ssrc in self.asked}:
            times = [at for at, of in self.asked if of == ssrc]
            assert len(times) <= 2 + (times[-1] - times[0]) / every


def with_other_codecs(browser) -> None:
    """Let it offer VP9 and H.264 as well, as 98 and 99."""
    text = browser.offer_text

    def offer_text() -> str:
        lines = ["a=fmtp:97 apt=96"]
        for number, name in ((98, "VP9"), (99, "H264")):
            lines += [f"a=rtpmap:{number} {name}/90000", f"a=rtcp-fb:{number} transport-cc"]
            lines += [f"a=rtpmap:{number + 2} rtx/90000", f"a=fmtp:{number + 2} apt={number}"]
        lines.append("a=fmtp:99 packetization-mode=1")
        return (
            text()
            .replace("SAVPF 96 97", "SAVPF 96 97 98 99 100 101")
            .replace("a=fmtp:97 apt=96", "\r\n".join(lines))
        )

    browser.offer_text = offer_text


def changed(data: bytes, *, number=0, timestamp=0, payload_type=None, ssrc=None) -> bytes:
    """The packet with these added to its numbers, or in place of them."""
    first, second, seq, stamp, source = _HEADER.unpack_from(data)
    if payload_type is not None:
        second = second & 0x80 | payload_type
    seq, stamp = (seq + number) & 0xFFFF, (stamp + timestamp) & 0xFFFFFFFF
    return _HEADER.pack(first, second, seq, stamp, ssrc or source) + data[12:]


def ssrc_of(data: bytes) -> int:
    return int.from_bytes(data[8:12], "big")


def payload_at(data: bytes) -> int:
    return 16 + 4 * int.from_bytes(data[14:16], "big")
