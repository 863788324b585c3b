"""The layers of a track: what they cost, which come, and which nobody watches."""

from __future__ import annotations

import pytest

from sfu.media.ladder import PAUSE_SECONDS, Ladder
from sfu.media.layer import LIVE_SECONDS, RESUME_SECONDS
from sfu.media.receive_stream import ReceiveStream
from sfu.media.sender_clock import SenderClock
from sfu.rtp import packet as rtp
from sfu.rtp.codecs.mark import PayloadMark

RIDS = ("q", "h", "f")


def stream(rid: str) -> ReceiveStream:
    return ReceiveStream(ssrc=hash(rid) & 0xFFFF, rid=rid, clock_rate=90000, clock=SenderClock())


def send(
    ladder: Ladder, streams: list[ReceiveStream], start: float, seconds: float, fps: int = 20
) -> float:
    """Frames of 1,000, 2,000 and 4,000 bytes on the three layers, T0 T1 in turn."""
    now = start
    for number in range(round(seconds * fps)):
        now = start + number / fps
        for index, each in enumerate(streams):
            packet = rtp.parse(
                rtp.write(
                    payload_type=96,
                    sequence_number=number & 0xFFFF,
                    timestamp=0,
                    ssrc=each.ssrc,
                    payload=bytes(1000 << index),
                )
            )
            packet.mark = PayloadMark(False, True, temporal_id=number % 2, height=180 << index)
            ladder.count(each, packet, now)
        ladder.measure(now)
    return now


@pytest.fixture
def running() -> tuple[Ladder, list[ReceiveStream], float]:
    ladder = Ladder(RIDS)
    streams = [stream(rid) for rid in RIDS]
    for each in reversed(streams):  # the order of arrival does not matter
        assert ladder.begin(each) is None
    return ladder, streams, send(ladder, streams, 100.0, 3.0)


def test_options_are_the_layers_with_their_rates(running) -> None:
    ladder, _, _ = running
    seen = [(option.spatial, option.temporal, option.height) for option in ladder.options]
    assert seen == [(0, 0, 180), (0, 1, 180), (1, 0, 360), (1, 1, 360), (2, 0, 720), (2, 1, 720)]
    top = ladder.options[-1].bitrate
    assert top == pytest.approx(4000 * 8 * 20, rel=0.15)


def test_as_many_frames_of_a_layer_go_on_as_fit(running) -> None:
    ladder, _, _ = running
    top = ladder.layers[-1]
    assert top.within(float("inf")) >= 1
    assert top.within(sum(top.rates) * 0.99) == 0
    assert top.within(top.rates[0] * 0.99) == -1


def test_rates_that_are_about_right_are_left_alone(running) -> None:
    ladder, streams, now = running
    before = ladder.options
    send(ladder, streams, now + 0.05, 5.0)
    assert ladder.options == before


def test_a_layer_that_stops_is_no_option_any_more(running) -> None:
    ladder, streams, now = running
    send(ladder, streams[:2], now + 0.05, LIVE_SECONDS + 0.5)
    assert {option.spatial for option in ladder.options} == {0, 1}


def test_the_only_layer_of_a_still_screen_stays_an_option() -> None:
    ladder = Ladder(())
    only = stream("")
    ladder.begin(only)
    now = send(ladder, [only], 100.0, 2.0)
    for step in range(50):
        ladder.measure(now + step)
    assert ladder.options


def test_what_nobody_watches_is_paused_and_comes_back_at_once(running) -> None:
    ladder, streams, now = running
    assert not ladder.pause_unwanted({0, 1, 2}, now)
    assert not ladder.pause_unwanted({0}, now + PAUSE_SECONDS - 0.1)
    assert ladder.pause_unwanted({0}, now + PAUSE_SECONDS)
    assert ladder.paused == {"h", "f"}
    later = send(ladder, streams[:1], now + PAUSE_SECONDS, 5.0)
    assert {option.spatial for option in ladder.options} == {0, 1, 2}  # it would come if asked for
    assert ladder.pause_unwanted({0, 2}, later)
    assert ladder.paused == {"h"}


def test_a_layer_that_does_not_come_back_is_given_up(running) -> None:
    ladder, streams, now = running
    ladder.pause_unwanted({0}, now)
    ladder.pause_unwanted({0}, now + PAUSE_SECONDS)
    asked = send(ladder, streams[:1], now + PAUSE_SECONDS, 2.0)
    ladder.pause_unwanted({0, 1, 2}, asked)
    send(ladder, streams[:1], asked + 0.05, RESUME_SECONDS + 0.5)
    assert {option.spatial for option in ladder.options} == {0}


def test_heights_decide_when_the_offer_has_the_layers_the_other_way_round() -> None:
    ladder = Ladder(("f", "h", "q"))
    streams = [stream(rid) for rid in RIDS]
    for each in streams:
        ladder.begin(each)
    send(ladder, streams, 100.0, 3.0)
    assert [layer.stream.rid for layer in ladder.layers] == ["q", "h", "f"]


def test_a_stream_that_begins_anew_takes_its_layer_over(running) -> None:
    ladder, streams, _ = running
    again = stream("h")
    assert ladder.begin(again) is streams[1]
    assert len(ladder.layers) == 3
    assert ladder.layers[1].stream is again
