"""The path to one subscriber: what it carries, and how the tracks on it share that."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from sfu.congestion import measures
from sfu.congestion.estimator import Estimator
from sfu.congestion.pacer import Pacer
from sfu.media.allocation import MARGIN, Demand, Option, allocate
from sfu.media.layer_filter import ALL_LAYERS
from sfu.media.restraint import UNLIMITED_HEIGHT
from sfu.media.source import Kind, Source

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

    from sfu.media.allocation import Allocation
    from sfu.media.ports import Egress
    from sfu.media.published_track import PublishedTrack
    from sfu.media.send_stream import SendStream
    from sfu.media.subscribed_track import SubscribedTrack
    from sfu.rtp.transport_cc import TransportFeedback

# What a lowest layer costs as far as we know before it was measured (180p: 60 to 150 kbit/s).
_ASSUMED_BITRATE = 80_000.0
# Shared anew this often, and at once when the path gets worse or somebody wants something else.
ALLOCATE_SECONDS = 0.2
# A larger layer begins with a keyframe, several times the size of other frames: one at a time
# where that is felt.
CLIMB_SECONDS = 0.4
# Before the path is asked for even more, what was just taken has to show that it gets through.
_SETTLE_SECONDS = 1.5
# A drop of the estimate by this much is worth acting on at once.
_WORSE = 0.95
# After a fall to less than this the queue of the path is full. For so long, what is left to drain
# it: pictures come back sooner in the lowest layer than in a better one.
_FALL = 0.7
_DRAIN_SECONDS, _DRAIN_SHARE = 1.0, 0.5
# Retransmissions may take this share of the path, and never less than this rate: with more, the
# path has lost so much that sending it again only loses more.
_REPAIR_SHARE, _CONGESTED_REPAIR_SHARE = 0.5, 0.1
_LEAST_REPAIR_RATE = 50_000.0
# What is kept free for them at most.
_REPAIR_RESERVE = 0.25
# A retransmission is about as large as video packets are.
_RESEND_BYTES = 1000
# Sound is small and comes first, but who waits behind a full queue asks again and again: without a
# limit that alone keeps the queue full. A voice that loses a third of its packets needs 20 kbit/s.
_SOUND_SHARE, _CONGESTED_SOUND_SHARE = 0.5, 0.1
_LEAST_SOUND_RATE = 20_000.0
_SOUND_BYTES = 150
# Their share of the path is smoothed over some 25 allocations: layers should not follow each loss.
_REPAIR_SMOOTHING = 0.04


@dataclass(frozen=True, slots=True)
class Wish:
    """How a client shows a video: its tile's ``height`` in pixels (0: not on screen)."""

    height: int = UNLIMITED_HEIGHT  # unless said otherwise it is shown as large as it comes
    priority: int = 0
    pinned: bool = False


DEFAULT_WISH = Wish()


