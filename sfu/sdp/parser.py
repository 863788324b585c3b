"""From the text of a session description to its value, in one pass over the lines."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from sfu.errors import ProtocolError
from sfu.sdp.description import (
    Codec,
    Fingerprint,
    HeaderExtension,
    MediaDescription,
    Rid,
    SessionDescription,
    SsrcGroup,
)

# Forty m-lines of a browser fit; everything is bounded before it is looked at.
MAX_CHARACTERS = 64 * 1024
MAX_MEDIA = 128
MAX_CODECS = 128
MAX_SSRCS = 64
MAX_EXTENSIONS = 64
MAX_RIDS = 16
_MAX_VALUE = 2048

_KINDS = {"audio", "video", "application"}
_DIRECTIONS = {"sendrecv", "sendonly", "recvonly", "inactive"}
_FINGERPRINT = re.compile(r"[0-9A-Fa-f]{2}(:[0-9A-Fa-f]{2}){15,63}")
_TOKEN = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`{|}~-]{1,64}")
_ICE = re.compile(r"[A-Za-z0-9+/=_-]{4,256}")


def parse(text: str) -> SessionDescription:
    """The description in ``text``; attributes nobody knows are ignored.

    Raises ``ProtocolError`` (``bad-sdp``) that says which line is wrong, and nothing else.
    """
    if len(text) > MAX_CHARACTERS:
        raise ProtocolError("bad-sdp", f"An offer may have at most {MAX_CHARACTERS} characters.")
    session = _Section()
    sections: list[_Section] = []
    current = session
    bundle: tuple[str, ...] = ()
    origin = (0, 0)
    lines = text.replace("\r\n", "\n").split("\n")
    for number, line in enumerate(lines, 1):
        if not line:
            continue
        try:
            if line[1:2] != "=":
                raise ValueError("not of the form x=value")
            letter, value = line[0], line[2:]
            if number == 1 and line != "v=0":
                raise ValueError("a description begins with v=0")
            if letter == "m":
                if len(sections) >= MAX_MEDIA:
                    raise ValueError(f"more than {MAX_MEDIA} m-lines")
                current = _Section(value)
                sections.append(current)
            elif letter == "o":
                origin = _origin(value)
            elif letter == "a":
                name, _, rest = value.partition(":")
                if current is session and name == "group" and rest.startswith("BUNDLE"):
                    bundle = tuple(rest.split()[1:])
                else:
                    current.attribute(name, rest)
        except ValueError as error:
            raise ProtocolError("bad-sdp", f"line {number}: {error}") from None
    mids = [section.values.get("mid", "") for section in sections]
    if len(set(mids)) != len(mids):
        raise ProtocolError("bad-sdp", "two m-lines have the same mid, or none")
    return SessionDescription(
        media=tuple(section.description(session) for section in sections),
        bundle=bundle,
        session_id=origin[0],
        session_version=origin[1],
        ice_lite="ice-lite" in session.flags,
        extmap_allow_mixed="extmap-allow-mixed" in session.flags,
    )


def _number(text: str, low: int, high: int, what: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 20 and low <= int(text) <= high):
        raise ValueError(f"{what} must be a number from {low} to {high}")
    return int(text)


def _origin(value: str) -> tuple[int, int]:
    parts = value.split()
    if len(parts) != 6:
        raise ValueError("o= has six fields")
    limit = (1 << 64) - 1
    return _number(parts[1], 0, limit, "session id"), _number(parts[2], 0, limit, "version")


class _Section:
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
        if media is not None:
            self._media_line(media)

    def _media_line(self, value: str) -> None:
        parts = value.split()
        if len(parts) < 3:
            raise ValueError("an m-line has a kind, a port and a protocol")
        self.kind, port, self.protocol = parts[:3]
        if self.kind not in _KINDS:
            raise ValueError("an m-line is audio, video or application")
        self.port = _number(port.partition("/")[0], 0, 65535, "the port")
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
        if not _FINGERPRINT.fullmatch(hexadecimal) or len(self.fingerprints) >= 8:
            raise ValueError("a fingerprint is an algorithm and hexadecimal bytes with colons")
        self.fingerprints.append(Fingerprint(algorithm.lower(), hexadecimal.upper()))

    def _take_rtpmap(self, value: str) -> None:
        payload_type, _, form = value.partition(" ")
        parts = form.split("/")
        if len(parts) < 2 or not _TOKEN.fullmatch(parts[0]) or len(self.rtpmaps) >= MAX_CODECS:
            raise ValueError("rtpmap is a payload type and name/clock rate")
        channels = _number(parts[2], 1, 255, "channels") if len(parts) > 2 else 1
        self.rtpmaps[_number(payload_type, 0, 127, "a payload type")] = (
            parts[0],
            _number(parts[1], 1, 1_000_000, "a clock rate"),
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
        self.parameters[_number(payload_type, 0, 127, "a payload type")] = parameters

    def _take_feedback(self, value: str) -> None:
        payload_type, _, form = value.partition(" ")
        if payload_type == "*":
            return  # browsers name the payload type
        number = _number(payload_type, 0, 127, "a payload type")
        wishes = self.feedback.setdefault(number, [])
        if form and len(wishes) < 16:
            wishes.append(form)

    def _take_extmap(self, value: str) -> None:
        number, _, rest = value.partition(" ")
        identifier, _, direction = number.partition("/")
        uri = rest.split(" ")[0]
        if not uri or len(self.extensions) >= MAX_EXTENSIONS:
            raise ValueError("extmap is an id and a URI")
        if direction not in ("", *_DIRECTIONS):
            raise ValueError("the direction of an extmap is not known")
        self.extensions.append(
            HeaderExtension(_number(identifier, 1, 255, "an extension id"), uri, direction)
        )

    def _take_ssrc(self, value: str) -> None:
        number, _, rest = value.partition(" ")
        key, _, setting = rest.partition(":")
        ssrc = _number(number, 0, 0xFFFFFFFF, "an SSRC")
        if ssrc not in self.ssrcs and len(self.ssrcs) >= MAX_SSRCS:
            raise ValueError(f"more than {MAX_SSRCS} SSRCs in an m-line")
        attributes = self.ssrcs.setdefault(ssrc, {})
        if key and len(attributes) < 8:
            attributes[key] = setting

    def _take_ssrc_group(self, value: str) -> None:
        semantics, *numbers = value.split()
        if len(numbers) > MAX_SSRCS or len(self.groups) >= MAX_SSRCS:
            raise ValueError("too many SSRCs in groups")
        ssrcs = tuple(_number(number, 0, 0xFFFFFFFF, "an SSRC") for number in numbers)
        self.groups.append(SsrcGroup(semantics, ssrcs))

    def _take_msid(self, value: str) -> None:
        stream, _, track = value.partition(" ")
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
                self.simulcast[direction] = tuple(
                    stream.partition(",")[0].lstrip("~") for stream in streams.split(";")
                )[:MAX_RIDS]

    def description(self, session: _Section) -> MediaDescription:
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
        )

    def _codecs(self) -> tuple[Codec, ...]:
        """In the order of the m-line, which is the sender's preference."""
        codecs = []
        for text in dict.fromkeys(self.formats):
            payload_type = int(text) if text.isascii() and text.isdigit() and len(text) < 4 else -1
            if payload_type in self.rtpmaps:
                name, clock_rate, channels = self.rtpmaps[payload_type]
                codecs.append(
                    Codec(
                        payload_type=payload_type,
                        name=name,
                        clock_rate=clock_rate,
                        channels=channels,
                        parameters=self.parameters.get(payload_type, {}),
                        feedback=tuple(self.feedback.get(payload_type, ())),
                    )
                )
        return tuple(codecs)


_TAKERS: dict[str, Callable[[Any, str], None]] = {
    "mid": _Section._take_mid,
    "ice-ufrag": _Section._take_ufrag,
    "ice-pwd": _Section._take_pwd,
    "setup": _Section._take_setup,
    "fingerprint": _Section._take_fingerprint,
    "rtpmap": _Section._take_rtpmap,
    "fmtp": _Section._take_fmtp,
    "rtcp-fb": _Section._take_feedback,
    "extmap": _Section._take_extmap,
    "ssrc": _Section._take_ssrc,
    "ssrc-group": _Section._take_ssrc_group,
    "msid": _Section._take_msid,
    "rid": _Section._take_rid,
    "simulcast": _Section._take_simulcast,
}
