"""Which codecs of an m-line we take, in which order, with which repairs."""

from __future__ import annotations

from sfu.sdp.capabilities import RECEIVE_FEEDBACK, SEND_FEEDBACK
from sfu.sdp.codecs import codec_lines, negotiate
from sfu.sdp.description import Codec, MediaDescription

VP8 = Codec(96, "VP8", 90000, feedback=("goog-remb", "transport-cc", "nack", "nack pli"))
VP8_RTX = Codec(97, "rtx", 90000, parameters={"apt": "96"})
H264 = Codec(102, "H264", 90000, parameters={"packetization-mode": "1"})
H264_PLAIN = Codec(104, "h264", 90000, parameters={"packetization-mode": "0"})
H264_RTX = Codec(103, "rtx", 90000, parameters={"apt": "102"})
VP9 = Codec(98, "VP9", 90000)
OPUS = Codec(111, "opus", 48000, 2)
EVENTS = (Codec(126, "telephone-event", 8000), Codec(110, "telephone-event", 48000))


def offered(*codecs: Codec, kind: str = "video") -> MediaDescription:
    return MediaDescription(kind=kind, mid="0", codecs=codecs)


def test_vp8_comes_first_wherever_the_browser_puts_it() -> None:
    chosen = negotiate(offered(H264, H264_RTX, VP9, VP8_RTX, H264_PLAIN, VP8), RECEIVE_FEEDBACK)
    assert [codec.payload_type for codec in chosen] == [96, 102, 104]
    assert [codec.rtx_payload_type for codec in chosen] == [97, 103, None]


def test_a_repair_is_listed_behind_what_it_repairs() -> None:
    chosen = negotiate(offered(H264, H264_RTX, VP9, VP8_RTX, VP8), RECEIVE_FEEDBACK)
    assert [codec.payload_type for codec in codec_lines(chosen)] == [96, 97, 102, 103]
    assert codec_lines(chosen)[1] == VP8_RTX


def test_feedback_is_what_both_sides_want() -> None:
    (receiving,) = negotiate(offered(VP8), RECEIVE_FEEDBACK)
    (sending,) = negotiate(offered(VP8), SEND_FEEDBACK)
    assert receiving.feedback == ("transport-cc", "nack", "nack pli")
    assert sending.feedback == ("nack", "nack pli")


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
