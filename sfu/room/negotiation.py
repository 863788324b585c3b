"""From a participant's offer to our answer: which m-lines carry its sources, which are slots."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sfu.errors import ProtocolError, Refused
from sfu.media.source import Kind, Source
from sfu.sdp.answer import LocalParameters, MediaPlan, NegotiatedMedia, Receive, Send, answer
from sfu.sdp.offer import RemoteParameters, remote_parameters, sending_mids, slot_mids
from sfu.sdp.parser import parse
from sfu.sdp.writer import write

if TYPE_CHECKING:
    from collections.abc import Sequence
    from random import Random

    from sfu.sdp.description import Fingerprint, SessionDescription

_KINDS = {
    Source.MICROPHONE: Kind.AUDIO,
    Source.CAMERA: Kind.VIDEO,
    Source.SCREEN: Kind.VIDEO,
    Source.SCREEN_AUDIO: Kind.AUDIO,
}


@dataclass(frozen=True)
class SourceOffer:
    """One source the client says it sends, in the m-line ``mid``."""

    mid: str
    source: Source
    muted: bool


@dataclass(frozen=True)
class Outcome:
    """What one offer led to."""

    sdp: str
    published: tuple[tuple[SourceOffer, NegotiatedMedia], ...]
    slots: tuple[tuple[tuple[Send, NegotiatedMedia], tuple[Send, NegotiatedMedia]], ...]


class Offered:
    """A parsed and checked offer. Raises ``ProtocolError`` (``bad-sdp``) and ``Refused``."""

    def __init__(self, text: str, sources: Sequence[SourceOffer]) -> None:
        self.description: SessionDescription = parse(text)
        self.remote: RemoteParameters = remote_parameters(self.description)
        self.sources = tuple(sources)
        self._check_sources()

    def _check_sources(self) -> None:
        kinds = {media.mid: media.kind for media in self.description.media}
        sending = set(sending_mids(self.description))
        seen_sources: set[Source] = set()
        seen_mids: set[str] = set()
        for offered in self.sources:
            if offered.mid not in sending:
                raise ProtocolError(
                    "bad-sdp", f"tracks names m-line {offered.mid!r}, which the offer does not send"
                )
            if kinds[offered.mid] != _KINDS[offered.source]:
                raise ProtocolError(
                    "bad-sdp",
                    f"m-line {offered.mid!r} is {kinds[offered.mid]}, not a {offered.source}",
                )
            if offered.source in seen_sources or offered.mid in seen_mids:
                raise Refused("bad-sdp", f"{offered.source} or its m-line is named twice")
            seen_sources.add(offered.source)
            seen_mids.add(offered.mid)


class Negotiation:
    """Answers the offers of one participant, one after the other.

    What was once assigned to an m-line (SSRC, RTX SSRC, stream id) stays with it.
    """

    def __init__(self, *, fingerprint: Fingerprint, max_slots: int, random: Random) -> None:
        self._fingerprint = fingerprint
        self._max_slots = max_slots
        self._random = random
        self._session_id = random.getrandbits(62)
        self._version = 0
        self._sends: dict[str, Send] = {}
        self._ssrcs: set[int] = set()

    def answer(
        self,
        offered: Offered,
        *,
        ufrag: str,
        pwd: str,
        candidates: tuple[tuple[str, int], ...],
        tcp: bool = False,
    ) -> Outcome:
        """Our answer, and what it makes of each m-line; ``tcp``: candidates take TCP as well."""
        pairs = slot_mids(offered.description)[: self._max_slots]
        plans: dict[str, MediaPlan] = {source.mid: Receive() for source in offered.sources}
        sends: dict[str, Send] = {}
        for audio, video in pairs:
            stream = self._sends[audio].stream_id if audio in self._sends else f"slot-{audio}"
            for mid in (audio, video):
                sends[mid] = self._sends.get(mid) or self._new_send(mid, stream)
        self._sends = sends
        plans.update(sends)
        self._version += 1
        local = LocalParameters(
            ufrag=ufrag,
            pwd=pwd,
            fingerprint=self._fingerprint,
            candidates=candidates,
            session_id=self._session_id,
            session_version=self._version,
            tcp=tcp,
        )
        description, negotiated = answer(offered.description, local, plans)
        return Outcome(
            sdp=write(description),
            published=tuple(
                (source, negotiated[source.mid])
                for source in offered.sources
                if source.mid in negotiated
            ),
            slots=tuple(
                ((sends[audio], negotiated[audio]), (sends[video], negotiated[video]))
                for audio, video in pairs
                if audio in negotiated and video in negotiated
            ),
        )

    def _new_send(self, mid: str, stream_id: str) -> Send:
        return Send(
            ssrc=self._new_ssrc(),
            rtx_ssrc=self._new_ssrc(),
            cname="sfu",
            stream_id=stream_id,
            track_id=f"{stream_id}-{mid}",
        )

    def _new_ssrc(self) -> int:
        while True:
            ssrc = self._random.randrange(1, 1 << 32)
            if ssrc not in self._ssrcs:
                self._ssrcs.add(ssrc)
                return ssrc
