"""How well a track gets through, and whose side keeps it from being better."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from sfu.media.layer import LIVE_SECONDS
from sfu.media.source import Kind

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sfu.media.published_track import PublishedTrack
    from sfu.media.source import Source
    from sfu.media.subscribed_track import SubscribedTrack

# Repaired losses cost a little delay; above a tenth the repair does not keep up.
_SOME_LOSS = 0.03
_HEAVY_LOSS = 0.1


class Fault(StrEnum):
    """Whose side it is, seen from the subscriber."""

    NOBODY = ""
    DOWNLINK = "downlink"
    UPLINK = "uplink"
    SERVER = "server"


@dataclass(frozen=True, slots=True)
class TrackQuality:
    """``score`` is 5 (as wanted) to 1 (bad), 0 when paused; ``height`` in pixels, 0 if unknown."""

    participant: str
    source: Source
    score: int
    reason: Fault
    paused: bool = False
    height: int = 0


def judge_published(track: PublishedTrack, now: float) -> TrackQuality:
    """A participant's own track: its way to the server."""
    score = _uplink_score(track, now)
    return TrackQuality(
        track.participant, track.source, score, Fault.UPLINK if score < 5 else Fault.NOBODY
    )


def judge_subscribed(track: SubscribedTrack, now: float, *, server_late: bool) -> TrackQuality:
    """Somebody else's track on its way to a subscriber: the worst of the three sides."""
    published = track.published
    grant = track.grant
    height = grant.option.height if grant is not None and grant.option is not None else 0
    if track.paused:
        return TrackQuality(published.participant, published.source, 0, Fault.DOWNLINK, paused=True)
    scores = {
        Fault.NOBODY: 5,
        Fault.UPLINK: _uplink_score(published, now),
        Fault.DOWNLINK: min(_loss_score(track.send.fraction_lost), _grant_score(track)),
        Fault.SERVER: 2 if server_late else 5,
    }
    reason = min(scores, key=scores.__getitem__)
    return TrackQuality(
        published.participant, published.source, scores[reason], reason, height=height
    )


def judge_left_out(track: PublishedTrack, fault: Fault = Fault.NOBODY) -> TrackQuality:
    """Somebody else's video that is not sent: the room, or the server now, shows only so many."""
    return TrackQuality(track.participant, track.source, 0, fault, paused=True)


def _uplink_score(track: PublishedTrack, now: float) -> int:
    score = min((_loss_score(s.fraction_lost) for s in track.streams), default=5)
    ladder = track.ladder
    if track.kind is Kind.VIDEO and ladder.rids and not track.muted:
        missing = sum(
            not layer.paused and now - layer.heard_at > LIVE_SECONDS and any(layer.rates)
            for layer in ladder.layers
        )
        score = min(score, max(2, 5 - 2 * missing) if missing else 5)
    return score


def _loss_score(fraction: float) -> int:
    if fraction >= _HEAVY_LOSS:
        return 2
    return 4 if fraction >= _SOME_LOSS else 5


def _grant_score(track: SubscribedTrack) -> int:
    grant = track.grant
    if grant is None or grant.wanted is None or grant.option is None:
        return 5
    if not track.narrow:
        return 5  # the path is still being explored
    if grant.option == grant.wanted:
        return 5
    return max(2, 4 - (grant.wanted.spatial - grant.option.spatial))


class QualityLog:
    """Remembers what one client was told, and finds what is new.

    What is told has lasted for two looks, a second apart: nobody wants a mark that blinks.
    """

    __slots__ = ("_seen", "_told")

    def __init__(self) -> None:
        self._told: dict[tuple[str, Source], TrackQuality] = {}
        self._seen: dict[tuple[str, Source], TrackQuality] = {}

    def changed(self, judged: Iterable[TrackQuality]) -> list[TrackQuality]:
        """Those of all ``judged`` that the client does not know; a pause is told at once."""
        seen = {(each.participant, each.source): each for each in judged}
        news: list[TrackQuality] = []
        for key, quality in seen.items():
            told = self._told.get(key)
            if told == quality or (told is None and quality.score == 5):
                continue
            lasted = quality == self._seen.get(key)
            paused = quality.paused or (told is not None and told.paused)
            if lasted or paused:
                news.append(quality)
                self._told[key] = quality
        self._seen = seen
        self._told = {key: told for key, told in self._told.items() if key in seen}
        return news
