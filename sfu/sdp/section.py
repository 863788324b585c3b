"""What the lines of one m-line, or of the session before the first, say."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from sfu.sdp.description import (
    Codec,
    Fingerprint,
    HeaderExtension,
    MediaDescription,
    Rid,
    SsrcGroup,
)

# What one m-line of a browser needs fits several times over; more is somebody's attack.
MAX_CODECS = 128
MAX_SSRCS = 64
MAX_EXTENSIONS = 64
MAX_RIDS = 16
_MAX_VALUE = 2048
_MAX_FINGERPRINTS = 8
_MAX_FEEDBACK = 16  # of one payload type; browsers have five
_MAX_SSRC_ATTRIBUTES = 8  # of one SSRC; browsers have two
_MAX_MESSAGE_SIZE = (1 << 64) - 1  # of which RFC 8841 section 6 sets no limit
_EVERY_CODEC = -1  # stands for the * of rtcp-fb

_KINDS = {"audio", "video", "application"}
_DIRECTIONS = {"sendrecv", "sendonly", "recvonly", "inactive"}
_FINGERPRINT = re.compile(r"[0-9A-Fa-f]{2}(:[0-9A-Fa-f]{2}){15,63}")
_TOKEN = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`{|}~-]{1,64}")
_PAYLOAD_TYPE = re.compile(r"[0-9]{1,3}")
_ICE = re.compile(r"[A-Za-z0-9+/=_-]{4,256}")


def bounded_number(text: str, low: int, high: int, what: str) -> int:
    """The decimal number in ``text``; raises ``ValueError`` that names ``what`` it should be."""
    if not (text.isascii() and text.isdigit() and len(text) <= 20 and low <= int(text) <= high):
        raise ValueError(f"{what} must be a number from {low} to {high}")
    return int(text)


class Section:
    """What the lines of one m-line (or of the session, before the first) have said so far."""

    def __init__(self, media: str | None = None) -> None:
        self.kind, self.port, self.protocol, self.formats = "", 0, "", tuple[str, ...]()
        self.flags: set[str] = set()
        self.values: dict[str, str] = {}
        self.fingerprints: list[Fingerprint] = []
        self.rtpmaps: dict[int, tuple[str, int, int]] = {}
        self.parameters: dict[int, dict[str, str]] = {}
        self.feedback: dict[int, list[str]] = {}
        self.extensions: list[HeaderExtension] = []
        self.ssrcs: dict[int, dict[str, str]] = {}
        self.groups: list[SsrcGroup] = []
        self.rids: list[Rid] = []
        self.simulcast: dict[str, tuple[str, ...]] = {}
        self.sctp_port: int | None = None
        self.max_message_size: int | None = None
        if media is not None:
            self._media_line(media)

    def _media_line(self, value: str) -> None:
        parts = value.split()
        if len(parts) < 3:
            raise ValueError("an m-line has a kind, a port and a protocol")
        self.kind, port, self.protocol = parts[:3]
        if self.kind not in _KINDS:
            raise ValueError("an m-line is audio, video or application")
        self.port = bounded_number(port.partition("/")[0], 0, 65535, "the port")
        self.formats = tuple(parts[3:])
        if len(self.formats) > MAX_CODECS:
            raise ValueError(f"more than {MAX_CODECS} formats")

    def attribute(self, name: str, value: str) -> None:
        """Take one ``a=`` line; raises ``ValueError``."""
        if len(value) > _MAX_VALUE:
            raise ValueError(f"an attribute of more than {_MAX_VALUE} characters")
        if not value or name in _DIRECTIONS:
            self.flags.add(name)
            if name in _DIRECTIONS:
                self.values["direction"] = name
            return
        take = _TAKERS.get(name)
        if take is not None:
            take(self, value)

    def _take_mid(self, value: str) -> None:
        if not _TOKEN.fullmatch(value) or len(value) > 16:
            raise ValueError("a mid is a word of at most 16 characters")
        self.values["mid"] = value

    def _take_ufrag(self, value: str) -> None:
        if not _ICE.fullmatch(value):
            raise ValueError("ice-ufrag has 4 to 256 characters")
        self.values["ice-ufrag"] = value

    def _take_pwd(self, value: str) -> None:
        if not _ICE.fullmatch(value) or len(value) < 22:
            raise ValueError("ice-pwd has 22 to 256 characters")
        self.values["ice-pwd"] = value

    def _take_setup(self, value: str) -> None:
        if value not in ("actpass", "active", "passive", "holdconn"):
            raise ValueError("setup is actpass, active or passive")
        self.values["setup"] = value

    def _take_fingerprint(self, value: str) -> None:
        algorithm, _, hexadecimal = value.partition(" ")
        if not _TOKEN.fullmatch(algorithm) or not _FINGERPRINT.fullmatch(hexadecimal):
            raise ValueError("a fingerprint is an algorithm and hexadecimal bytes with colons")
        if len(self.fingerprints) >= _MAX_FINGERPRINTS:
            raise ValueError(f"more than {_MAX_FINGERPRINTS} fingerprints")
        self.fingerprints.append(Fingerprint(algorithm.lower(), hexadecimal.upper()))

    def _take_rtpmap(self, value: str) -> None:
        payload_type, _, form = value.partition(" ")
        parts = form.split("/")
        if len(parts) < 2 or not _TOKEN.fullmatch(parts[0]) or len(self.rtpmaps) >= MAX_CODECS:
            raise ValueError("rtpmap is a payload type and name/clock rate")
        channels = bounded_number(parts[2], 1, 255, "channels") if len(parts) > 2 else 1
        self.rtpmaps[bounded_number(payload_type, 0, 127, "a payload type")] = (
            parts[0],
            bounded_number(parts[1], 1, 1_000_000, "a clock rate"),
            channels,
        )

    def _take_fmtp(self, value: str) -> None:
        payload_type, _, form = value.partition(" ")
        parameters: dict[str, str] = {}
        for part in form.split(";"):
            key, equals, setting = part.strip().partition("=")
            if equals:
                parameters[key] = setting
            elif key:
                parameters[""] = key
        self.parameters[bounded_number(payload_type, 0, 127, "a payload type")] = parameters

    def _take_feedback(self, value: str) -> None:
        payload_type, _, form = value.partition(" ")
        key = _EVERY_CODEC
        if payload_type != "*":
            key = bounded_number(payload_type, 0, 127, "a payload type")
        wishes = self.feedback.setdefault(key, [])
        if form and form not in wishes and len(wishes) < _MAX_FEEDBACK:
            wishes.append(form)

    def _take_extmap(self, value: str) -> None:
        number, _, rest = value.partition(" ")
        identifier, _, direction = number.partition("/")
        uri = rest.split(" ")[0]
        if len(self.extensions) >= MAX_EXTENSIONS:
            raise ValueError(f"more than {MAX_EXTENSIONS} header extensions")
        if not uri:
            raise ValueError("extmap is an id and a URI")
        if direction not in ("", *_DIRECTIONS):
            raise ValueError("the direction of an extmap is not known")
        self.extensions.append(
            HeaderExtension(bounded_number(identifier, 1, 255, "an extension id"), uri, direction)
        )

    def _take_ssrc(self, value: str) -> None:
        number, _, rest = value.partition(" ")
        key, _, setting = rest.partition(":")
        ssrc = bounded_number(number, 0, 0xFFFFFFFF, "an SSRC")
        if ssrc not in self.ssrcs and len(self.ssrcs) >= MAX_SSRCS:
            raise ValueError(f"more than {MAX_SSRCS} SSRCs in an m-line")
        attributes = self.ssrcs.setdefault(ssrc, {})
        if key and len(attributes) < _MAX_SSRC_ATTRIBUTES:
            attributes[key] = setting

    def _take_ssrc_group(self, value: str) -> None:
        semantics, *numbers = value.split() or [""]
        if len(numbers) > MAX_SSRCS or len(self.groups) >= MAX_SSRCS:
            raise ValueError("too many SSRCs in groups")
        ssrcs = tuple(bounded_number(number, 0, 0xFFFFFFFF, "an SSRC") for number in numbers)
        self.groups.append(SsrcGroup(semantics, ssrcs))

    def _take_msid(self, value: str) -> None:
        stream, _, track = value.partition(" ")
        if stream:
            self.values["msid-stream"], self.values["msid-track"] = stream, track

    def _take_rid(self, value: str) -> None:
        identifier, _, rest = value.partition(" ")
        direction, _, parameters = rest.partition(" ")
        if not _TOKEN.fullmatch(identifier) or direction not in ("send", "recv"):
            raise ValueError("rid is a word, then send or recv")
        if len(self.rids) >= MAX_RIDS:
            raise ValueError(f"more than {MAX_RIDS} rids")
        self.rids.append(Rid(identifier, direction, parameters))

    def _take_simulcast(self, value: str) -> None:
        words = value.split()
        for direction, streams in zip(words[::2], words[1::2], strict=False):
            if direction in ("send", "recv"):
                # Alternatives (,) and a paused start (~) are grammar browsers do not write.
                names = (stream.partition(",")[0].lstrip("~") for stream in streams.split(";"))
                self.simulcast[direction] = tuple(name for name in names if name)[:MAX_RIDS]

    def _take_sctp_port(self, value: str) -> None:
        self.sctp_port = bounded_number(value, 0, 65535, "sctp-port")

    def _take_max_message_size(self, value: str) -> None:
        self.max_message_size = bounded_number(value, 0, _MAX_MESSAGE_SIZE, "max-message-size")

    def description(self, session: Section) -> MediaDescription:
        """The value of this section, with the session's attributes where it has none."""

        def value(name: str) -> str:
            return self.values.get(name) or session.values.get(name, "")

        stream, track = self.values.get("msid-stream"), self.values.get("msid-track", "")
        return MediaDescription(
            kind=self.kind,
            mid=self.values.get("mid", ""),
            port=self.port,
            protocol=self.protocol,
            formats=self.formats,
            direction=value("direction") or "sendrecv",
            codecs=self._codecs(),
            extensions=tuple(self.extensions) or tuple(session.extensions),
            ufrag=value("ice-ufrag"),
            pwd=value("ice-pwd"),
            fingerprints=tuple(self.fingerprints) or tuple(session.fingerprints),
            setup=value("setup"),
            ssrcs=self.ssrcs,
            ssrc_groups=tuple(self.groups),
            msid=(stream, track) if stream is not None else None,
            rids=tuple(self.rids),
            simulcast_send=self.simulcast.get("send", ()),
            simulcast_receive=self.simulcast.get("recv", ()),
            rtcp_mux="rtcp-mux" in self.flags,
            rtcp_rsize="rtcp-rsize" in self.flags,
            extmap_allow_mixed="extmap-allow-mixed" in self.flags,
            bundle_only="bundle-only" in self.flags,
            sctp_port=self.sctp_port,
            max_message_size=self.max_message_size,
        )

    def _codecs(self) -> tuple[Codec, ...]:
        """In the order of the m-line, which is the sender's preference."""
        listed = [int(text) for text in self.formats if _PAYLOAD_TYPE.fullmatch(text)]
        for_every = self.feedback.get(_EVERY_CODEC, [])
        codecs = []
        for payload_type in dict.fromkeys(listed):
            if payload_type not in self.rtpmaps:
                continue
            name, clock_rate, channels = self.rtpmaps[payload_type]
            feedback = dict.fromkeys([*self.feedback.get(payload_type, []), *for_every])
            codecs.append(
                Codec(
                    payload_type=payload_type,
                    name=name,
                    clock_rate=clock_rate,
                    channels=channels,
                    parameters=self.parameters.get(payload_type, {}),
                    feedback=tuple(feedback)[:_MAX_FEEDBACK],
                )
            )
        return tuple(codecs)


_TAKERS: dict[str, Callable[[Any, str], None]] = {
    "mid": Section._take_mid,
    "ice-ufrag": Section._take_ufrag,
    "ice-pwd": Section._take_pwd,
    "setup": Section._take_setup,
    "fingerprint": Section._take_fingerprint,
    "rtpmap": Section._take_rtpmap,
    "fmtp": Section._take_fmtp,
    "rtcp-fb": Section._take_feedback,
    "extmap": Section._take_extmap,
    "ssrc": Section._take_ssrc,
    "ssrc-group": Section._take_ssrc_group,
    "msid": Section._take_msid,
    "rid": Section._take_rid,
    "simulcast": Section._take_simulcast,
    "sctp-port": Section._take_sctp_port,
    "max-message-size": Section._take_max_message_size,
}