class Downlink:
    """Estimates the path of one subscriber and allocates it.

    A client that tells nothing about its path (neither transport-wide feedback nor REMB) gets
    everything it wants. ``due`` is when ``tick`` has something to do next; ``hasten`` is told when
    that is sooner than it was.
    """

    def __init__(self, egress: Egress, hasten: Callable[[float], None]) -> None:
        native = egress.name == "native"
        self.estimator = Estimator(measures=measures.native() if native else measures.PYTHON)
        self.history = self.estimator.history
        self.measured = False  # transport-wide feedback is negotiated
        self.told = False  # the receiver sent an estimate of its own
        self.allocation: Allocation | None = None
        self.due = float("-inf")
        self._max_height = UNLIMITED_HEIGHT
        self._egress = egress
        self._hasten = hasten
        self._pacer = Pacer(_LEAST_REPAIR_RATE)
        self._sound_pacer = Pacer(_LEAST_SOUND_RATE)
        self._dirty = True
        self._shared: list[object] = []  # what the last allocation was for, if it was all granted
        self._allocated_at = float("-inf")
        self._allocated_for = 0.0
        self._fell_at = float("-inf")
        self._climbed_at = float("-inf")
        self.resent_bytes = 0  # retransmissions and padding
        self._resent = 0  # retransmitted bytes since the last allocation
        self._repair_rate = 0.0

    @property
    def budget(self) -> float | None:
        """Bits/s for video and its repair; None when the path is not measured."""
        return self.estimator.estimate if self.measured or self.told else None

    def changed(self) -> None:
        """Somebody wants something else: share anew with the next tick."""
        self._dirty = True
        self.due = float("-inf")
        self._hasten(self.due)

    def restrain(self, height: int) -> None:
        """Let no camera be larger than a tile of ``height`` pixels needs."""
        self._max_height = height
        self._shared = []
        self.changed()

    def feedback(self, feedback: TransportFeedback, now: float) -> None:
        """Take in transport-wide feedback."""
        if self.measured:
            self.estimator.feedback(feedback, now)
            self._learnt(now)

    def estimated(self, bitrate: float, now: float) -> None:
        """Take in the receiver's own estimate (REMB)."""
        self.told = True
        self.estimator.remb(bitrate, now)
        self._learnt(now)

    def receiver_report(self, fraction_lost: float, now: float) -> None:
        """Take in the loss (0 to 1) that a report tells of a video."""
        self.estimator.receiver_report(fraction_lost, now)
        self._learnt(now)

    def _learnt(self, now: float) -> None:
        """What a feedback says may have to be acted on before the path is shared anew."""
        if self._worse:
            due = now
        elif self.measured:
            due = self.estimator.due(now)
        else:
            return
        if due < self.due:
            self.due = due
            self._hasten(due)

    @property
    def _worse(self) -> bool:
        """Whether the path is much narrower than it was shared for."""
        budget = self.budget
        return budget is not None and budget < _WORSE * self._allocated_for

    def may_resend(self, now: float, *, sound: bool = False) -> bool:
        """Whether one more retransmission, of a picture or of ``sound``, is within their share of
        the path.
        """
        budget = self.budget
        if budget is None:
            return True
        if not sound:
            return self._pacer.allow(_RESEND_BYTES, now)
        share = _CONGESTED_SOUND_SHARE if self.estimator.congested else _SOUND_SHARE
        self._sound_pacer.rate = max(budget * share, _LEAST_SOUND_RATE)
        return self._sound_pacer.allow(_SOUND_BYTES, now)

    def resent(self, size: int) -> None:
        """``size`` bytes were sent again."""
        self._resent += size
        self.resent_bytes += size

    def tick(
        self,
        now: float,
        tracks: Sequence[SubscribedTrack],
        wishes: Mapping[str, Wish],
        speaking: Collection[str],
    ) -> bool:
        """Probe, and share the path among ``tracks`` where that is due; True when it was done.

        ``wishes`` are by track id, ``speaking`` are participants. When ``due``, looked at every
        20 ms.
        """
        padding = self.estimator.tick(now) if self.measured else 0
        if padding > 0:
            send = _padded(tracks)
            if send is not None:
                cluster = self.estimator.probe_cluster
                self.resent_bytes += send.pad(padding, cluster, self._egress, now)
        shares = self._dirty or now - self._allocated_at >= ALLOCATE_SECONDS or self._worse
        if shares:
            elapsed = max(now - self._allocated_at, 0.02)
            repair = self._resent * 8 / elapsed
            self._repair_rate += (repair - self._repair_rate) * _REPAIR_SMOOTHING
            self._resent = 0
            self._dirty, self._allocated_at = False, now
            self._allocate(now, self.budget, tracks, wishes, speaking)
        self.due = self._allocated_at + ALLOCATE_SECONDS
        if self._dirty:
            self.due = now
        elif self.measured:
            self.due = min(self.due, self.estimator.due(now))
        return shares

    def _allocate(
        self,
        now: float,
        budget: float | None,
        tracks: Sequence[SubscribedTrack],
        wishes: Mapping[str, Wish],
        speaking: Collection[str],
    ) -> None:
        videos = [
            track
            for track in tracks
            if track.published.kind is Kind.VIDEO and track.published.flows
        ]
        asked: list[object] = []
        for track in videos:
            published = track.published
            asked += (track, track.options(now), wishes.get(published.id))
            asked.append(published.participant in speaking)
        if asked == self._shared and self._still_fits(budget, now, videos):
            return
        self._shared = []
        demands = [_demand(track, wishes, speaking, self._max_height, now) for track in videos]
        draining = False
        if budget is None:
            left = float("inf")
        else:
            if budget < _FALL * self._allocated_for:
                self._fell_at = now
            self._allocated_for = budget
            congested = self.estimator.congested
            share = _CONGESTED_REPAIR_SHARE if congested else _REPAIR_SHARE
            self._pacer.rate = max(budget * share, _LEAST_REPAIR_RATE)
            left = budget - min(self._repair_rate, _REPAIR_RESERVE * budget)
            lowest = [each.options[0].bitrate for each in demands if each.options and each.height]
            draining = now - self._fell_at < _DRAIN_SECONDS
            if draining:
                demands = [_lowest(demand) for demand in demands]
                left = max(left * _DRAIN_SHARE, min(left, min(lowest, default=0.0) * MARGIN))
            # As long as the path was not found to be narrow, first pictures are its probe. And who
            # measures only what it gets (REMB) cannot find out what it would get: never nothing.
            if not self.measured or not self.estimator.limited:
                left = max(left, sum(lowest) * MARGIN)
        allocation = self.allocation = allocate(left, demands)
        narrow = not self.measured or self.estimator.limited
        complete = allocation.next_bitrate is None and not draining
        for track in videos:
            track.narrow = narrow
            grant = allocation.grants[track.published.id]
            if draining and grant.option is not None:
                grant = replace(
                    grant, reason="the path fell: lowest layer until its queue is empty"
                )
            if grant.wanted is None and not track.published.ladder.options:
                continue  # nothing arrives: whatever comes first is shown
            if self.estimator.limited and track.climbs(grant):
                if now - self._climbed_at < CLIMB_SECONDS:
                    complete = False
                    continue
                self._climbed_at = now
            track.apply(grant, now, max(left - allocation.bitrate, 0.0))
        if complete:
            self._shared = asked
        if self.measured:
            settled = now - self._climbed_at >= _SETTLE_SECONDS
            self.estimator.want(self._wanted(allocation) if settled else None, now)

    def _still_fits(
        self, budget: float | None, now: float, videos: Sequence[SubscribedTrack]
    ) -> bool:
        """Whether sharing the path anew would give everybody again all that they want, as it flows
        already. Most of the time it does.
        """
        if not all(track.settled for track in videos):
            return False
        if budget is None:
            return True
        allocation, repair = self.allocation, min(self._repair_rate, _REPAIR_RESERVE * budget)
        if (
            allocation is None
            or budget < _FALL * self._allocated_for
            or budget - repair < allocation.bitrate * MARGIN
        ):
            return False
        self._allocated_for = budget
        share = _CONGESTED_REPAIR_SHARE if self.estimator.congested else _REPAIR_SHARE
        self._pacer.rate = max(budget * share, _LEAST_REPAIR_RATE)
        narrow = not self.measured or self.estimator.limited
        for track in videos:
            track.narrow = narrow
        if self.measured:
            self.estimator.want(None, now)
        return True

    def _wanted(self, allocation: Allocation) -> float | None:
        """The budget that is worth probing for: of the next improvement, or of all of them as long
        as the path was not found to end before.
        """
        if allocation.next_bitrate is None:
            return None
        best = sum(each.wanted.bitrate for each in allocation.grants.values() if each.wanted)
        wanted = allocation.next_bitrate
        if not self.estimator.capacity_known:
            wanted = max(wanted, best * MARGIN)
        return wanted + self._repair_rate

    def explain(self) -> dict[str, Any]:
        """Plain values for a debug page."""
        allocation = self.allocation
        return {
            "measured_by": "transport-cc" if self.measured else "remb" if self.told else None,
            **self.estimator.explain(),
            "repair": round(self._repair_rate),
            "allocated": round(allocation.bitrate) if allocation is not None else None,
            "next": round(allocation.next_bitrate)
            if allocation is not None and allocation.next_bitrate is not None
            else None,
        }


