"""One SSRC on its way to one browser, with its RTX SSRC: numbers, reports, retransmission."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sfu.media.drop_reason import DropReason
from sfu.media.forwarder import Forwarder
from sfu.rtp.rtcp import ReportBlock, SenderReport, ntp_from_unix, ntp_middle

if TYPE_CHECKING:
    from sfu.congestion.send_history import SendHistory
    from sfu.media.ports import Association, Egress
    from sfu.rtp.rewrite import Rewrite

# The same packet is not sent again sooner: one NACK list often arrives twice.
MIN_RESEND_SECONDS = 0.01
# Bounds what a flood of NACKs can make us send: a third of the cache per second and stream.
MAX_RESENDS_PER_SECOND = 350

# Padding without a packet to repeat: the most that one may hold (RFC 3550 section 5.1).
_PADDING_BYTES = 255
# Bounds one tick's padding: 20 ms at 30 Mbit/s.
_MAX_PADDING_PACKETS = 64

# A receiver answers with its next report to one of our last ones, a second apart.
_REMEMBERED_REPORTS = 4
# How many resent packets are remembered: more than may be resent in a second.
_MAX_REMEMBERED = 512
_MASK32 = 0xFFFFFFFF


class SendStream:
    """The outgoing stream of one m-line of a slot; whoever is in the slot, its SSRC stays."""

    __slots__ = (
        "_reports",
        "_resend_window",
        "_resends",
        "_resent_at",
        "_rtx_payload_types",
        "_rtx_sequence",
        "forwarder",
        "fraction_lost",
        "history",
        "jitter",
        "kind",
        "lost",
        "mid",
        "octets_sent",
        "packets_sent",
        "resent",
        "rewrite",
        "rtt",
        "rtx_ssrc",
        "ssrc",
        "transport",
    )

    def __init__(
        self,
        *,
        mid: str,
        kind: str,
        ssrc: int,
        rtx_ssrc: int,
        clock_rate: int,
        first_sequence: int,
        transport: Association,
        history: SendHistory,
    ) -> None:
        self.mid = mid
        self.kind = kind
        self.ssrc = ssrc
        self.rtx_ssrc = rtx_ssrc
        self.transport = transport
        self.history = history
        self.forwarder = Forwarder(ssrc=ssrc, clock_rate=clock_rate, first_sequence=first_sequence)
        self.rewrite: Rewrite = self.forwarder.rewrite
        self.packets_sent = 0
        self.octets_sent = 0
        self.resent = 0
        self.fraction_lost = 0.0
        self.lost = 0
        self.jitter = 0.0
        self.rtt: float | None = None
        self._rtx_payload_types: dict[int, int] = {}
        self._rtx_sequence = first_sequence
        self._resent_at: dict[int, float] = {}  # by outgoing sequence number
        self._resend_window = 0.0
        self._resends = 0
        self._reports: dict[int, float] = {}  # when a report was sent, by its middle NTP bits

    def negotiate(self, rtx_payload_types: dict[int, int]) -> None:
        """Take over the payload types (media to RTX) of the latest answer."""
        self._rtx_payload_types = rtx_payload_types

    @property
    def pads(self) -> bool:
        """Whether padding can be sent: it travels as retransmission, once something was sent."""
        return self.rewrite.payload_type in self._rtx_payload_types and self.packets_sent > 0

    def resend(self, sequence_number: int, egress: Egress, now: float) -> DropReason | int:
        """Send the packet with that outgoing number again; its size, or why it was not sent."""
        last = self._resent_at.get(sequence_number, float("-inf"))
        if now - last < max(MIN_RESEND_SECONDS, (self.rtt or 0.0) / 2):
            return DropReason.RESENT_JUST_NOW
        if now - self._resend_window >= 1.0:
            self._resend_window, self._resends = now, 0
        if self._resends >= MAX_RESENDS_PER_SECOND:
            return DropReason.RESEND_LIMIT
        found = self.forwarder.again(sequence_number, now)
        if isinstance(found, DropReason):
            return found
        if len(self._resent_at) >= _MAX_REMEMBERED:
            self._resent_at.clear()
        self._resent_at[sequence_number] = now
        self._resends += 1
        payload_type = self._rtx_payload_types.get(self.rewrite.payload_type)
        if payload_type is None:
            size = egress.emit_plain(found, self)
        else:
            size = egress.emit_retransmission(
                found, self, self.rtx_ssrc, payload_type, self._next_rtx(), now
            )
        self.resent += size > 0
        return size or DropReason.RESEND_FAILED

    def pad(self, size: int, probe: int, egress: Egress, now: float) -> int:
        """Send about ``size`` bytes that the receiver does not need, to measure the path; returns
        how many it were.

        The newest packet once more if it is still there, so that few packets do; else padding.
        """
        payload_type = self._rtx_payload_types.get(self.rewrite.payload_type)
        if payload_type is None:
            return 0
        packet = self.forwarder.newest(now)
        sent = packets = 0
        while sent < size and packets < _MAX_PADDING_PACKETS:
            number = self._next_rtx()
            if packet is not None and size - sent > _PADDING_BYTES:
                last = egress.emit_retransmission(
                    packet, self, self.rtx_ssrc, payload_type, number, now, probe
                )
            else:
                last = egress.emit_padding(
                    _PADDING_BYTES, self, self.rtx_ssrc, payload_type, number, now, probe
                )
            if not last:
                break
            sent += last
            packets += 1
        return sent

    def _next_rtx(self) -> int:
        self._rtx_sequence = (self._rtx_sequence + 1) & 0xFFFF
        return self._rtx_sequence

    def sender_report(self, now: float) -> SenderReport | None:
        """A report for the receiver's lip sync; None while there is nothing to report.

        The NTP time is our own clock's, which starts anywhere: only differences are used.
        """
        run = self.forwarder.run
        if run is None or not self.packets_sent:
            return None
        timestamp = run.stream.timestamp_at(now)
        if timestamp is None:
            return None
        ntp = ntp_from_unix(now)
        while len(self._reports) >= _REMEMBERED_REPORTS:
            del self._reports[next(iter(self._reports))]
        self._reports[ntp_middle(ntp)] = now
        return SenderReport(
            ssrc=self.ssrc,
            ntp=ntp,
            rtp_timestamp=(timestamp + run.timestamp) & _MASK32,
            packet_count=self.packets_sent & _MASK32,
            octet_count=self.octets_sent & _MASK32,
            blocks=[],
        )

    def note_report_block(self, block: ReportBlock, now: float) -> int:
        """Keep what the receiver says of this stream; returns how many more packets it lost."""
        more = max(0, block.lost - max(self.lost, 0))
        self.lost = block.lost
        self.fraction_lost = block.fraction_lost / 256
        self.jitter = float(block.jitter)
        reported = self._reports.get(block.last_sr)
        if reported is not None:
            rtt = now - reported - block.delay_since_last_sr / 65536
            if 0.0 <= rtt < 10.0:
                self.rtt = rtt if self.rtt is None else 0.8 * self.rtt + 0.2 * rtt
        # A receiver cannot have lost more than it was sent: a lie is not counted.
        return more if more <= self.packets_sent else 0
