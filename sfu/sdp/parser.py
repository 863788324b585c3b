"""From the text of a session description to its value, in one pass over the lines."""

from __future__ import annotations

from sfu.errors import ProtocolError
from sfu.sdp.description import SessionDescription
from sfu.sdp.section import Section, bounded_number

# A receive-only pair takes Chromium 2.1 KiB with the codecs we have (5.7 KiB with all of its own):
# 20 slots and what is published fit, and hostile text costs milliseconds.
MAX_CHARACTERS = 64 * 1024
MAX_MEDIA = 128
_MAX_ORIGIN = (1 << 64) - 1  # RFC 8866 section 5.2: numeric strings; browsers write 63 bits


def parse(text: str) -> SessionDescription:
    """The description in ``text``; attributes nobody knows are ignored.

    Raises ``ProtocolError`` (``bad-sdp``) that says which line is wrong, and nothing else.
    """
    if len(text) > MAX_CHARACTERS:
        raise ProtocolError("bad-sdp", f"An offer may have at most {MAX_CHARACTERS} characters.")
    session = Section()
    sections: list[Section] = []
    current = session
    bundle: tuple[str, ...] = ()
    origin = (0, 0)
    for line_number, line in enumerate(text.replace("\r\n", "\n").split("\n"), 1):
        try:
            if line_number == 1 and line != "v=0":
                raise ValueError("a description begins with v=0")
            if not line:
                continue
            if line[1:2] != "=":
                raise ValueError("not of the form x=value")
            if "\r" in line or "\0" in line:
                raise ValueError("a character that no value may have")
            letter, value = line[0], line[2:]
            if letter == "m":
                if len(sections) >= MAX_MEDIA:
                    raise ValueError(f"more than {MAX_MEDIA} m-lines")
                current = Section(value)
                sections.append(current)
            elif letter == "o":
                origin = _origin(value)
            elif letter == "a":
                name, _, rest = value.partition(":")
                if current is session and name == "group":
                    bundle = _bundle(rest) or bundle
                else:
                    current.attribute(name, rest)
        except ValueError as error:
            raise ProtocolError("bad-sdp", f"line {line_number}: {error}") from None
    media = tuple(section.description(session) for section in sections)
    # A stopped m-line may have lost its mid (RFC 8829 section 5.2.2).
    mids = [section.mid for section in media if section.mid or not section.rejected]
    if len(set(mids)) != len(mids) or "" in mids:
        raise ProtocolError("bad-sdp", "Each m-line needs a mid, and no two the same mid.")
    return SessionDescription(
        media=media,
        bundle=bundle,
        session_id=origin[0],
        session_version=origin[1],
        ice_lite="ice-lite" in session.flags,
        extmap_allow_mixed="extmap-allow-mixed" in session.flags,
    )


def _bundle(value: str) -> tuple[str, ...]:
    """The mids of a BUNDLE group (RFC 9143); none for groups of another kind."""
    semantics, *mids = value.split() or [""]
    if len(mids) > MAX_MEDIA:
        raise ValueError(f"more than {MAX_MEDIA} mids in a group")
    return tuple(mids) if semantics == "BUNDLE" else ()


def _origin(value: str) -> tuple[int, int]:
    parts = value.split()
    if len(parts) != 6:
        raise ValueError("o= has six fields")
    return (
        bounded_number(parts[1], 0, _MAX_ORIGIN, "session id"),
        bounded_number(parts[2], 0, _MAX_ORIGIN, "version"),
    )
