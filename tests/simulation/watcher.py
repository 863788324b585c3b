"""Judges each picture and sound of one simulated browser: whose it is, and who should be there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from tests.simulation.sources import RID_OF, SCREEN
from tests.simulation.viewer import Listener, Viewer

if TYPE_CHECKING:
    from tests.simulation.browser import Browser
    from tests.simulation.decoder import Frame
    from tests.simulation.incoming import Incoming

# What was sent for the one who was in a slot before may arrive and be shown so much later: a
# second in the network and a second in the jitter buffer.
GRACE_SECONDS = 2.0

# What pictures are of.
SOURCES = ("camera", "screen")

Seat = tuple[str | None, str]  # participant, source


class Watcher:
    """Keeps a ``Viewer`` and a ``Listener`` for everybody else, and knows what excuses a stop.

    Raises ``AssertionError`` when somebody appears in a slot of somebody else.
    """

    def __init__(self, browser: Browser) -> None:
        self._browser = browser
        self._call = browser.call
        self.views: dict[tuple[int, str], Viewer] = {}  # by index of the publisher and source
        self.listeners: dict[int, Listener] = {}
        self._sent: dict[str, list[tuple[float, Seat]]] = {}  # who was in a slot since when, by mid
        self._told: dict[str, Seat] = {}  # by the latest message that has arrived
        self._right: dict[str, int] = {}  # the publisher in a slot, once found right

    def view(self, other: Browser, source: str) -> Viewer:
        key = other.index, source
        if key not in self.views:
            published = other.published_at.get(source, self._call.now)
            since = max(self._browser.joined_at, published)
            self.views[key] = Viewer(self._call.clock, since)
        return self.views[key]

    def listener(self, other: Browser) -> Listener:
        if other.index not in self.listeners:
            sent_at = other.sender.opus_sent_at
            self.listeners[other.index] = Listener(self._call.clock, sent_at)
        return self.listeners[other.index]

    # --- media ---

    def picture(self, stream: Incoming, frame: Frame) -> None:
        """A frame is shown."""
        tail = frame.tail
        source = "screen" if tail.encoding == SCREEN[0].number else "camera"
        self._check(stream, tail.publisher, source)
        other = self._call.browsers[tail.publisher - 1]
        if frame.keyframe:
            stream.height = frame.height
        stream.source = tail.publisher, tail.frame
        view = self.view(other, source)
        view.shown(stream.height, RID_OF[tail.encoding], frame.size)
        participant, shown = self._told.get(stream.mid, (None, ""))
        if participant not in other.ids or shown != source:
            view.misattributed += 1

    def sound(self, stream: Incoming, publisher: int, number: int) -> None:
        """An Opus packet is heard."""
        if self._right.get(stream.mid) != publisher:
            self._check(stream, publisher, "camera")
        listener = self.listeners.get(publisher)
        if listener is None:
            listener = self.listener(self._call.browsers[publisher - 1])
        listener.arrived(number)

    def _check(self, stream: Incoming, publisher: int, source: str) -> None:
        ids = self._call.browsers[publisher - 1].ids
        until, seats = float("inf"), self._sent.get(stream.mid, [])
        for since, (participant, shown) in reversed(seats):
            if until < self._call.now - GRACE_SECONDS:
                break
            if participant in ids and shown == source:
                if until == float("inf"):
                    self._right[stream.mid] = publisher
                return
            until = since
        raise AssertionError(
            f"{self._browser.name} gets {source} of browser {publisher} in {stream.kind} "
            f"m-line {stream.mid}, where {seats[-1:]} should be"
        )

    # --- who should be there ---

    def slots_sent(self, slots: Sequence[Mapping[str, Any]]) -> None:
        """The server has put these into the slots, and says so."""
        for slot in slots:
            seat = slot["participant"], slot["source"]
            for mid in (slot["audio"], slot["video"]):
                seats = self._sent.setdefault(mid, [])
                if not seats or seats[-1][1] != seat:
                    seats.append((self._call.now, seat))
                    self._right.pop(mid, None)

    def hear(self, message: Mapping[str, Any]) -> None:
        """A message arrives that says why somebody may not be seen."""
        match message["type"]:
            case "slots":
                self._seated(message["slots"])
            case "participant-left":
                other = self._call.people[message["participant"]]
                for source in SOURCES:
                    self._excuse(other, source, "left", True)
                self.listener(other).ended()
            case "participant-joined":
                other = self._call.people[message["participant"]["id"]]
                for source in SOURCES:
                    self._excuse(other, source, "left", False)
            case "track-updated" | "track-published":
                track = message["track"]
                other = self._call.people[message["participant"]]
                self._excuse(other, track["source"], "muted", track["muted"])
                self._excuse(other, track["source"], "ended", False)
            case "track-unpublished":
                other = self._call.people[message["participant"]]
                self._excuse(other, message["track"].partition("-")[2], "ended", True)
            case "quality":
                for track in message["tracks"]:
                    other = self._call.people[track["participant"]]
                    self._excuse(other, track["source"], "paused", track["paused"])

    def subscribed(self, tracks: Sequence[Mapping[str, Any]]) -> None:
        """The person shows these tracks at these heights."""
        hidden = {track["id"] for track in tracks if not track["height"]}
        for other in self._call.browsers:
            if other is not self._browser and other.ids:
                for source in SOURCES:
                    self._excuse(other, source, "hidden", other.track(source) in hidden)

    def _seated(self, slots: Sequence[Mapping[str, Any]]) -> None:
        self._told = {slot["video"]: (slot["participant"], slot["source"]) for slot in slots}
        seated = set()
        for participant, source in self._told.values():
            if participant is not None:
                other = self._call.people[participant]
                seated.add((other.index, source))
                self.view(other, source).resume("no slot")
        for key, view in self.views.items():
            if key not in seated:
                view.excuse("no slot")
        for index, listener in self.listeners.items():
            if (index, "camera") not in seated:
                listener.ended()

    def _excuse(self, other: Browser, source: str, why: str, excused: bool) -> None:
        if other is self._browser or source not in other.sender.cameras:
            return
        view = self.view(other, source)
        if excused:
            view.excuse(why)
        else:
            view.resume(why)
