"""A simulated browser: speaks the protocol, sends and receives media, knows what a person sees."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from random import Random
from typing import TYPE_CHECKING, Any

import msgspec

from loadtest.link import Link
from sfu.rtp.extensions import TRANSPORT_CC
from sfu.rtp.rtcp import SenderReport, parse_compound
from sfu.sdp.parser import parse
from sfu.signaling.session import Session
from tests.simulation.offer import Line, offer_text
from tests.simulation.receiver import Receiver
from tests.simulation.sender import Sender
from tests.simulation.sources import SCREEN, SIMULCAST, SINGLE
from tests.simulation.watcher import Watcher

if TYPE_CHECKING:
    from tests.simulation.incoming import Incoming
    from tests.simulation.plain_transport import PlainTransport
    from tests.simulation.simulator import Call
    from tests.simulation.viewer import Listener, Viewer

# A wired path in one city; everything else is a knob.
DELAY_SECONDS = 0.01
SIGNALING_SECONDS = 0.005
# The ICE check, and two round trips of DTLS.
HANDSHAKE_ROUND_TRIPS = 3


class Browser:
    """A client with a microphone, a camera and a pool of slots.

    ``up`` and ``down`` are its path to the server and back; they may be changed at any time.
    """

    def __init__(
        self,
        call: Call,
        name: str,
        *,
        token: str = "",
        slots: int | None = None,
        sends: bool = True,
        camera: bool = True,
        simulcast: bool = False,
        fps: float = 25.0,
        screen_fps: float = 10.0,
        up: Mapping[str, Any] | None = None,
        down: Mapping[str, Any] | None = None,
        adds_slots: bool = True,
        audio_nack: bool = True,
        remb: bool = False,
        base_ssrc: int | None = None,
    ) -> None:
        self.call, self.name, self.slot_count = call, name, slots
        self.token = token
        self.adds_slots = adds_slots
        self.screen_fps, self.audio_nack, self.remb = screen_fps, audio_nack, remb
        self.messages: list[dict[str, Any]] = []
        self.hung_up = False
        self.joined_at = call.now
        self.published_at: dict[str, float] = {}  # by source
        self.ids: list[str] = []  # a new one at each join
        self.layers: dict[str, list[str]] = {}  # the last message, by source
        self.quality: dict[tuple[str, str], dict[str, Any]] = {}  # by participant and source
        self.transport: PlainTransport | None = None
        call.browsers.append(self)
        self.index = index = len(call.browsers)
        self.user = f"user{index}"
        # Each its own random numbers: one more browser changes nothing for the others.
        knobs: dict[str, Any] = {"delay": DELAY_SECONDS}
        self.up = Link(Random(f"{call.seed} {index} up"), **(knobs | dict(up or {})))
        self.down = Link(Random(f"{call.seed} {index} down"), **(knobs | dict(down or {})))
        self.sender = Sender(call, index, self.up, Random(f"{call.seed} {index}"))
        self.watcher = Watcher(self)
        self.receiver = Receiver(
            call,
            self.up,
            self.down,
            self.watcher.picture,
            self.watcher.sound,
            Random(f"{call.seed} {index} reports"),
        )
        self.receiver.remb = remb
        self._ssrc = index * 1000 if base_ssrc is None else base_ssrc
        self._lines: list[Line] = []
        if sends:
            self._add_line("audio", "microphone", ssrcs=(self._ssrc,))
            self.sender.add_microphone("0", self._ssrc)
        if sends and camera:
            encodings = SIMULCAST if simulcast else SINGLE
            first = self._ssrc + 1
            self.sender.add_camera("camera", "1", fps, encodings, first)
            if simulcast:
                self._add_line("video", "camera", rids=tuple(each.rid for each in encodings))
            else:
                self._add_line("video", "camera", ssrcs=(first, first + 1))
        self._connect_signaling()

    def _connect_signaling(self) -> None:
        self.session = Session(rooms=self.call.rooms, send=self._message, close=self._closed)

    def _add_line(self, kind: str, source: str = "", **streams: Any) -> Line:
        line = Line(str(len(self._lines)), kind, source, **streams)
        self._lines.append(line)
        return line

    # --- signaling ---

    def lose_signaling(self) -> None:
        """The WebSocket breaks; the media go on."""
        self.session.disconnected(clean=False, now=self.call.now)

    def lose_media(self) -> None:
        """Nothing goes to the server any more, no checks either."""
        self._stop()

    def resume(self, token: str | None = None, *, media: bool = True) -> None:
        """Come back over a new WebSocket, by the latest token or another one."""
        if token is None:
            token = self.of_type("joined")[-1]["resume"]
        self._connect_signaling()
        self.hung_up = False
        self.say(
            type="join",
            room=self.call.room,
            name=self.name,
            token=self.token,
            resume=token,
            media=media,
        )

    def say(self, **message: Any) -> None:
        """Send a message; it arrives in order, after a moment."""
        if message["type"] == "leave":
            self._stop()
        self._later(self._say, msgspec.json.encode(message))

    def _later(self, action: Any, argument: Any) -> None:
        self.call.at(self.call.now + SIGNALING_SECONDS, action, argument)

    def _say(self, data: bytes) -> None:
        self.session.receive(data, self.call.now)

    def _message(self, data: bytes) -> None:
        """The server sends a message."""
        message = msgspec.json.decode(data)
        if message["type"] == "slots":
            self.watcher.slots_sent(message["slots"])
        elif message["type"] == "joined":
            self.ids.append(message["you"])
            self.call.people[message["you"]] = self
        self._later(self._hear, message)

    def _closed(self) -> None:
        self._later(self._hang_up, None)

    def _hang_up(self, _: None) -> None:
        self.hung_up = True
        self._stop()

    def _hear(self, message: dict[str, Any]) -> None:
        """A message of the server arrives."""
        self.messages.append(message)
        match message["type"]:
            case "joined":
                if self.slot_count is None:
                    self.slot_count = message["slots"]
                if not message["resumed"]:
                    if self.transport is not None and not self.transport.closed:
                        # A new peer connection: the old one says goodbye.
                        self.transport.sink.transport_closed("dtls-closed", self.call.now)
                    self.offer()
            case "answer":
                self._answered(message["sdp"])
            case "need-slots" if self.adds_slots:
                self.slot_count = message["count"]
                self.offer()
            case "layers":
                self.layers[message["source"]] = message["wanted"]
                self.sender.want(message["source"], message["wanted"])
            case "quality":
                for track in message["tracks"]:
                    self.quality[track["participant"], track["source"]] = track
                self.watcher.hear(message)
            case "closed":
                self._stop()
            case _:
                self.watcher.hear(message)

    def of_type(self, kind: str) -> list[dict[str, Any]]:
        return [message for message in self.messages if message["type"] == kind]

    def join(self, room: str) -> None:
        self.joined_at = self.call.now
        self.published_at = {line.source: self.call.now for line in self._lines if line.source}
        self.say(type="join", room=room, name=self.name, token=self.token)

    @property
    def id(self) -> str:
        return self.ids[-1]

    def track(self, source: str = "camera") -> str:
        """The id of a track that it publishes."""
        return f"{self.id}-{source}"

    def offer(self) -> None:
        tracks = [
            {"mid": line.mid, "source": line.source}
            for line in self._lines
            if line.source and line.active
        ]
        self.say(type="offer", sdp=self.offer_text(), tracks=tracks)

    def offer_text(self) -> str:
        """The offer for all that it sends, with as many slots as it should have."""
        slots = sum(line.kind == "video" and not line.source for line in self._lines)
        for _ in range(slots, self.slot_count or 0):
            self._add_line("audio")
            self._add_line("video")
        return offer_text(self.user, self._lines, audio_nack=self.audio_nack, remb=self.remb)

    def _answered(self, text: str) -> None:
        description = parse(text)
        self.receiver.negotiated(description)
        self.sender.negotiated(
            {
                media.mid
                for media in description.media
                if any(extension.uri == TRANSPORT_CC for extension in media.extensions)
            }
        )
        participant = self.session._participant
        if participant is not None and self.transport is not participant.transport:
            transport: Any = participant.transport
            self.transport = transport
            wait = HANDSHAKE_ROUND_TRIPS * (self.up.delay + self.down.delay)
            self.call.at(self.call.now + wait, self._connect, transport)

    def _connect(self, transport: PlainTransport) -> None:
        if transport is self.transport and not transport.closed:
            self.receiver.start(transport)
            self.sender.start(transport)
            transport.connect()

    def _stop(self) -> None:
        self.sender.stop()
        self.receiver.stop()

    def take_rtcp(self, compound: bytes) -> None:
        """RTCP of the server arrives."""
        self.call.delivered.update(compound)
        if self.transport is None or self.transport.closed:
            return
        for packet in parse_compound(compound):
            if isinstance(packet, SenderReport):
                self.receiver.take_rtcp(packet)
            else:
                self.sender.feedback(packet)

    # --- what the person does ---

    def subscribe(self, tracks: Sequence[Mapping[str, Any]]) -> None:
        """Say what is on screen, in the words of the protocol."""
        self.watcher.subscribed(tracks)
        self.say(type="subscribe", tracks=list(tracks))

    def watch(self, heights: Mapping[Browser, int]) -> None:
        """Show the cameras of others in tiles of these heights (pixels)."""
        self.subscribe([{"id": each.track(), "height": heights[each]} for each in heights])

    def mute(self, source: str, muted: bool = True) -> None:
        """Switch the microphone, camera or screen off (or on again), and say so."""
        if source == "microphone":
            self.sender.muted = muted
        else:
            self.sender.cameras[source].muted = muted
        self.say(type="mute", source=source, muted=muted)

    def share_screen(self) -> None:
        """Publish a screen in an m-line of its own."""
        first = self._ssrc + 101
        self.published_at["screen"] = self.call.now
        line = self._add_line("video", "screen", ssrcs=(first, first + 1))
        self.sender.add_camera("screen", line.mid, self.screen_fps, SCREEN, first)
        self.offer()

    def stop_screen(self) -> None:
        """Publish it no more; its m-line stays, inactive."""
        self.sender.remove_camera("screen")
        for line in self._lines:
            if line.source == "screen":
                line.active = False
        self.offer()

    def leave(self) -> None:
        self.say(type="leave")

    # --- what the person sees ---

    def slot_of(self, other: Browser, source: str = "camera") -> dict[str, Any] | None:
        """The slot that shows ``other`` by the latest message."""
        updates = self.of_type("slots")
        for slot in updates[-1]["slots"] if updates else []:
            if slot["participant"] in other.ids and slot["source"] == source:
                return dict(slot)
        return None

    def picture_of(self, other: Browser, source: str = "camera") -> Incoming | None:
        """The stream that shows ``other``."""
        slot = self.slot_of(other, source)
        return self.receiver.by_mid.get(slot["video"]) if slot else None

    def sound_of(self, other: Browser) -> Incoming | None:
        """The stream in which ``other`` is heard."""
        slot = self.slot_of(other)
        return self.receiver.by_mid.get(slot["audio"]) if slot else None

    def view_of(self, other: Browser, source: str = "camera") -> Viewer:
        """How the person sees ``other``."""
        return self.watcher.view(other, source)

    def listening_to(self, other: Browser) -> Listener:
        """How the person hears ``other``."""
        return self.watcher.listener(other)
