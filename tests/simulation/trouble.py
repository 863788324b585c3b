"""A call of two in which everything goes wrong that is nobody's bug, and a watchdog."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sfu.media.layer import LIVE_SECONDS, RESUME_SECONDS
from sfu.media.source import Kind
from sfu.media.subscribed_track import SubscribedTrack
from tests.simulation.simulator import Call

STEP = 0.1
# A keyframe is asked for again each 0.2 s, and comes 40 ms later; the path may cost some of both.
PATIENCE = 2.0
# Loss beyond this may cost any frame, on its way or on that of the request for it.
GOOD_LOSS = 0.05
# What is sent of a full link, more or less: what does not fit queues up or is lost.
ROOM = 0.8


class Trouble:
    """Ann watches Bob. ``what`` befalls them: ``run`` lets time pass and looks at each moment.

    ``rate`` and ``loss`` are those of Ann's downlink, ``reports`` the loss of her uplink,
    ``sends`` and ``asks`` that of Bob's uplink and downlink. Bob's browser gives up the encodings
    of ``gives-up`` without a word, and takes ``late`` seconds to heed a ``layers`` message
    (infinity: it does not). ``tile`` is the height in which Ann shows Bob.
    """

    def __init__(self, seed: int, *, simulcast: bool = True, fps: float = 15.0) -> None:
        self.call = call = Call(seed=seed)
        self.ann = call.browser("ann")
        self.bob = call.browser("bob", simulcast=simulcast, fps=fps)
        self.view = self.ann.view_of(self.bob)
        self.late = 0.0
        self.tile = 720
        self._given_up: frozenset[str] = frozenset()
        self._wanted: Iterable[str] | None = None
        self._good_since: float | None = None
        self._ignored_since: float | None = None
        self._frames = 0
        self.bob.sender.want = self._want

    # --- what befalls them ---

    def befall(self, what: str, value: Any) -> None:
        ann, bob = self.ann, self.bob
        match what:
            case "rate":
                ann.down.rate = value
            case "loss":
                ann.down.loss = value
            case "reports":
                ann.up.loss = value
            case "sends":
                bob.up.loss = value
            case "asks":
                bob.down.loss = value
            case "gives-up":
                self._given_up = frozenset(value)
                self._switch()
            case "late":
                self.late = value
            case "tile":
                self.tile = value
                ann.watch({bob: value})
        self._good_since = None

    def heal(self) -> None:
        """Everything is well again; what Bob's browser did not heed was said again."""
        for what in ("loss", "reports", "sends", "asks", "late"):
            self.befall(what, 0.0)
        for what, value in (("rate", None), ("gives-up", ""), ("tile", 720)):
            self.befall(what, value)
        self._take(self.bob.layers.get("camera"))

    def _want(self, source: str, rids: list[str]) -> None:
        if source == "camera" and self.late < float("inf"):
            self.call.at(self.call.now + self.late, self._take, rids)

    def _take(self, rids: Iterable[str] | None) -> None:
        self._wanted = rids
        self._switch()

    def _switch(self) -> None:
        for encoder, _ in self.bob.sender.cameras["camera"].encoders:
            rid = encoder.encoding.rid
            wanted = self._wanted is None or not rid or rid in self._wanted
            active = wanted and rid not in self._given_up
            encoder.want_keyframe |= active and not encoder.active
            encoder.active = active

    # --- the watchdog ---

    def run(self, seconds: float) -> None:
        """Let time pass. Where a picture is granted, something comes of it, and the path has room,
        a frame is shown within ``PATIENCE``.
        """
        end = self.call.now + seconds
        while self.call.now < end:
            self.call.run(STEP)
            if not self._should_see() or self.view.frames > self._frames:
                self._good_since, self._frames = None, self.view.frames
            elif self._good_since is None:
                self._good_since = self.call.now
            elif self.call.now - self._good_since > PATIENCE:
                raise AssertionError(f"no frame in {PATIENCE} s; {self.explain()}")

    def _awaits(self) -> bool:
        """Whether Bob was asked for the layer that is granted and does not send it. The server
        believes for a while that he will.
        """
        track = self._track()
        option = track.grant.option if track is not None and track.grant is not None else None
        layer = track.published.ladder.at(option.spatial) if track and option else None
        if layer is None or self._wanted is None or layer.stream.rid in self._wanted:
            self._ignored_since = None
            return False
        if self._ignored_since is None:
            self._ignored_since = self.call.now
        return self.call.now - self._ignored_since < RESUME_SECONDS + LIVE_SECONDS

    def _should_see(self) -> bool:
        links = self.ann.down, self.ann.up, self.bob.up, self.bob.down
        if any(link.loss > GOOD_LOSS for link in links) or self._awaits():
            return False
        downlink = self.ann.session._participant.subscriber.downlink
        rate = self.ann.down.rate
        room = rate is None or downlink.estimator.sent_rate < ROOM * rate
        sends = any(encoder.active for encoder, _ in self.bob.sender.cameras["camera"].encoders)
        track = self._track()
        granted = track is not None and track.grant is not None and track.grant.option is not None
        return room and sends and granted

    def _track(self) -> SubscribedTrack | None:
        participant = self.ann.session._participant
        assert participant is not None
        for track in participant.subscriber.tracks:
            if track.published.kind is Kind.VIDEO:
                return track
        return None

    def decisions(self) -> list[tuple[float, str]]:
        """What the server decided about Ann's picture of Bob, and when."""
        track = self._track()
        return list(track.decisions) if track is not None else []

    def explain(self) -> str:
        """Why Ann sees what she sees."""
        participant, track = self.ann.session._participant, self._track()
        assert participant is not None
        assert track is not None
        layers = [(each.live, each.paused) for each in track.published.ladder.layers]
        path = participant.subscriber.downlink.explain()
        return f"layers (live, paused): {layers}; {self.decisions()[-4:]}; {path}"

    def seconds_until_seen(self, most: float) -> float:
        """How long it takes from now until three frames were shown, but not more than ``most``."""
        begin, frames = self.call.now, self.view.frames
        while self.view.frames < frames + 3 and self.call.now - begin < most:
            self.run(STEP)
        return self.call.now - begin
