"""The half of a participant that receives from us: its slots, wishes, and the feedback it sends."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sfu.media.downlink import DEFAULT_WISH, Downlink, Wish
from sfu.media.drop_reason import DropReason
from sfu.media.restraint import NO_RESTRAINT
from sfu.media.slots import Occupant, Rank, Slot, SlotHalf, assign
from sfu.media.source import Kind, Source
from sfu.media.subscribed_track import SubscribedTrack
from sfu.rtp.extensions import TRANSPORT_CC
from sfu.rtp.feedback import Fir, Nack, Pli, Remb
from sfu.rtp.rtcp import ReceiverReport, Sdes, SenderReport, write_compound
from sfu.rtp.transport_cc import TransportFeedback

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from sfu.counters import Counters
    from sfu.media.ports import Egress, SendRtcp
    from sfu.media.published_track import PublishedTrack
    from sfu.media.restraint import Restraint
    from sfu.media.send_stream import SendStream
    from sfu.rtp.rtcp import RtcpPacket
    from sfu.sdp.answer import NegotiatedMedia

    Tracks = tuple[PublishedTrack | None, PublishedTrack | None]

# Whoever spoke this long ago is likely to answer.
SPOKE_SECONDS = 30.0
# Sender reports that fit one datagram together with their source description.
REPORTS_PER_DATAGRAM = 25


class Subscriber:
    """Puts published tracks into slots and answers what the receiving browser asks for.

    ``faulty`` is told what nobody foresaw while somebody else's packet was to go here.
    Nothing is sent before ``connected``: a keyframe sent into the void would be missed.
    ``hasten`` is told when ``tick`` has something to do sooner than ``due`` said.
    """

    def __init__(
        self,
        *,
        counters: Counters,
        egress: Egress,
        send_rtcp: SendRtcp,
        faulty: Callable[[Exception], None],
        hasten: Callable[[float], None],
    ) -> None:
        self.slots: list[Slot] = []
        self.downlink = Downlink(egress, hasten)
        self.tracks: list[SubscribedTrack] = []  # all that is on its way to this participant
        self.rtt: float | None = None
        self.waiting = 0  # occupants without a slot
        self.max_videos = 0  # sent at once; 0: as many as there are slots
        self.left_out: list[PublishedTrack] = []  # videos in slots that are too many
        self._restraint = NO_RESTRAINT
        self._counters = counters
        self._egress = egress
        self._send_rtcp = send_rtcp
        self._faulty = faulty
        self._wanted: Mapping[Occupant, Tracks] = {}
        self._wishes: Mapping[str, Wish] = {}  # by track id
        self._filmed: list[Occupant | None] = []  # whose videos are sent, where not all may be
        self._speaking: frozenset[str] = frozenset()
        self._spoke: dict[str, float] = {}  # participants, when they last spoke
        self._by_ssrc: dict[int, SlotHalf] = {}
        self._connected = False

    @property
    def sees(self) -> bool:
        """Whether a picture was ever sent in one of the slots that somebody's video is in."""
        return any(
            track.send.forwarder.switches
            for track in self.tracks
            if track.published.kind is Kind.VIDEO
        )

    def set_slots(self, pairs: Sequence[tuple[tuple[SendStream, NegotiatedMedia], ...]]) -> bool:
        """Take over the slots of the latest answer, audio half first; True if any mapping changed.

        A slot whose two m-lines are as before keeps its occupant.
        """
        known = {slot.mids: slot for slot in self.slots}
        slots: list[Slot] = []
        for (audio_send, audio_media), (video_send, video_media) in pairs:
            slot = known.pop((audio_media.mid, video_media.mid), None)
            if (
                slot is None
                or slot.audio.send is not audio_send
                or slot.video.send is not video_send
            ):
                if slot is not None:
                    self._empty(slot)
                slot = Slot(SlotHalf(audio_send, audio_media), SlotHalf(video_send, video_media))
            slots.append(slot)
        for slot in known.values():
            self._empty(slot)
        changed = [slot.mids for slot in slots] != [slot.mids for slot in self.slots]
        self.slots = slots
        self.downlink.measured = any(TRANSPORT_CC in slot.video.media.extensions for slot in slots)
        self._by_ssrc = {
            half.send.ssrc: half for slot in slots for half in (slot.audio, slot.video)
        }
        return self._place() or changed

    def want(self, wanted: Mapping[Occupant, Tracks]) -> bool:
        """Show ``wanted`` (occupant to its audio and video track); True if any mapping changed."""
        if wanted == self._wanted:
            return False  # as for most of a big room whenever one of them offers
        self._wanted = wanted
        return self._place()

    def wish(self, wishes: Mapping[str, Wish]) -> bool:
        """What the client shows and how, by track id; True if any mapping changed."""
        self._wishes = wishes
        self.downlink.changed()
        return self._place()

    def speaking(self, participants: frozenset[str], now: float) -> bool:
        """Who speaks now; True if any mapping changed."""
        self._speaking = participants
        self.downlink.changed()
        for participant in participants:
            self._spoke[participant] = now
        for participant, spoke in list(self._spoke.items()):
            if now - spoke > SPOKE_SECONDS:
                del self._spoke[participant]
        return self._place()

    def restrain(self, restraint: Restraint) -> None:
        """Get along with what the server can do now."""
        self._restraint = restraint
        self.downlink.restrain(restraint.height)
        self._place()

    @property
    def restrained(self) -> bool:
        """Whether it is the server's load that leaves out ``left_out``."""
        few = self._restraint.videos
        return few > 0 and (self.max_videos == 0 or few < self.max_videos)

    @property
    def _most_videos(self) -> int:
        """How many are sent; 0 for all."""
        return self._restraint.videos if self.restrained else self.max_videos

    def connected(self) -> None:
        """The transport can carry media now: begin to send."""
        self._connected = True
        self._place()

    def close(self) -> None:
        """Leave every routing table."""
        self._connected = False
        self._wanted = {}
        self._place()
        self._by_ssrc = {}
        self.slots = []

    def _place(self) -> bool:
        before = [slot.occupant for slot in self.slots]
        ranks = {occupant: self._rank(occupant) for occupant in self._wanted}
        after, self.waiting = assign(before, ranks)
        most = self._most_videos
        if most:
            self._leave_out(most, after, ranks)
        else:
            self._filmed, self.left_out = [], []
        for slot, occupant in zip(self.slots, after, strict=True):
            slot.occupant = occupant
            audio, video = self._wanted[occupant] if occupant is not None else (None, None)
            self._feed(slot.audio, audio)
            self._feed(slot.video, None if video in self.left_out else video)
        self.tracks = [half.track for half in self._by_ssrc.values() if half.track is not None]
        return before != after

    def _leave_out(
        self, most: int, occupants: Sequence[Occupant | None], ranks: Mapping[Occupant, Rank]
    ) -> None:
        """Choose the ``most`` videos that matter most, as slots are given to people."""
        videos = {
            occupant: video
            for occupant in occupants
            if occupant is not None and (video := self._wanted[occupant][1]) is not None
        }
        shown = {
            occupant: ranks[occupant]
            for occupant, video in videos.items()
            if self._wishes.get(video.id, DEFAULT_WISH).height
        }
        places = [*self._filmed, *[None] * most][:most]
        self._filmed, _ = assign(places, shown)
        self.left_out = [videos[each] for each in shown if each not in self._filmed]

    def _rank(self, occupant: Occupant) -> Rank:
        video = self._wanted[occupant][1]
        wish = DEFAULT_WISH if video is None else self._wishes.get(video.id, DEFAULT_WISH)
        if wish.pinned or (occupant.source is Source.SCREEN and wish.height):
            return Rank.CHOSEN
        if occupant.source is Source.CAMERA and occupant.participant in self._speaking:
            return Rank.HEARD
        if wish.height and video is not None:
            return Rank.VISIBLE
        return Rank.UNSEEN if occupant.participant in self._spoke else Rank.SILENT

    def _empty(self, slot: Slot) -> None:
        slot.occupant = None
        self._feed(slot.audio, None)
        self._feed(slot.video, None)

    def _feed(self, half: SlotHalf, published: PublishedTrack | None) -> None:
        if not self._connected:
            published = None
        if half.track is not None:
            if half.track.published is published:
                return
            half.track.end()
            half.track = None
        if published is not None:
            half.track = SubscribedTrack(
                published,
                half.send,
                half.media,
                starved=self.downlink.changed,
                faulty=self._faulty,
            )
            self.downlink.changed()

    def feedback(self, packet: RtcpPacket, now: float) -> None:
        """Take one RTCP packet of the browser that is about what we send."""
        match packet:
            case Nack():
                self._resend(packet, now)
            case Pli():
                self._keyframe(packet.media_ssrc, "pli")
            case Fir():
                for ssrc, _ in packet.entries:
                    self._keyframe(ssrc, "fir")
            case ReceiverReport() | SenderReport():
                for block in packet.blocks:
                    half = self._by_ssrc.get(block.ssrc)
                    if half is not None:
                        more = half.send.note_report_block(block, now)
                        self._counters.traffic(half.send.kind).lost_out += more
                        if half.send.rtt is not None:
                            self.rtt = self.downlink.estimator.rtt = half.send.rtt
                        if half.send.kind == "video":
                            self.downlink.receiver_report(half.send.fraction_lost, now)
            case TransportFeedback():
                self.downlink.feedback(packet, now)
            case Remb():
                self.downlink.estimated(packet.bitrate, now)
            case _:
                pass

    def _resend(self, nack: Nack, now: float) -> None:
        half = self._by_ssrc.get(nack.media_ssrc)
        if half is None:
            self._counters.drops[DropReason.FEEDBACK_UNKNOWN_SSRC] += 1
            return
        self._counters.nacked_in += len(nack.lost)
        downlink, audio = self.downlink, half.send.kind == "audio"
        for number in nack.lost:
            if not downlink.may_resend(now, sound=audio):
                self._counters.drops[DropReason.RESEND_CONGESTED] += 1
                continue
            sent = half.send.resend(number, self._egress, now)
            if isinstance(sent, DropReason):
                self._counters.drops[sent] += 1
            else:
                self._counters.retransmitted_out += 1
                downlink.resent(sent)

    def _keyframe(self, media_ssrc: int, reason: str) -> None:
        half = self._by_ssrc.get(media_ssrc)
        if half is None:
            self._counters.drops[DropReason.FEEDBACK_UNKNOWN_SSRC] += 1
            return
        forwarder = half.send.forwarder
        stream = forwarder.run.stream if forwarder.run is not None else forwarder.target
        if half.track is not None and stream is not None:
            half.track.published.want_keyframe(stream, reason)

    def moved(self) -> None:
        """What went to the address of before was lost: pictures begin anew."""
        for ssrc, half in self._by_ssrc.items():
            if half.track is not None and half.send.kind == "video":
                self._keyframe(ssrc, "moved")

    @property
    def due(self) -> float:
        """When ``tick`` has something to do."""
        return self.downlink.due

    def tick(self, now: float) -> None:
        """Share the path, and renew the wishes for keyframes whenever it is. When ``due``."""
        if self.downlink.tick(now, self.tracks, self._wishes, self._speaking):
            for track in self.tracks:
                target = track.send.forwarder.target
                if target is not None and track.awaits_picture:
                    target.keyframes.wish()

    def report(self, now: float) -> None:
        """Send a sender report of each stream. Once per second, which keeps lip sync and round trip
        fresh at 0.1 % of the traffic.
        """
        reports = [
            report for track in self.tracks if (report := track.send.sender_report(now)) is not None
        ]
        for start in range(0, len(reports), REPORTS_PER_DATAGRAM):
            batch = reports[start : start + REPORTS_PER_DATAGRAM]
            names = Sdes([(report.ssrc, "sfu") for report in batch])
            self._send_rtcp(write_compound([*batch, names]))
