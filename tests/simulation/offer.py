"""The session description a simulated browser offers, with the lines Chromium writes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sfu.rtp import extensions
from tests.simulation.sender import (
    ABS_SEND_TIME_ID,
    AUDIO_LEVEL_ID,
    MID_ID,
    REPAIRED_RID_ID,
    RID_ID,
    TRANSPORT_CC_ID,
)

FINGERPRINT = ":".join(["AB"] * 32)


@dataclass
class Line:
    """One m-line; what it sends is ``ssrcs`` with ``rtx`` ones, or simulcast ``rids``."""

    mid: str
    kind: str
    source: str = ""  # empty: a slot
    ssrcs: tuple[int, ...] = ()  # media and RTX
    rids: tuple[str, ...] = ()
    active: bool = True

    @property
    def direction(self) -> str:
        if not self.active:
            return "inactive"
        return "sendonly" if self.source else "recvonly"


def offer_text(user: str, lines: Sequence[Line], *, audio_nack: bool, remb: bool) -> str:
    """The offer; ``remb``: slots know no transport-cc, only the receiver's own estimate."""
    text = [
        "v=0",
        "o=- 1 2 IN IP4 127.0.0.1",
        "s=-",
        "t=0 0",
        "a=group:BUNDLE " + " ".join(line.mid for line in lines),
        "a=extmap-allow-mixed",
    ]
    for line in lines:
        text += _media(user, line, audio_nack=audio_nack, remb=remb and not line.source)
    return "\r\n".join(text) + "\r\n"


def _media(user: str, line: Line, *, audio_nack: bool, remb: bool) -> list[str]:
    types = "96 97" if line.kind == "video" else "111"
    text = [
        f"m={line.kind} 9 UDP/TLS/RTP/SAVPF {types}",
        "c=IN IP4 0.0.0.0",
        f"a=ice-ufrag:{user}",
        "a=ice-pwd:" + "p" * 24,
        f"a=fingerprint:sha-256 {FINGERPRINT}",
        "a=setup:actpass",
        f"a=mid:{line.mid}",
        f"a={line.direction}",
        "a=rtcp-mux",
        "a=rtcp-rsize",
        f"a=extmap:{ABS_SEND_TIME_ID} {extensions.ABS_SEND_TIME}",
        f"a=extmap:{MID_ID} {extensions.MID}",
    ]
    if not remb:
        text.append(f"a=extmap:{TRANSPORT_CC_ID} {extensions.TRANSPORT_CC}")
    if line.kind == "audio":
        text += [
            f"a=extmap:{AUDIO_LEVEL_ID} {extensions.AUDIO_LEVEL}",
            "a=rtpmap:111 opus/48000/2",
            "a=fmtp:111 minptime=10;useinbandfec=1",
            f"a=rtcp-fb:111 {'goog-remb' if remb else 'transport-cc'}",
        ]
        if audio_nack:
            text.append("a=rtcp-fb:111 nack")
    else:
        text += [
            f"a=extmap:{RID_ID} {extensions.RID}",
            f"a=extmap:{REPAIRED_RID_ID} {extensions.REPAIRED_RID}",
            "a=rtpmap:96 VP8/90000",
            "a=rtcp-fb:96 goog-remb",
            "a=rtcp-fb:96 ccm fir",
            "a=rtcp-fb:96 nack",
            "a=rtcp-fb:96 nack pli",
            "a=rtpmap:97 rtx/90000",
            "a=fmtp:97 apt=96",
        ]
        if not remb:
            text.append("a=rtcp-fb:96 transport-cc")
    return text + _streams(line)


def _streams(line: Line) -> list[str]:
    """What says which streams the m-line sends."""
    if line.rids:
        rids = [f"a=rid:{rid} send" for rid in line.rids]
        return [*rids, "a=simulcast:send " + ";".join(line.rids)]
    text = [f"a=ssrc:{ssrc} cname:c" for ssrc in line.ssrcs]
    if len(line.ssrcs) == 2:
        text.insert(0, "a=ssrc-group:FID {} {}".format(*line.ssrcs))
    return text
