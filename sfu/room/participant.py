"""One joined client: what it publishes, what it receives, and the transport between."""

from __future__ import annotations

from collections import deque
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from sfu.errors import MalformedPacket
from sfu.media.ports import none_taken
from sfu.media.publisher import Publisher
from sfu.media.quality import (
    Fault,
    QualityLog,
    judge_left_out,
    judge_published,
    judge_subscribed,
)
from sfu.media.send_stream import SendStream
from sfu.media.stats import describe_publisher, describe_subscriber
from sfu.media.subscriber import Subscriber
from sfu.room.events import LayersWanted, QualityChanged
from sfu.room.gestures import MAX_REACTIONS
from sfu.rtp.rtcp import SenderReport, parse_compound
from sfu.sdp.capabilities import MAX_MESSAGE_SIZE
from sfu.transport.transport import MEDIA_BYTES_PER_SECOND

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from random import Random

    from sfu.counters import Counters
    from sfu.media.ports import Egress
    from sfu.media.published_track import PublishedTrack
    from sfu.media.restraint import Restraint
    from sfu.media.source import Source
    from sfu.room.events import Event
    from sfu.room.negotiation import Negotiation
    from sfu.room.permissions import Permissions
    from sfu.room.role import Role
    from sfu.rtp.packet import RtpPacket
    from sfu.sdp.answer import NegotiatedMedia, Send
    from sfu.sdp.offer import RemoteParameters
    from sfu.transport.transport import Transport


# RFC 3550 6.2 would allow more reports; one per second is what browsers themselves do.
REPORT_SECONDS = 1.0
# How exactly it is known when somebody saw their first picture.
_FIRST_SECONDS = 0.1


class LeaveReason(StrEnum):
    """Why a participant is gone, for the others and for the metrics."""

    LEFT = "left"
    DISCONNECTED = "disconnected"
    MEDIA_LOST = "media-lost"
    PROTOCOL_ERROR = "protocol-error"
    INTERNAL_ERROR = "internal-error"
    SERVER_STOPPING = "server-stopping"
    REMOVED = "removed"
    REPLACED = "replaced"
    ENDED = "ended"


