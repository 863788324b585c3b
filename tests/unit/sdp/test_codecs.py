"""Which codecs of an m-line we take, in which order, with which repairs."""

from __future__ import annotations

import pytest

from sfu.sdp.capabilities import (
    ESTIMATION_EXTENSIONS,
    ESTIMATION_FEEDBACK,
    RECEIVE_FEEDBACK,
    SEND_EXTENSIONS,
    SEND_FEEDBACK,
)
from sfu.sdp.codecs import codec_lines, negotiate, sending_terms
from sfu.sdp.description import Codec, MediaDescription

VP8 = Codec(96, "VP8", 90000, feedback=("goog-remb", "transport-cc", "nack", "nack pli"))
VP8_RTX = Codec(97, "rtx", 90000, parameters={"apt": "96"})
H264 = Codec(102, "H264", 90000, parameters={"packetization-mode": "1"})
H264_PLAIN = Codec(104, "h264", 90000, parameters={"packetization-mode": "0"})
H264_RTX = Codec(103, "rtx", 90000, parameters={"apt": "102"})
VP9 = Codec(98, "VP9", 90000, parameters={"profile-id": "0"})
VP9_TEN_BITS = Codec(100, "VP9", 90000, parameters={"profile-id": "2"})
AV1 = Codec(45, "AV1", 90000, parameters={"level-idx": "5", "profile": "0", "tier": "0"})
AV1_HIGH = Codec(47, "AV1", 90000, parameters={"profile": "1"})
OPUS = Codec(111, "opus", 48000, 2, parameters={"minptime": "10", "useinbandfec": "1"})
RED = Codec(63, "red", 48000, 2, parameters={"": "111/111"})
EVENTS = (Codec(126, "telephone-event", 8000), Codec(110, "telephone-event", 48000))


def offered(*codecs: Codec, kind: str = "video") -> MediaDescription:
    return MediaDescription(kind=kind, mid="0", codecs=codecs)


def test_vp8_comes_first_wherever_the_browser_puts_it() -> None:
    chosen = negotiate(offered(H264, H264_RTX, VP9, VP8_RTX, H264_PLAIN, VP8), RECEIVE_FEEDBACK)
    assert [codec.payload_type for codec in chosen] == [96, 102, 104, 98]
    assert [codec.rtx_payload_type for codec in chosen] == [97, 103, None, None]


def test_a_browser_gets_the_codec_it_insists_on_by_offering_no_other() -> None:
    for codec in (H264, VP9, AV1):
        assert [one.name for one in negotiate(offered(codec), SEND_FEEDBACK)] == [codec.name]
    every = negotiate(offered(AV1, VP9, H264, VP8), SEND_FEEDBACK)
    assert [one.name for one in every] == ["VP8", "H264", "VP9", "AV1"]


def test_vp9_and_av1_are_taken_in_profile_0_only() -> None:
    silent = (Codec(98, "vp9", 90000), Codec(45, "av1", 90000))
    chosen = negotiate(offered(*silent, VP9_TEN_BITS, AV1_HIGH), RECEIVE_FEEDBACK)
    assert [codec.payload_type for codec in chosen] == [98, 45]
    assert negotiate(offered(VP9_TEN_BITS, AV1_HIGH), RECEIVE_FEEDBACK) == ()
    (kept,) = codec_lines(negotiate(offered(AV1), RECEIVE_FEEDBACK))
    assert kept.parameters == AV1.parameters


def test_a_repair_is_listed_behind_what_it_repairs() -> None:
    chosen = negotiate(offered(H264, H264_RTX, VP9, VP8_RTX, VP8), RECEIVE_FEEDBACK)
    assert [codec.payload_type for codec in codec_lines(chosen)] == [96, 97, 102, 103, 98]
    assert codec_lines(chosen)[1] == VP8_RTX


