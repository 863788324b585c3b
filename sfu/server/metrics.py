"""What Prometheus scrapes: one collector that reads the counters and the rooms at that moment."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    ProcessCollector,
    generate_latest,
)
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)
from prometheus_client.registry import Collector

from sfu import __version__
from sfu.congestion.load import LoadState
from sfu.counters import Counters, Histogram
from sfu.server.census import Census

CONTENT_TYPE = CONTENT_TYPE_LATEST

_KINDS = ("audio", "video")
# Series exist from the start, at zero, so that the first failure is already an increase.
_STAGES = ("ice", "dtls", "srtp")
_RESUMES = ("refused", "replaced", "resumed")
_WAITED = ("admitted", "denied", "left", "lobby-timeout")
_OUTCOMES = ("delivered", "dropped", "given-up", "retried")
_BOUNDARIES = (
    *("callback", "data", "datagram", "event", "http", "leave", "message", "others", "tick"),
    "webhook",
)


class Metrics:
    """The metrics of one server, and of its process."""

    def __init__(self, counters: Counters, census: Census) -> None:
        # A registry of its own: two servers in one process (tests) do not collide.
        self._registry = CollectorRegistry()
        self._registry.register(_ServerCollector(counters, census))
        ProcessCollector(registry=self._registry)

    def families(self) -> Iterable[Metric]:
        """Every metric with its labels and their values of now."""
        return self._registry.collect()

    def text(self) -> bytes:
        """All metrics in the text format of Prometheus (``CONTENT_TYPE``)."""
        return generate_latest(self._registry)


class _ServerCollector(Collector):
    """Label values come from fixed sets only; never a room, a participant or an SSRC."""

    def __init__(self, counters: Counters, census: Census) -> None:
        self._counters = counters
        self._census = census

    def collect(self) -> Iterable[Metric]:
        """Every metric family, read now."""
        yield from self._gauges()
        yield from self._media()
        yield from self._data()
        yield from self._events()
        yield from self._histograms()

    def _gauges(self) -> Iterable[Metric]:
        census = self._census
        build = GaugeMetricFamily("parley_build_info", "Always 1.", labels=["version"])
        build.add_metric([__version__], 1)
        yield build
        yield GaugeMetricFamily("parley_rooms", "Open rooms.", census.rooms())
        yield GaugeMetricFamily("parley_participants", "Joined clients.", census.participants())
        yield GaugeMetricFamily(
            "parley_waiting", "Clients who wait to be let into a room.", census.waiting()
        )
        yield GaugeMetricFamily(
            "parley_transports", "ICE, DTLS and SRTP associations.", census.transports()
        )
        yield GaugeMetricFamily(
            "parley_load_state",
            "How much there is to do: 0 normal, 1 busy, 2 strained, 3 full.",
            census.load(),
        )
        yield GaugeMetricFamily("parley_websockets", "Open WebSockets.", census.websockets())
        yield GaugeMetricFamily(
            "parley_tcp_connections",
            "TCP connections on the media port.",
            census.tcp_connections(),
        )
        tracks = GaugeMetricFamily("parley_tracks", "Published tracks.", labels=["kind", "source"])
        for (kind, source), count in census.tracks().items():
            tracks.add_metric([kind, source], count)
        yield tracks

    def _media(self) -> Iterable[Metric]:
        counters = self._counters
        labels = ["direction", "kind"]
        packets = CounterMetricFamily(
            "parley_rtp_packets", "RTP packets received and forwarded.", labels=labels
        )
        octets = CounterMetricFamily(
            "parley_rtp_bytes",
            "Bytes of RTP packets received and forwarded, before protection.",
            labels=labels,
        )
        lost = CounterMetricFamily(
            "parley_rtp_lost_packets",
            "RTP packets lost on the way in (never recovered) and on the way out (as reported).",
            labels=labels,
        )
        for kind in _KINDS:
            traffic = counters.traffic(kind)
            packets.add_metric(["in", kind], traffic.packets_in)
            packets.add_metric(["out", kind], traffic.packets_out)
            octets.add_metric(["in", kind], traffic.bytes_in)
            octets.add_metric(["out", kind], traffic.bytes_out)
            lost.add_metric(["in", kind], traffic.lost_in)
            lost.add_metric(["out", kind], traffic.lost_out)
        yield from (packets, octets, lost)
        yield _both_ways(
            "parley_datagrams",
            "UDP datagrams of any kind.",
            counters.datagrams_in,
            counters.datagrams_out,
        )
        yield _both_ways(
            "parley_tcp_frames",
            "What would be datagrams, over TCP.",
            counters.tcp_frames_in,
            counters.tcp_frames_out,
        )
        yield _both_ways(
            "parley_nacked_packets",
            "Packets that subscribers (in) and this server (out) asked for again.",
            counters.nacked_in,
            counters.nacked_out,
        )
        yield _both_ways(
            "parley_retransmitted_packets",
            "Packets that publishers (in) and this server (out) sent again.",
            counters.retransmitted_in,
            counters.retransmitted_out,
        )
        yield _by_label(
            "parley_keyframe_requests",
            "Wishes for a keyframe, before merging.",
            "reason",
            counters.keyframe_requests,
        )
        yield _by_label("parley_drops", "Datagrams and packets dropped.", "reason", counters.drops)

    def _data(self) -> Iterable[Metric]:
        counters = self._counters
        yield CounterMetricFamily(
            "parley_chat_messages", "Chat messages that people wrote.", counters.chat_messages
        )
        yield CounterMetricFamily("parley_files", "Files received whole.", counters.files)
        yield _both_ways(
            "parley_file_bytes",
            "Bytes of files received and sent.",
            counters.file_bytes_in,
            counters.file_bytes_out,
        )
        yield _by_label(
            "parley_data_refused", "Chat and files refused.", "code", counters.data_refused
        )
        yield _by_label(
            "parley_data_closed",
            "Data channels that ended before their participant left.",
            "reason",
            counters.data_closed,
        )

    def _events(self) -> Iterable[Metric]:
        counters = self._counters
        yield CounterMetricFamily("parley_joins", "Participants that joined.", counters.joins)
        yield _by_label(
            "parley_load_changes",
            "Changes of the load's state, by the state that began.",
            "state",
            counters.load_changes,
            tuple(LoadState),
        )
        yield _by_label("parley_leaves", "Participants that left.", "reason", counters.leaves)
        yield _by_label(
            "parley_lobby",
            "Who waited to be let into a room, and what came of it.",
            "outcome",
            counters.lobby,
            _WAITED,
        )
        yield _by_label(
            "parley_resumes",
            "Who came back: to media that went on, to a kept seat, or to nothing.",
            "outcome",
            counters.resumes,
            _RESUMES,
        )
        yield _by_label(
            "parley_handshake_failures",
            "Transports that could not be established.",
            "stage",
            counters.handshake_failures,
            _STAGES,
        )
        yield _by_label(
            "parley_signaling_errors",
            "Errors told to clients.",
            "code",
            counters.signaling_errors,
        )
        yield _by_label(
            "parley_webhooks",
            "Events posted to webhooks: each one and each attempt again.",
            "outcome",
            counters.webhooks,
            _OUTCOMES,
        )
        yield _by_label(
            "parley_bugs",
            "Unexpected exceptions: each one is worth a report.",
            "boundary",
            counters.bugs,
            _BOUNDARIES,
        )

    def _histograms(self) -> Iterable[Metric]:
        counters = self._counters
        phases = HistogramMetricFamily(
            "parley_join_phase_seconds", "How long each phase of a join took.", labels=["phase"]
        )
        for phase, histogram in counters.join_phases.items():
            phases.add_metric([phase], *_buckets(histogram))
        yield phases
        for name, meaning, histogram in (
            (
                "parley_forwarding_latency_seconds",
                "From a packet's arrival to its last copy sent, of a sample of packets.",
                counters.forwarding_latency,
            ),
            (
                "parley_event_loop_lag_seconds",
                "How late the event loop runs its 20 ms timer.",
                counters.loop_lag,
            ),
        ):
            family = HistogramMetricFamily(name, meaning)
            family.add_metric([], *_buckets(histogram))
            yield family


def _both_ways(name: str, meaning: str, into: int, out: int) -> CounterMetricFamily:
    family = CounterMetricFamily(name, meaning, labels=["direction"])
    family.add_metric(["in"], into)
    family.add_metric(["out"], out)
    return family


def _by_label(
    name: str, meaning: str, label: str, counts: Counter[str], always: Iterable[str] = ()
) -> CounterMetricFamily:
    family = CounterMetricFamily(name, meaning, labels=[label])
    for value in sorted({*always, *counts}):
        family.add_metric([value], counts[value])
    return family


def _buckets(histogram: Histogram) -> tuple[list[tuple[str, float]], float]:
    """Cumulative buckets as Prometheus wants them, and the sum of all observations."""
    buckets, below = [], 0
    for bound, count in zip((*histogram.bounds, float("inf")), histogram.counts, strict=True):
        below += count
        buckets.append(("+Inf" if bound == float("inf") else repr(bound), float(below)))
    return buckets, histogram.total