class Participant:
    """A member of one room; also the sink its transport delivers to.

    ``notify`` takes the room's events for this client; ``heard`` each level of its microphone;
    ``data_received`` each packet of its data channels. ``media_lost`` is called when the transport
    gives up, ``failed`` with an exception that nobody foresaw: it must not reach the datagrams of
    others. ``found_faulty`` is called with one in what others do for this participant. ``due`` is
    when ``tick`` has something to do; whatever gives it something to do says so to ``hasten``.
    """

    def __init__(
        self,
        *,
        id: str,
        name: str,
        role: Role,
        permissions: Permissions,
        negotiation: Negotiation,
        egress: Egress,
        counters: Counters,
        rtcp_ssrc: int,
        notify: Callable[[Event], None],
        heard: Callable[[str, int], None],
        connected: Callable[[Participant], None],
        media_lost: Callable[[Participant, str, float], None],
        data_received: Callable[[Participant, bytes, float], None],
        failed: Callable[[Participant, Exception, float], None],
        found_faulty: Callable[[Participant, Exception], None],
        now: float,
    ) -> None:
        self.id = id
        self.name = name
        self.role = role
        self.permissions = permissions
        self.hand = 0  # the number of its raised hand; 0: not raised
        self.due = float("inf")
        self.deaf = False  # nobody hears what its client is told: the connection broke
        self.away = False  # its client has not been heard of for a while
        self.silenced_by: dict[Source, str] = {}  # the host who last switched it off
        self.reacted_at: deque[float] = deque(maxlen=MAX_REACTIONS)
        self.notify = notify
        self.negotiation = negotiation
        self.transport: Transport | None = None
        self.remote: RemoteParameters | None = None
        self.max_message_size = MAX_MESSAGE_SIZE  # bytes it takes, of its data channels
        self.send_streams: dict[str, SendStream] = {}  # by mid
        self.publisher = Publisher(
            ssrc=rtcp_ssrc,
            counters=counters,
            send_rtcp=self._send_rtcp,
            level=lambda level: heard(id, level),
            layers_changed=self._layers_changed,
            take=getattr(egress, "take", none_taken),
            hasten=self.hasten,
        )
        self.subscriber = Subscriber(
            counters=counters,
            egress=egress,
            send_rtcp=self._send_rtcp,
            faulty=self.faulty,
            hasten=self.hasten,
        )
        self.slots_asked = 0
        self._quality = QualityLog()
        self._reported = float("-inf")
        self._judges = False
        self._counters = counters
        self._connected = connected
        self._media_lost = media_lost
        self._data_received = data_received
        self._failed = failed
        self._found_faulty = found_faulty
        self._joined_at = now
        self._connected_at: float | None = None
        self._first_packet = True
        self._first_picture = True

    @property
    def tracks(self) -> list[PublishedTrack]:
        """What this participant publishes."""
        return list(self.publisher.tracks.values())

    @property
    def silenced(self) -> dict[Source, str]:
        """What hosts switched off of it, and who did."""
        return {
            track.source: self.silenced_by[track.source] for track in self.tracks if track.silenced
        }

    def track(self, source: Source) -> PublishedTrack | None:
        """The published track of ``source``, if any."""
        for track in self.publisher.tracks.values():
            if track.source is source:
                return track
        return None

    def repeat(self) -> None:
        """Tell a client that came back what it cannot know of its own tracks."""
        for track in self.tracks:
            if track.ladder.rids:
                self._layers_changed(track)
        self._quality = QualityLog()

    def describe(self) -> dict[str, Any]:
        """Both halves and the transport, for people (no name: it may be private)."""
        transport = self.transport
        return {
            "participant": self.id,
            "role": str(self.role),
            "away": self.away,
            "connected": transport is not None and transport.connected,
            "address": str(transport.remote_address) if transport is not None else None,
            "publishes": describe_publisher(self.publisher),
            "receives": describe_subscriber(self.subscriber),
        }

    def slot_streams(
        self,
        slots: Sequence[tuple[tuple[Send, NegotiatedMedia], tuple[Send, NegotiatedMedia]]],
        random: Random,
    ) -> list[tuple[tuple[SendStream, NegotiatedMedia], tuple[SendStream, NegotiatedMedia]]]:
        """The send streams of each slot's m-lines, audio first; an m-line keeps its stream."""
        before, self.send_streams = self.send_streams, {}

        def half(send: Send, media: NegotiatedMedia) -> tuple[SendStream, NegotiatedMedia]:
            stream = before.get(media.mid)
            if stream is None or stream.ssrc != send.ssrc:
                stream = SendStream(
                    mid=media.mid,
                    kind=media.kind,
                    ssrc=send.ssrc,
                    rtx_ssrc=send.rtx_ssrc,
                    clock_rate=media.codecs[0].clock_rate,
                    first_sequence=random.randrange(1, 1 << 15),
                    transport=self.transport,
                    history=self.subscriber.downlink.history,
                )
            stream.negotiate(
                {
                    codec.payload_type: codec.rtx_payload_type
                    for codec in media.codecs
                    if codec.rtx_payload_type is not None
                }
            )
            self.send_streams[media.mid] = stream
            return stream, media

        return [(half(*audio), half(*video)) for audio, video in slots]

    def restrain(self, restraint: Restraint) -> None:
        """Get along with what the server can do now; sound is not touched."""
        self.subscriber.restrain(restraint)
        if self.transport is not None:
            self.transport.media_bytes_per_second = restraint.media * MEDIA_BYTES_PER_SECOND

    def offer_received(self, now: float) -> None:
        """Measure the first phase of a join."""
        if self.transport is None:
            self._counters.join_phases["offer"].observe(now - self._joined_at)

    # --- the sink of the transport ---

    def rtp_received(self, data: RtpPacket | bytes, now: float) -> None:
        """Take one unprotected RTP packet, perhaps parsed already."""
        if self._first_packet:
            self._first_packet = False
            self._counters.join_phases["first-packet"].observe(now - self._since_connected(now))
        try:
            self.publisher.rtp_received(data, now)
        except Exception as error:
            self._failed(self, error, now)

    def rtcp_received(self, data: bytes, now: float) -> None:
        """Take one unprotected compound RTCP packet."""
        try:
            self._take_rtcp(data, now)
        except MalformedPacket as malformed:
            self._counters.drops[malformed.reason] += 1
        except Exception as error:
            self._failed(self, error, now)

    def _take_rtcp(self, data: bytes, now: float) -> None:
        packets = parse_compound(data)
        for packet in packets:
            if isinstance(packet, SenderReport):
                self.publisher.sender_report(packet, now)
            self.subscriber.feedback(packet, now)
        if self.subscriber.rtt is not None:
            self.publisher.rtt = self.subscriber.rtt

    def data_received(self, data: bytes, now: float) -> None:
        """Take one SCTP packet of the data channels."""
        self._data_received(self, data, now)

    def transport_connected(self, now: float) -> None:
        """Media can flow both ways from now on."""
        self._connected_at = self.due = now
        self.subscriber.connected()
        self._connected(self)

    def transport_moved(self, now: float) -> None:
        """Media goes to another address, and went nowhere for a while."""
        try:
            self.subscriber.moved()
        except Exception as error:
            self._failed(self, error, now)

    def transport_closed(self, reason: str, now: float) -> None:
        """The transport gave up, or was closed by us."""
        if reason != "closed":
            self._media_lost(self, reason, now)

    def hasten(self, due: float) -> None:
        """Something is to be done at ``due``."""
        if due < self.due and self._connected_at is not None:
            self.due = due

    def tick(self, now: float) -> None:
        """Drive both halves. When ``due``, looked at every 20 ms."""
        publisher, subscriber = self.publisher, self.subscriber
        reports = now - self._reported >= REPORT_SECONDS
        if now >= publisher.due:
            publisher.tick(now)
        if reports:
            publisher.report(now)
        if now >= subscriber.due:
            subscriber.tick(now)
        if reports:
            subscriber.report(now)
            self._reported, self._judges = now, True
        due = self._reported + REPORT_SECONDS
        if self._first_picture:
            self._look_for_picture(now)
            due = min(due, now + _FIRST_SECONDS)
        self.due = min(due, publisher.due, subscriber.due)

    def _look_for_picture(self, now: float) -> None:
        if self.subscriber.sees:
            self._first_picture = False
            self._counters.join_phases["first-picture"].observe(now - self._since_connected(now))

    def judge(self, now: float, *, server_late: bool) -> None:
        """Tell the client whose quality changed. After each ``tick``; looks once per second."""
        if not self._judges:
            return
        self._judges = False
        judged = [judge_published(track, now) for track in self.tracks]
        judged += [
            judge_subscribed(track, now, server_late=server_late)
            for track in self.subscriber.tracks
        ]
        fault = Fault.SERVER if self.subscriber.restrained else Fault.NOBODY
        judged += [judge_left_out(track, fault) for track in self.subscriber.left_out]
        changed = self._quality.changed(judged)
        if changed:
            self.notify(QualityChanged(tuple(changed)))

    def _layers_changed(self, track: PublishedTrack) -> None:
        paused = track.ladder.paused
        wanted = tuple(rid for rid in track.ladder.rids if rid not in paused)
        self.notify(LayersWanted(track.source, wanted))

    def _since_connected(self, now: float) -> float:
        return now if self._connected_at is None else self._connected_at

    def faulty(self, error: Exception) -> None:
        """What others do fails for this participant: they go on, and it is taken out."""
        self._found_faulty(self, error)

    def _send_rtcp(self, compound: bytes) -> None:
        if self.transport is None:
            return
        try:
            self.transport.send_rtcp(compound)
        except Exception as error:
            self.faulty(error)  # it may be about the packet of somebody else