def _demand(
    track: SubscribedTrack,
    wishes: Mapping[str, Wish],
    speaking: Collection[str],
    max_height: int,
    now: float,
) -> Demand:
    published = track.published
    wish = wishes.get(published.id, DEFAULT_WISH)
    screen = published.source is Source.SCREEN
    return Demand(
        track=published.id,
        audio=False,
        options=track.options(now) or _assumed(published),
        height=wish.height if screen else min(wish.height, max_height),
        pinned=wish.pinned,
        screen=screen,
        speaking=published.participant in speaking,
        priority=wish.priority,
        current=track.current,
    )


def _lowest(demand: Demand) -> Demand:
    """The demand for its lowest layer alone."""
    if not demand.options:
        return demand
    least = min(option.spatial for option in demand.options)
    options = tuple(option for option in demand.options if option.spatial == least)
    return replace(demand, options=options)


def _assumed(published: PublishedTrack) -> tuple[Option, ...]:
    """What a track costs whose rates are not known yet; nothing when it is only silent now."""
    layers = published.ladder.layers
    if not layers or any(rate for layer in layers for rate in layer.rates):
        return ()
    return (Option(0, ALL_LAYERS, 0, _ASSUMED_BITRATE),)


def _padded(tracks: Sequence[SubscribedTrack]) -> SendStream | None:
    """A stream that padding can travel in."""
    for track in tracks:
        if track.send.pads:
            return track.send
    return None
