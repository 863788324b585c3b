import re
import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client.parser import text_string_to_metric_families

import sfu
from sfu.counters import Counters, Histogram
from sfu.server.metrics import Metrics


@pytest.fixture
def counters():
    """Counters in which no two numbers are the same."""
    counters = Counters()
    counters.audio.packets_in, counters.video.packets_in = 11, 12
    counters.audio.packets_out, counters.video.packets_out = 13, 14
    counters.audio.bytes_in, counters.video.bytes_in = 21, 22
    counters.audio.bytes_out, counters.video.bytes_out = 23, 24
    counters.audio.lost_in, counters.video.lost_in = 31, 32
    counters.audio.lost_out, counters.video.lost_out = 33, 34
    counters.datagrams_in, counters.datagrams_out = 41, 42
    counters.tcp_frames_in, counters.tcp_frames_out = 43, 44
    counters.nacked_in, counters.nacked_out = 51, 52
    counters.retransmitted_in, counters.retransmitted_out = 61, 62
    counters.drops["unknown-address"] = 71
    counters.handshake_failures["dtls"] = 72
    counters.keyframe_requests["new-subscriber"] = 73
    counters.signaling_errors["bad-message"] = 74
    counters.bugs["tick"] = 75
    counters.joins = 76
    counters.leaves["left"] = 77
    counters.lobby["denied"] = 78
    counters.join_phases["dtls"].observe(0.02)
    counters.forwarding_latency.observe(0.0003)
    counters.loop_lag.observe(0.2)
    return counters


def samples(text):
    """All values of an exposition by name and labels."""
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(text.decode())
        for sample in family.samples
    }


@pytest.mark.parametrize(
    ("name", "labels", "value"),
    [
        ("parley_rooms", {}, 1),
        ("parley_participants", {}, 2),
        ("parley_transports", {}, 2),
        ("parley_websockets", {}, 3),
        ("parley_waiting", {}, 4),
        ("parley_lobby_total", {"outcome": "denied"}, 78),
        ("parley_lobby_total", {"outcome": "admitted"}, 0),
        ("parley_tracks", {"kind": "video", "source": "camera"}, 2),
        ("parley_tracks", {"kind": "audio", "source": "microphone"}, 1),
        ("parley_rtp_packets_total", {"direction": "in", "kind": "audio"}, 11),
        ("parley_rtp_packets_total", {"direction": "in", "kind": "video"}, 12),
        ("parley_rtp_packets_total", {"direction": "out", "kind": "audio"}, 13),
        ("parley_rtp_packets_total", {"direction": "out", "kind": "video"}, 14),
        ("parley_rtp_bytes_total", {"direction": "in", "kind": "audio"}, 21),
        ("parley_rtp_bytes_total", {"direction": "out", "kind": "video"}, 24),
        ("parley_rtp_lost_packets_total", {"direction": "in", "kind": "video"}, 32),
        ("parley_rtp_lost_packets_total", {"direction": "out", "kind": "audio"}, 33),
        ("parley_datagrams_total", {"direction": "in"}, 41),
        ("parley_datagrams_total", {"direction": "out"}, 42),
        ("parley_tcp_connections", {}, 5),
        ("parley_tcp_frames_total", {"direction": "in"}, 43),
        ("parley_tcp_frames_total", {"direction": "out"}, 44),
        ("parley_nacked_packets_total", {"direction": "in"}, 51),
        ("parley_nacked_packets_total", {"direction": "out"}, 52),
        ("parley_retransmitted_packets_total", {"direction": "in"}, 61),
        ("parley_retransmitted_packets_total", {"direction": "out"}, 62),
        ("parley_drops_total", {"reason": "unknown-address"}, 71),
        ("parley_handshake_failures_total", {"stage": "dtls"}, 72),
        ("parley_handshake_failures_total", {"stage": "ice"}, 0),
        ("parley_keyframe_requests_total", {"reason": "new-subscriber"}, 73),
        ("parley_signaling_errors_total", {"code": "bad-message"}, 74),
        ("parley_bugs_total", {"boundary": "tick"}, 75),
        ("parley_bugs_total", {"boundary": "datagram"}, 0),
        ("parley_joins_total", {}, 76),
        ("parley_leaves_total", {"reason": "left"}, 77),
        ("parley_join_phase_seconds_count", {"phase": "dtls"}, 1),
        ("parley_join_phase_seconds_sum", {"phase": "dtls"}, 0.02),
        ("parley_join_phase_seconds_count", {"phase": "ice"}, 0),
        ("parley_forwarding_latency_seconds_bucket", {"le": "0.00025"}, 0),
        ("parley_forwarding_latency_seconds_bucket", {"le": "0.0005"}, 1),
        ("parley_event_loop_lag_seconds_bucket", {"le": "0.1"}, 0),
        ("parley_event_loop_lag_seconds_bucket", {"le": "+Inf"}, 1),
    ],
)
def test_every_count_is_told(counters, census, name, labels, value):
    found = samples(Metrics(counters, census).text())
    assert found[name, tuple(sorted(labels.items()))] == value


