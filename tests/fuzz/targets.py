"""What is fuzzed: each target takes any bytes, and may refuse them only in its own words."""

from __future__ import annotations

import json
import re
import typing
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from random import Random

from sfu.errors import MalformedPacket, ProtocolError, Refused
from sfu.media.source import Source
from sfu.room.negotiation import Negotiation, Offered, SourceOffer
from sfu.rtp import packet as rtp
from sfu.rtp.codecs import marker_for
from sfu.rtp.codecs.mark import PayloadMark
from sfu.rtp.dependency_descriptor import DependencyReader
from sfu.rtp.extensions import find_extension, parse_extensions
from sfu.rtp.rewrite import ExtensionPlan, Rewrite, extension_block, retransmission, rewritten
from sfu.rtp.rtcp import parse_compound
from sfu.rtp.rtx import unwrap_rtx
from sfu.sdp.description import Fingerprint, SessionDescription
from sfu.sdp.offer import max_message_size, sending_mids
from sfu.sdp.parser import parse as parse_description
from sfu.signaling import data_messages, messages
from sfu.transport import stun

CORPUS = Path(__file__).parent / "corpus"
ROOT = Path(__file__).parents[2]

Refusals = tuple[type[Exception], ...]


@dataclass(frozen=True)
class Target:
    """``run`` may raise one of ``refusals`` and nothing else; ``text``: its input has lines.

    ``seconds`` is how much CPU time one input may take. ``between`` is called now and then, and
    raises when what the inputs must not touch does not work any more.
    """

    name: str
    seeds: tuple[bytes, ...]
    run: Callable[[bytes], object]
    refusals: Refusals = (MalformedPacket,)
    text: bool = False
    seconds: float = 0.01
    between: Callable[[], object] = lambda: None


def corpus(name: str) -> tuple[bytes, ...]:
    """The inputs in a file of the corpus: one per line, in hexadecimal."""
    lines = (CORPUS / f"{name}.hex").read_text().splitlines()
    return tuple(bytes.fromhex(line) for line in lines if not line.startswith("#"))


# --- wire formats -----------------------------------------------------------------------------


def take_stun(data: bytes) -> None:
    """Parsed, and its signature looked at."""
    stun.parse(data).signed_by("x" * 32)


def take_rtp(data: bytes) -> None:
    """Parsed, searched for extensions, unwrapped, and written anew as the copies would be."""
    packet = rtp.parse(data)
    assert packet.payload_offset <= packet.payload_end <= len(data)
    for number in (1, 4, 14, 15, 200):
        find_extension(packet, number)
    elements = parse_extensions(packet)
    unwrap = unwrap_rtx if packet.payload_end - packet.payload_offset >= 2 else None
    plan = ExtensionPlan(((1, 2), (4, 5)), 3, 6, 0)
    rewrite = Rewrite(1, 96, 2, 3, plan)
    block = extension_block(packet, plan)
    copy = rewritten(packet, rewrite, block.data)
    again = rtp.parse(copy)
    payload = data[packet.payload_offset : packet.payload_end]
    assert copy[again.payload_offset : again.payload_end] == payload
    if 1 in elements:
        assert find_extension(again, 2) == elements[1]
    if unwrap is not None:
        unwrap(packet, 1, 96)
        retransmission(packet, rewrite, block.data, 9, 97, 1)


def take_rtcp(data: bytes) -> None:
    """Parsed; what was understood can be written, and then means the same."""
    for one in parse_compound(data):
        try:
            written = one.write()
        except ValueError:
            continue  # arrivals further apart than our own feedback may be
        assert parse_compound(written)


def take_payload(codec: str, data: bytes) -> None:
    """Marked as a payload of ``codec``; the numbers to be replaced are inside of it."""
    packet = rtp.parse(_RTP_HEADER + data)
    mark = marker_for(codec)(packet)
    assert isinstance(mark, PayloadMark)
    end = packet.payload_end
    if mark.picture_id_offset >= 0:
        assert mark.picture_id_offset > 12
        assert mark.picture_id_offset + mark.picture_id_long < end
    assert mark.tl0picidx_offset < end
    packet.mark = mark
    rewritten(packet, Rewrite(1, 96, 2, 3, picture_id=5, tl0picidx=6), b"")


_RTP_HEADER = rtp.write(payload_type=96, sequence_number=1, timestamp=2, ssrc=3, payload=b"")


class Dependencies:
    """One stream's descriptors: what one leaves behind, the next one meets."""

    def __init__(self) -> None:
        self._reader = DependencyReader()

    def take(self, data: bytes) -> None:
        """Read, and asked for the layers somebody may want."""
        self._reader.read(data[:255])  # as long as an element can be
        for spatial in range(4):
            self._reader.target_for(spatial, 7)


# --- descriptions and messages ----------------------------------------------------------------


def take_description(data: bytes) -> None:
    """Parsed."""
    parse_description(data.decode("utf-8", "replace"))


def take_offer(data: bytes) -> None:
    """Parsed twice (to find what it sends first), answered, and the answer parsed."""
    text = data.decode("utf-8", "replace")
    description = parse_description(text)
    max_message_size(description)
    offered = Offered(text, _sources(description))
    negotiation = Negotiation(
        fingerprint=Fingerprint("sha-256", ":".join(["AB"] * 32)), max_slots=30, random=Random(1)
    )
    outcome = negotiation.answer(
        offered, ufrag="abcd", pwd="x" * 24, candidates=(("192.0.2.1", 8081),)
    )
    assert parse_description(outcome.sdp)


def _sources(description: SessionDescription) -> list[SourceOffer]:
    """One source of each kind, in the first m-line that can send it."""
    kinds = {media.mid: media.kind for media in description.media}
    wanted = {"audio": Source.MICROPHONE, "video": Source.CAMERA}
    sources = []
    for mid in sending_mids(description):
        source = wanted.pop(kinds[mid], None)
        if source is not None:
            sources.append(SourceOffer(mid, source, False))
    return sources


def _offers() -> tuple[bytes, ...]:
    """What real browsers offer."""
    folder = ROOT / "tests" / "unit" / "sdp" / "samples"
    return tuple(file.read_bytes() for file in sorted(folder.glob("*.sdp")))


def _examples(union: object) -> tuple[bytes, ...]:
    """Every message of ``union`` that the documentation shows."""
    tags = {each.__struct_config__.tag for each in typing.get_args(union)}
    text = (ROOT / "docs" / "protocol.md").read_text()
    examples = re.findall(r"```json\n(.*?)\n```", text, re.DOTALL)
    return tuple(each.encode() for each in examples if json.loads(each)["type"] in tags)


def parsers() -> list[Target]:
    """Everything that reads bytes and keeps nothing (but for dependency descriptors)."""
    payloads = [
        Target(codec, corpus(codec), partial(take_payload, codec))
        for codec in ("vp8", "h264", "vp9", "av1")
    ]
    said, data = _examples(messages.ClientMessage), _examples(data_messages.DataClientMessage)
    return [
        Target("stun", corpus("stun"), take_stun),
        Target("rtp", corpus("rtp"), take_rtp),
        Target("rtcp", corpus("rtcp"), take_rtcp),
        *payloads,
        Target("dependency", corpus("dependency"), Dependencies().take),
        Target("sdp", _offers(), take_description, (ProtocolError,), text=True),
        # Three descriptions are parsed here; the server parses one.
        Target("offer", _offers(), take_offer, (ProtocolError, Refused), True, seconds=0.03),
        Target("signaling", said, messages.decode, (ProtocolError,), text=True),
        Target("data", data, data_messages.decode, (Refused,), text=True),
    ]
