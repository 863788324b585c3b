"""One SSRC that arrives here: its order, losses, statistics and recent packets."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sfu.media.drop_reason import DropReason
from sfu.media.keyframes import KeyframeRequests
from sfu.media.loss_tracker import LossTracker
from sfu.media.packet_cache import AUDIO_CAPACITY, VIDEO_CAPACITY, PacketCache
from sfu.rtp.rtcp import ReportBlock, SenderReport, ntp_middle
from sfu.rtp.sequence import SequenceUnwrapper

if TYPE_CHECKING:
    from sfu.media.layer import Layer
    from sfu.media.sender_clock import SenderClock
    from sfu.rtp.dependency_descriptor import DependencyReader
    from sfu.rtp.packet import RtpPacket

# RFC 3550 A.1: a longer dropout, or a packet older than this, is a jump and not the network.
MAX_DROPOUT = 3000
MAX_MISORDER = 1000

_MASK32 = 0xFFFFFFFF
_NTP_SECOND = 1 << 32


class ReceiveStream:
    """One SSRC in, with the packets of its RTX SSRC already put back in place.

    ``rid`` is the layer it carries (empty without simulcast). Raises nothing: a packet that is not
    to be forwarded comes back as a drop reason.
    """

    __slots__ = (
        "_base",
        "_clock",
        "_expected_prior",
        "_jitter",
        "_jumped_to",
        "_picture_id",
        "_received_prior",
        "_repaired_prior",
        "_report_arrival",
        "_report_ntp",
        "_report_rtp",
        "_transit",
        "_unwrapper",
        "cache",
        "clock_rate",
        "dependencies",
        "fraction_lost",
        "keyframes",
        "layers",
        "losses",
        "lost_counted",
        "rid",
        "ssrc",
    )

    def __init__(
        self, *, ssrc: int, rid: str, clock_rate: int, clock: SenderClock, audio: bool = False
    ) -> None:
        self.ssrc = ssrc
        self.rid = rid
        self.clock_rate = clock_rate
        self.losses = LossTracker()
        self.cache = PacketCache(AUDIO_CAPACITY if audio else VIDEO_CAPACITY)
        self.keyframes = KeyframeRequests()
        self.layers: list[Layer] = []  # one, or the spatial layers of SVC
        self.lost_counted = 0
        self.fraction_lost = 0.0  # before repair, over the last report's interval
        self.dependencies: DependencyReader | None = None  # set where it is negotiated
        self._picture_id = -1
        self._clock = clock
        self._unwrapper = SequenceUnwrapper()
        self._base = -1
        self._jumped_to = -1
        self._jitter = 0.0
        self._transit: float | None = None
        self._received_prior = 0
        self._repaired_prior = 0
        self._expected_prior = 0
        self._report_arrival: float | None = None
        self._report_ntp = 0
        self._report_rtp = 0

    def receive(self, packet: RtpPacket, now: float) -> int | DropReason:
        """The extended sequence number of ``packet``, or why it goes no further."""
        losses = self.losses
        number = packet.sequence_number
        if self._base >= 0:
            # Judged before unwrapping, so that a stray number leaves no trace.
            distance = ((number - losses.highest + 0x8000) & 0xFFFF) - 0x8000
            if not -MAX_MISORDER < distance < MAX_DROPOUT:
                return self._jump(number)
        sequence = self._unwrapper.unwrap(number)
        if self._base < 0:
            self._base = sequence
        elif sequence < self._base:
            return DropReason.DUPLICATE
        newest = sequence > losses.highest
        outages = losses.outages
        if not losses.add(sequence, now):
            return DropReason.DUPLICATE
        if losses.outages > outages:
            self.keyframes.wish_at_once()  # of sound, every packet is one
        if newest:
            self._measure_jitter(packet.timestamp, now)
        self.cache.put(sequence, packet, now)
        return sequence

    def _jump(self, number: int) -> DropReason:
        if number != self._jumped_to:
            self._jumped_to = (number + 1) & 0xFFFF
            return DropReason.SEQUENCE_JUMP
        # Two in a row: the sender restarted. Whoever holds this stream begins a new one.
        self._jumped_to = -1
        return DropReason.STREAM_RESTARTED

    def _measure_jitter(self, timestamp: int, now: float) -> None:
        """RFC 3550 A.8, in timestamp units."""
        transit = (now * self.clock_rate - timestamp) % 4294967296.0
        if self._transit is not None:
            difference = abs(transit - self._transit)
            if difference < 2147483648.0:
                self._jitter += (difference - self._jitter) / 16
        self._transit = transit

    def extended_picture_id(self, number: int, long: bool) -> int:
        """The picture id without its wrap at 15 (``long``) or 7 bits."""
        if self._picture_id < 0:
            self._picture_id = number
            return number
        half = 0x4000 if long else 0x40
        mask = 2 * half - 1
        extended = self._picture_id + ((number - self._picture_id + half) & mask) - half
        # Below its beginning only a stray number leads.
        extended = extended if extended >= 0 else extended + mask + 1
        if extended > self._picture_id:
            self._picture_id = extended
        return extended

    def same_sender(self, other: ReceiveStream) -> bool:
        """Whether both come from one publisher, whose reports are of one clock."""
        return self._clock is other._clock

    def timestamp_of(self, other: ReceiveStream, timestamp: int) -> int | None:
        """The timestamp here of the instant that ``other`` of the same sender calls ``timestamp``.

        None until both had a sender report.
        """
        if self._report_arrival is None or other._report_arrival is None:
            return None
        reports = (other._report_ntp - self._report_ntp) / _NTP_SECOND
        since = ((timestamp - other._report_rtp + 0x80000000) & _MASK32) - 0x80000000
        elapsed = reports + since / other.clock_rate
        return (self._report_rtp + round(elapsed * self.clock_rate)) & _MASK32

    def note_sender_report(self, report: SenderReport, now: float) -> None:
        """Keep the relation of timestamps to the sender's clock."""
        self._report_ntp = report.ntp
        self._report_rtp = report.rtp_timestamp
        self._report_arrival = now
        self._clock.observe(report.ntp, now)

    def timestamp_at(self, now: float) -> int | None:
        """The RTP timestamp of the instant ``now`` (seconds); None before a sender report."""
        if self._report_arrival is None:
            return None
        elapsed = now - self._clock.local(self._report_ntp)
        return (self._report_rtp + round(elapsed * self.clock_rate)) & _MASK32

    def take_report_block(self, now: float) -> ReportBlock | None:
        """What a receiver report says of this stream since the last call (RFC 3550 A.3)."""
        if self._base < 0:
            return None
        expected = self.losses.highest - self._base + 1
        received = self.losses.received
        expected_now = expected - self._expected_prior
        lost_now = expected_now - (received - self._received_prior)
        repaired_now = self.losses.repaired - self._repaired_prior
        self._expected_prior, self._received_prior = expected, received
        self._repaired_prior += repaired_now
        fraction = 0
        if expected_now > 0 and lost_now > 0:
            fraction = min(255, (lost_now << 8) // expected_now)
        self.fraction_lost = min(max(lost_now + repaired_now, 0) / max(expected_now, 1), 1.0)
        delay = 0.0 if self._report_arrival is None else now - self._report_arrival
        return ReportBlock(
            ssrc=self.ssrc,
            fraction_lost=fraction,
            lost=min(expected - received, 0x7FFFFF),
            highest_sequence=self.losses.highest & _MASK32,
            jitter=int(self._jitter) & _MASK32,
            last_sr=ntp_middle(self._report_ntp) if self._report_arrival is not None else 0,
            delay_since_last_sr=min(int(delay * 65536), _MASK32),
        )

    @property
    def restless(self) -> bool:
        """Whether there may be something to ask for, or packets that were given up."""
        losses = self.losses
        return bool(len(losses) or self.keyframes.wanted or losses.given_up != self.lost_counted)

    def take_lost(self) -> int:
        """Packets given up since the last call."""
        lost = self.losses.given_up - self.lost_counted
        self.lost_counted = self.losses.given_up
        return lost