def test_feedback_is_what_both_sides_want() -> None:
    (receiving,) = negotiate(offered(VP8), RECEIVE_FEEDBACK)
    (sending,) = negotiate(offered(VP8), SEND_FEEDBACK)
    assert receiving.feedback == ("transport-cc", "nack", "nack pli")
    assert sending.feedback == ("goog-remb", "transport-cc", "nack", "nack pli")


def test_one_way_of_estimating_the_bandwidth_is_granted_for_what_we_send() -> None:
    remb = Codec(96, "VP8", 90000, feedback=("goog-remb",))
    everything = (SEND_FEEDBACK, SEND_EXTENSIONS)
    nothing = (SEND_FEEDBACK - ESTIMATION_FEEDBACK, SEND_EXTENSIONS - ESTIMATION_EXTENSIONS)
    better = (SEND_FEEDBACK - {"goog-remb"}, SEND_EXTENSIONS)
    assert sending_terms(offered(VP8, VP8_RTX)) == better
    assert sending_terms(offered(VP8, VP8_RTX, H264, H264_RTX, VP9_TEN_BITS)) == better
    assert sending_terms(offered(remb, VP8_RTX)) == everything
    assert sending_terms(offered(VP8)) == nothing
    assert sending_terms(offered(VP8, VP8_RTX, H264)) == nothing
    assert sending_terms(offered(OPUS, kind="audio")) == nothing


def test_red_travels_behind_the_opus_it_carries() -> None:
    chosen = negotiate(offered(RED, *EVENTS, OPUS, kind="audio"), SEND_FEEDBACK)
    assert [codec.name for codec in chosen[:2]] == ["opus", "red"]
    assert codec_lines(chosen)[:2] == (OPUS, RED)
    assert chosen[1].carried == {"111"}
    assert chosen[0].carried == frozenset()


@pytest.mark.parametrize("blocks", ["", "111/112", "9", "111/"])
def test_red_that_carries_what_is_not_negotiated_is_left_out(blocks: str) -> None:
    red = Codec(63, "red", 48000, 2, parameters={"": blocks} if blocks else {})
    chosen = negotiate(offered(red, OPUS, kind="audio"), SEND_FEEDBACK)
    assert [codec.name for codec in chosen] == ["opus"]
    assert negotiate(offered(RED, kind="audio"), SEND_FEEDBACK) == ()


def test_red_for_video_is_another_thing() -> None:
    red = Codec(118, "red", 90000)
    assert [one.name for one in negotiate(offered(VP8, red), RECEIVE_FEEDBACK)] == ["VP8"]


def test_opus_keeps_its_own_forward_error_correction() -> None:
    for feedback in (RECEIVE_FEEDBACK, SEND_FEEDBACK):
        (line,) = codec_lines(negotiate(offered(OPUS, kind="audio"), feedback))
        assert line.parameters["useinbandfec"] == "1"


def test_telephone_events_travel_only_beside_sound() -> None:
    chosen = negotiate(offered(*EVENTS, OPUS, kind="audio"), RECEIVE_FEEDBACK)
    assert [codec.payload_type for codec in chosen] == [111, 110, 126]
    assert negotiate(offered(*EVENTS, kind="audio"), RECEIVE_FEEDBACK) == ()


def test_a_known_name_at_another_clock_rate_is_another_codec() -> None:
    assert negotiate(offered(Codec(96, "VP8", 48000)), RECEIVE_FEEDBACK) == ()
    assert negotiate(offered(Codec(9, "opus", 8000), kind="audio"), RECEIVE_FEEDBACK) == ()


def test_the_limits_of_the_browsers_decoder_are_known_but_not_repeated() -> None:
    parameters = {"max-fs": "12288", "max-fr": "60", "x": "y"}
    chosen = negotiate(offered(Codec(120, "VP8", 90000, parameters=parameters)), RECEIVE_FEEDBACK)
    assert chosen[0].parameters == parameters
    assert codec_lines(chosen)[0].parameters == {"x": "y"}
