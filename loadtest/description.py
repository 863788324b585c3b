"""The few lines of SDP that a synthetic client offers, and those it needs of an answer."""

from __future__ import annotations

from dataclasses import dataclass, field

from loadtest.refusal import JoinFailed

OPUS, VP8, VP8_RTX = 111, 96, 97
AUDIO_LEVEL_ID, TRANSPORT_CC_ID = 1, 3

_TRANSPORT_CC = "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01"
_FEEDBACK = ("nack", "nack pli", "ccm fir", "transport-cc")
_CODECS = {
    "audio": (
        f"a=rtpmap:{OPUS} opus/48000/2",
        f"a=fmtp:{OPUS} minptime=10;useinbandfec=1",
        f"a=rtcp-fb:{OPUS} nack",
        f"a=rtcp-fb:{OPUS} transport-cc",
        f"a=extmap:{AUDIO_LEVEL_ID} urn:ietf:params:rtp-hdrext:ssrc-audio-level",
        f"a=extmap:{TRANSPORT_CC_ID} {_TRANSPORT_CC}",
    ),
    "video": (
        f"a=rtpmap:{VP8} VP8/90000",
        *(f"a=rtcp-fb:{VP8} {feedback}" for feedback in _FEEDBACK),
        f"a=rtpmap:{VP8_RTX} rtx/90000",
        f"a=fmtp:{VP8_RTX} apt={VP8}",
        f"a=extmap:{TRANSPORT_CC_ID} {_TRANSPORT_CC}",
    ),
}
_FORMATS = {"audio": f"{OPUS}", "video": f"{VP8} {VP8_RTX}"}


def offer(
    *,
    ufrag: str,
    password: str,
    fingerprint: str,
    sending: dict[str, int],
    slots: int,
    version: int,
) -> str:
    """A session description: ``sending`` maps kinds to the SSRC of what is sent, in that order.

    Mids are counted from 0: what is sent, then each slot's audio and video. A later offer with
    more slots and the next ``version`` keeps them.
    """
    lines: list[tuple[str, int | None]] = list(sending.items())
    lines += [(kind, None) for _ in range(slots) for kind in ("audio", "video")]
    described = [
        "v=0",
        f"o=- 1 {version} IN IP4 127.0.0.1",
        "s=-",
        "t=0 0",
        "a=group:BUNDLE " + " ".join(map(str, range(len(lines)))),
    ]
    for mid, (kind, ssrc) in enumerate(lines):
        described += [
            f"m={kind} 9 UDP/TLS/RTP/SAVPF {_FORMATS[kind]}",
            "c=IN IP4 0.0.0.0",
            f"a=mid:{mid}",
            f"a=ice-ufrag:{ufrag}",
            f"a=ice-pwd:{password}",
            f"a=fingerprint:sha-256 {fingerprint}",
            "a=setup:actpass",
            "a=rtcp-mux",
            "a=rtcp-rsize",
            "a=recvonly" if ssrc is None else "a=sendonly",
            *_CODECS[kind],
        ]
        if ssrc is not None:
            described += [f"a=msid:{ufrag} {kind}", f"a=ssrc:{ssrc} cname:{ufrag}"]
    return "\r\n".join(described) + "\r\n"


@dataclass
class Answer:
    """``streams`` maps SSRCs to mid and kind, ``repairs`` RTX SSRCs to those that they repair."""

    ufrag: str = ""
    password: str = ""
    fingerprint: tuple[str, str] = ("", "")
    candidates: list[tuple[str, int]] = field(default_factory=list)
    streams: dict[int, tuple[str, str]] = field(default_factory=dict)
    repairs: dict[int, int] = field(default_factory=dict)

    @classmethod
    def parse(cls, sdp: str) -> Answer:
        """What ``sdp`` says. Raises ``JoinFailed`` when it tells no way to connect."""
        answer = cls()
        try:
            answer._read(sdp.splitlines())
        except (ValueError, IndexError):
            raise JoinFailed("bad-answer", "the answer is no SDP that this client knows") from None
        if not (answer.ufrag and answer.password and answer.fingerprint[1] and answer.candidates):
            raise JoinFailed("bad-answer", "the answer has no ICE, DTLS or candidates")
        return answer

    def _read(self, lines: list[str]) -> None:
        kind = mid = ""
        for line in lines:
            name, _, value = line.partition(":")
            if line.startswith("m="):
                kind, mid = line[2:].split()[0], ""
            elif name == "a=mid":
                mid = value
            elif name == "a=ice-ufrag":
                self.ufrag = value
            elif name == "a=ice-pwd":
                self.password = value
            elif name == "a=fingerprint":
                algorithm, _, digest = value.partition(" ")
                self.fingerprint = (algorithm, digest)
            elif name == "a=candidate":
                words = value.split()
                if words[2].lower() == "udp":
                    self.candidates.append((words[4], int(words[5])))
            elif name == "a=ssrc-group" and value.startswith("FID "):
                primary, repair = value.split()[1:3]
                self.repairs[int(repair)] = int(primary)
            elif name == "a=ssrc":
                self.streams[int(value.split()[0])] = (mid, kind)
