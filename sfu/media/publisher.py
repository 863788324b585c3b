"""The half of a participant that sends to us: from SSRC to stream to published track."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sfu.congestion.arrival_recorder import ArrivalRecorder
from sfu.errors import MalformedPacket
from sfu.media.drop_reason import DropReason
from sfu.media.ports import none_taken
from sfu.media.receive_stream import ReceiveStream
from sfu.media.sender_clock import SenderClock
from sfu.media.source import Source
from sfu.rtp import extensions
from sfu.rtp import packet as rtp
from sfu.rtp.extensions import find_extension
from sfu.rtp.feedback import Nack, Pli
from sfu.rtp.rtcp import ReceiverReport, Sdes, SenderReport, write_compound
from sfu.rtp.rtx import unwrap_rtx

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from sfu.counters import Counters
    from sfu.media.ports import SendRtcp, Take
    from sfu.media.published_track import PublishedTrack
    from sfu.rtp.packet import RtpPacket
    from sfu.sdp.answer import NegotiatedMedia

# Three simulcast layers with RTX of two cameras and their sound, doubled for restarts.
MAX_SSRCS = 32
# Round trip assumed until measured: repeats a NACK soon enough on a LAN, not too often elsewhere.
DEFAULT_RTT = 0.1

# What one NACK message may list: with the worst spacing it still fits a datagram.
MAX_NACKED = 200


@dataclass(slots=True)
class _Route:
    """Where the packets of one SSRC go; ``stream`` is None until its first packet."""

    track: PublishedTrack
    rid: str
    primary: int | None  # for an RTX SSRC: the one it repairs (0 while only its rid is known)
    stream: ReceiveStream | None = None


class Publisher:
    """Receives everything one participant sends and asks it for what is missing.

    ``ssrc`` is ours in the RTCP we send; ``level`` takes each audio level heard, in -dBov;
    ``layers_changed`` a track of which other layers are wanted than before. ``take`` may take in
    what simply goes on. ``due`` is when ``tick`` has something to do next; ``hasten`` is told when
    that is sooner than it was.
    """

    __slots__ = (
        "_arrivals",
        "_audio_level_id",
        "_clock",
        "_counters",
        "_declared",
        "_hasten",
        "_heard_at",
        "_layers_changed",
        "_level",
        "_mid_id",
        "_repaired_rid_id",
        "_rid_id",
        "_routes",
        "_send_rtcp",
        "_take",
        "_transport_cc_id",
        "due",
        "rtt",
        "ssrc",
        "tracks",
    )

    def __init__(
        self,
        *,
        ssrc: int,
        counters: Counters,
        send_rtcp: SendRtcp,
        level: Callable[[int], None],
        layers_changed: Callable[[PublishedTrack], None],
        take: Take = none_taken,
        hasten: Callable[[float], None] = lambda due: None,
    ) -> None:
        self.ssrc = ssrc
        self.due = float("-inf")
        self.tracks: dict[str, PublishedTrack] = {}  # by mid
        self.rtt = DEFAULT_RTT
        self._counters = counters
        self._send_rtcp = send_rtcp
        self._level = level
        self._layers_changed = layers_changed
        self._hasten = hasten
        self._take = take
        self._clock = SenderClock()
        self._arrivals = ArrivalRecorder()
        self._routes: dict[int, _Route] = {}
        self._declared: dict[int, tuple[str, int | None]] = {}  # SSRC -> mid, primary of RTX
        self._transport_cc_id = 0
        self._audio_level_id = 0
        self._mid_id = self._rid_id = self._repaired_rid_id = 0
        self._heard_at = 0.0

    @property
    def routes(self) -> dict[int, tuple[str, str]]:
        """The routing table for people: SSRC to (track id, what it carries)."""
        return {
            ssrc: (route.track.id, "rtx" if route.primary is not None else route.rid or "media")
            for ssrc, route in self._routes.items()
        }

    def set_tracks(self, tracks: Iterable[PublishedTrack]) -> None:
        """Take over what the latest answer negotiated; SSRCs of tracks that ended are forgotten."""
        self.tracks = {track.media.mid: track for track in tracks}
        self._declared = {}
        for mid, track in self.tracks.items():
            media = track.media
            for primary in media.ssrcs:
                self._declared[primary] = (mid, None)
            for primary, repair in media.rtx_ssrcs.items():
                self._declared[repair] = (mid, primary)
            self._learn_ids(media)
        self._routes = {
            ssrc: route
            for ssrc, route in self._routes.items()
            if self.tracks.get(route.track.media.mid) is route.track
        }
        self._disturbed()

    def _disturbed(self) -> None:
        """There may be something to ask for: with the next tick."""
        self.due = float("-inf")
        self._hasten(self.due)

    def _learn_ids(self, media: NegotiatedMedia) -> None:
        # Ids are the same in every m-line of a BUNDLE group (RFC 8843 section 9.1).
        ids = media.extensions
        self._transport_cc_id = ids.get(extensions.TRANSPORT_CC, self._transport_cc_id)
        self._audio_level_id = ids.get(extensions.AUDIO_LEVEL, self._audio_level_id)
        self._mid_id = ids.get(extensions.MID, self._mid_id)
        self._rid_id = ids.get(extensions.RID, self._rid_id)
        self._repaired_rid_id = ids.get(extensions.REPAIRED_RID, self._repaired_rid_id)

    def rtp_received(self, data: RtpPacket | bytes, now: float) -> None:
        """Route one unprotected RTP packet; what cannot be routed is dropped and counted."""
        self._heard_at = now
        try:
            packet = rtp.parse(data) if isinstance(data, bytes) else data
            taken = self._take(self, packet, now)
            if taken is not None:
                reason = taken.track.forward(taken.stream, packet, taken.stream.losses.highest, now)
                if reason is not None:
                    self._counters.drops[reason] += 1
                return
            if self._transport_cc_id:
                number = find_extension(packet, self._transport_cc_id)
                if number is not None and len(number) == 2:
                    self._arrivals.record(int.from_bytes(number, "big"), packet.ssrc, now)
            route = self._routes.get(packet.ssrc) or self._route(packet)
            if route is None:
                return
            reason = (
                self._receive(route, packet, now)
                if route.primary is None
                else self._receive_rtx(route, packet, now)
            )
            if reason is not None:
                self._counters.drops[reason] += 1
        except MalformedPacket as malformed:
            self._counters.drops[malformed.reason] += 1

    def _receive(self, route: _Route, packet: RtpPacket, now: float) -> DropReason | None:
        track = route.track
        traffic = self._counters.traffic(track.kind)
        traffic.packets_in += 1
        traffic.bytes_in += len(packet.data)
        stream = route.stream
        if stream is None:
            stream = self._begin_stream(route, packet)
            if stream is None:
                return DropReason.UNKNOWN_PAYLOAD_TYPE
        if track.source is Source.MICROPHONE and self._audio_level_id and not track.muted:
            value = find_extension(packet, self._audio_level_id)
            if value:
                self._level(value[0] & 0x7F)
        reason = track.receive(stream, packet, now)
        if reason is DropReason.STREAM_RESTARTED:
            self._begin_stream(route, packet)
        return self._noticed(stream, reason, now)

    def _noticed(
        self, stream: ReceiveStream, reason: DropReason | None, now: float
    ) -> DropReason | None:
        """``reason``, when it was seen whether something is missing now that was not before."""
        if self.due > now and stream.losses:
            self._disturbed()
        return reason

    def _begin_stream(self, route: _Route, packet: RtpPacket) -> ReceiveStream | None:
        for codec in route.track.media.codecs:
            if codec.payload_type == packet.payload_type:
                route.stream = ReceiveStream(
                    ssrc=packet.ssrc,
                    rid=route.rid,
                    clock_rate=codec.clock_rate,
                    clock=self._clock,
                    audio=route.track.kind == "audio",
                )
                route.stream.keyframes.wished = self._disturbed
                route.track.add_stream(route.stream)
                self._disturbed()
                return route.stream
        return None

    def _receive_rtx(self, route: _Route, packet: RtpPacket, now: float) -> DropReason | None:
        if packet.payload_end - packet.payload_offset < 2:
            return None  # padding, sent to probe the path
        target = self._repaired(route)
        if target is None:
            return DropReason.UNKNOWN_SSRC
        for codec in route.track.media.codecs:
            if codec.rtx_payload_type == packet.payload_type:
                original = unwrap_rtx(packet, target.ssrc, codec.payload_type)
                reason = self._noticed(target, route.track.receive(target, original, now), now)
                if reason is None:
                    self._counters.retransmitted_in += 1
                    return None
                # Browsers probe the path by sending old packets again: no fault of anybody.
                return None if reason is DropReason.DUPLICATE else reason
        return DropReason.UNKNOWN_PAYLOAD_TYPE

    def _repaired(self, route: _Route) -> ReceiveStream | None:
        if route.primary:
            primary = self._routes.get(route.primary)
            return primary.stream if primary is not None else None
        for stream in route.track.streams:
            if stream.rid == route.rid:
                return stream
        return None

    def _route(self, packet: RtpPacket) -> _Route | None:
        """Learn where an SSRC belongs: by the offer, else by its mid and rid (RFC 8843 9.2)."""
        if len(self._routes) >= MAX_SSRCS:
            self._counters.drops[DropReason.TOO_MANY_STREAMS] += 1
            return None
        rid, primary = _text(packet, self._rid_id), None
        if packet.ssrc in self._declared:
            # Firefox declares the SSRCs of simulcast, but only the packets tell their rids.
            mid, primary = self._declared[packet.ssrc]
        else:
            mid = _text(packet, self._mid_id) or self._only_mid(packet.payload_type)
            repaired = _text(packet, self._repaired_rid_id)
            if repaired:
                rid, primary = repaired, 0
        track = self.tracks.get(mid)
        if track is None or (rid and rid not in track.media.rids):
            self._counters.drops[DropReason.UNKNOWN_SSRC] += 1
            return None
        if track.media.rids and not rid and not primary:
            return None  # the first packets of a layer may come before its rid is known
        if primary is None and packet.payload_type in _rtx_types(track.media):
            primary = 0
        route = self._routes[packet.ssrc] = _Route(track, rid, primary)
        return route

    def _only_mid(self, payload_type: int) -> str:
        """The one m-line with that payload type; empty when several have it.

        An m-line whose SSRCs are declared takes no others: a late packet of a source that has
        ended looks like that.
        """
        mids = [
            mid
            for mid, track in self.tracks.items()
            if not track.media.ssrcs
            and any(codec.payload_type == payload_type for codec in track.media.codecs)
        ]
        return mids[0] if len(mids) == 1 else ""

    def sender_report(self, report: SenderReport, now: float) -> None:
        """Take a sender report of one of this participant's streams."""
        route = self._routes.get(report.ssrc)
        if route is not None and route.stream is not None:
            route.stream.note_sender_report(report, now)

    def tick(self, now: float) -> None:
        """Ask for missing packets and keyframes, measure layers, tell when packets came.

        When ``due``, looked at every 20 ms.
        """
        self.due = float("inf")  # what happens meanwhile makes it due again
        due = self.due
        for track in self.tracks.values():
            for stream in track.streams:
                if stream.restless:
                    self._ask(track, stream, now)
                    due = now  # until it comes, or is given up
            ladder = track.ladder
            if now >= ladder.due or ladder.awaited:
                self._measure(track, now)
            due = min(due, ladder.due)
        if self.tracks:
            feedback = self._arrivals.take_feedback(self.ssrc, now)
            if feedback is not None:
                self._send_rtcp(feedback.write())
            due = min(due, self._arrivals.due(now))
        self.due = min(self.due, due)

    def _measure(self, track: PublishedTrack, now: float) -> None:
        ladder = track.ladder
        measured = ladder.measure(now, self._heard_at)
        if measured:
            for each in track.subscribed:
                each.layers_measured()
        if ladder.rids and (measured or ladder.awaited):
            wanted = {spatial for each in track.subscribed for spatial in each.wanted}
            if ladder.pause_unwanted(wanted, now):
                self._layers_changed(track)

    def _ask(self, track: PublishedTrack, stream: ReceiveStream, now: float) -> None:
        lost = stream.losses.due(now, self.rtt)
        if lost and _can_nack(track.media):
            self._nack(stream, lost)
        if stream.keyframes.due(now, self.rtt):
            self._send_rtcp(Pli(self.ssrc, stream.ssrc).write())
        self._counters.traffic(track.kind).lost_in += stream.take_lost()

    def _nack(self, stream: ReceiveStream, lost: list[int]) -> None:
        self._counters.nacked_out += len(lost)
        for start in range(0, len(lost), MAX_NACKED):
            numbers = [number & 0xFFFF for number in lost[start : start + MAX_NACKED]]
            self._send_rtcp(Nack(self.ssrc, stream.ssrc, numbers).write())

    def report(self, now: float) -> None:
        """Tell how well the streams arrive. Once per second."""
        blocks = [
            block
            for track in self.tracks.values()
            for stream in track.streams
            if (block := stream.take_report_block(now)) is not None
        ]
        if blocks:
            # RFC 3550 6.4.2: at most 31 blocks; MAX_SSRCS bounds the streams to half of that.
            self._send_rtcp(
                write_compound([ReceiverReport(self.ssrc, blocks[:31]), Sdes([(self.ssrc, "sfu")])])
            )


def _text(packet: RtpPacket, number: int) -> str:
    value = find_extension(packet, number) if number else None
    return value.decode("ascii", "replace") if value else ""


def _rtx_types(media: NegotiatedMedia) -> Sequence[int]:
    return [codec.rtx_payload_type for codec in media.codecs if codec.rtx_payload_type is not None]


def _can_nack(media: NegotiatedMedia) -> bool:
    return any("nack" in codec.feedback for codec in media.codecs)
