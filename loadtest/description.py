"""The few lines of SDP that a synthetic client offers, and those it needs of an answer."""

from __future__ import annotations

from dataclasses import dataclass, field

from loadtest.refusal import JoinFailed

PAYLOAD_TYPES = {"opus": 111, "VP8": 96, "H264": 98}  # each of video has its repair behind it
AUDIO_LEVEL_ID, TRANSPORT_CC_ID, MID_ID, RID_ID = 1, 3, 4, 5

_TRANSPORT_CC = "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01"
_FEEDBACK = ("nack", "nack pli", "ccm fir", "transport-cc")
_SDES = "urn:ietf:params:rtp-hdrext:sdes"
_OPUS_LINES = (
    "a=rtpmap:111 opus/48000/2",
    "a=fmtp:111 minptime=10;useinbandfec=1",
    "a=rtcp-fb:111 nack",
    "a=rtcp-fb:111 transport-cc",
    f"a=extmap:{AUDIO_LEVEL_ID} urn:ietf:params:rtp-hdrext:ssrc-audio-level",
    f"a=extmap:{TRANSPORT_CC_ID} {_TRANSPORT_CC}",
)
_H264_FORMAT = "level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f"


def _media(kind: str, codecs: tuple[str, ...]) -> list[str]:
    """The m-line and its codecs, the preferred one first."""
    if kind == "audio":
        return ["m=audio 9 UDP/TLS/RTP/SAVPF 111", *_OPUS_LINES]
    formats, lines = [], []
    for codec in codecs:
        number = PAYLOAD_TYPES[codec]
        formats += [str(number), str(number + 1)]
        lines.append(f"a=rtpmap:{number} {codec}/90000")
        if codec == "H264":
            lines.append(f"a=fmtp:{number} {_H264_FORMAT}")
        lines += [f"a=rtcp-fb:{number} {feedback}" for feedback in _FEEDBACK]
        lines += [f"a=rtpmap:{number + 1} rtx/90000", f"a=fmtp:{number + 1} apt={number}"]
    lines.append(f"a=extmap:{TRANSPORT_CC_ID} {_TRANSPORT_CC}")
    return [f"m=video 9 UDP/TLS/RTP/SAVPF {' '.join(formats)}", *lines]


def _simulcast(rids: tuple[str, ...]) -> list[str]:
    """RFC 8853: the encodings by name; their packets tell which they are (RFC 8852)."""
    return [
        f"a=extmap:{MID_ID} {_SDES}:mid",
        f"a=extmap:{RID_ID} {_SDES}:rtp-stream-id",
        *(f"a=rid:{rid} send" for rid in rids),
        f"a=simulcast:send {';'.join(rids)}",
    ]


def offer(
    *,
    ufrag: str,
    password: str,
    fingerprint: str,
    sending: dict[str, int],
    slots: int,
    version: int,
    codec: str = "VP8",
    rids: tuple[str, ...] = (),
) -> str:
    """A session description: ``sending`` maps kinds to the SSRC of what is sent, in that order.

    ``codec`` is of the video that is sent, ``rids`` its encodings (then it has no SSRC here).

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
        # Whoever receives takes whatever the others send.
        media = _media(kind, ("VP8", "H264") if ssrc is None else (codec,))
        described += [
            media[0],
            "c=IN IP4 0.0.0.0",
            f"a=mid:{mid}",
            f"a=ice-ufrag:{ufrag}",
            f"a=ice-pwd:{password}",
            f"a=fingerprint:sha-256 {fingerprint}",
            "a=setup:actpass",
            "a=rtcp-mux",
            "a=rtcp-rsize",
            "a=recvonly" if ssrc is None else "a=sendonly",
            *media[1:],
        ]
        if ssrc is not None:
            described.append(f"a=msid:{ufrag} {kind}")
            if kind == "video" and rids:
                described += _simulcast(rids)
            else:
                described.append(f"a=ssrc:{ssrc} cname:{ufrag}")
    return "\r\n".join(described) + "\r\n"


@dataclass
class Answer:
    """``streams`` maps SSRCs to mid and kind, ``repairs`` RTX SSRCs to those that they repair."""

    ufrag: str = ""
    password: str = ""
    fingerprint: tuple[str, str] = ("", "")
    candidates: list[tuple[str, int]] = field(default_factory=list)
    tcp_candidates: list[tuple[str, int]] = field(default_factory=list)
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
                known = {"udp": self.candidates, "tcp": self.tcp_candidates}
                if words[2].lower() in known:
                    known[words[2].lower()].append((words[4], int(words[5])))
            elif name == "a=ssrc-group" and value.startswith("FID "):
                primary, repair = value.split()[1:3]
                self.repairs[int(repair)] = int(primary)
            elif name == "a=ssrc":
                self.streams[int(value.split()[0])] = (mid, kind)