def test_a_scrape_tells_what_is_so_at_that_moment(counters, census):
    metrics = Metrics(counters, census)
    metrics.text()
    counters.joins += 1
    assert samples(metrics.text())["parley_joins_total", ()] == 77


def test_nothing_names_a_room_a_participant_or_a_stream(counters, census):
    labels = {name for _, labels in samples(Metrics(counters, census).text()) for name, _ in labels}
    assert labels == {
        "boundary",
        "code",
        "direction",
        "kind",
        "le",
        "outcome",
        "phase",
        "reason",
        "source",
        "stage",
        "state",
        "version",
    }


def test_the_process_is_told_too_and_two_servers_do_not_collide(census):
    first, second = Metrics(Counters(), census), Metrics(Counters(), census)
    for metrics in (first, second):
        found = samples(metrics.text())
        assert found["process_resident_memory_bytes", ()] > 0
        assert found["parley_joins_total", ()] == 0


@pytest.mark.skipif(shutil.which("promtool") is None, reason="promtool is not installed")
@pytest.mark.parametrize("fresh", [True, False])
def test_promtool_finds_nothing_to_say(counters, census, fresh):
    text = Metrics(Counters() if fresh else counters, census).text()
    checked = subprocess.run(
        ["promtool", "check", "metrics"], input=text, capture_output=True, timeout=30, check=False
    )
    assert (checked.returncode, checked.stdout, checked.stderr) == (0, b"", b"")


@given(st.lists(st.floats(0.0, 1.0), max_size=30))
def test_buckets_are_cumulative_and_end_with_all_observations(values):
    counters = Counters()
    counters.loop_lag = Histogram((0.1, 0.5))
    for value in values:
        counters.loop_lag.observe(value)

    class Empty:
        def __getattr__(self, _name):
            return dict if _name == "tracks" else int

    found = samples(Metrics(counters, Empty()).text())
    name = "parley_event_loop_lag_seconds"
    assert found[f"{name}_bucket", (("le", "0.1"),)] == sum(value <= 0.1 for value in values)
    assert found[f"{name}_bucket", (("le", "0.5"),)] == sum(value <= 0.5 for value in values)
    assert found[f"{name}_count", ()] == len(values)
    assert found[f"{name}_sum", ()] == pytest.approx(sum(values))


def test_every_boundary_that_counts_bugs_is_told_from_the_start(census):
    written = r'(?:bugs\[|Bugs\([a-z.]+, |boundary(?:: str)? ?= ?|\.bug\()"([a-z]+)"'
    found = {
        name
        for path in Path(sfu.__file__).parent.rglob("*.py")
        for name in re.findall(written, path.read_text(encoding="utf-8"))
    }
    told = samples(Metrics(Counters(), census).text())
    assert len(found) > 5
    # Where the process itself ends nobody scrapes it any more.
    assert {dict(labels)["boundary"] for name, labels in told if name == "parley_bugs_total"} == (
        found - {"server"}
    )
