"""What can be read of a description, what is refused, and which line is blamed."""

from __future__ import annotations

import contextlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sfu.errors import ProtocolError
from sfu.sdp.description import MediaDescription, Rid, SsrcGroup
from sfu.sdp.parser import MAX_CHARACTERS, parse
from sfu.sdp.writer import write

SAMPLES = {
    path.stem: path.read_text()
    for path in sorted((Path(__file__).parent / "samples").glob("*.sdp"))
}
M_LINE = "v=0\nm=audio 9 X 1\n"


def media_with(*attributes: str, formats: str = "96 97") -> MediaDescription:
    lines = "".join(f"a={attribute}\n" for attribute in ("mid:0", *attributes))
    return parse(f"v=0\nm=video 9 UDP/TLS/RTP/SAVPF {formats}\n{lines}").media[0]


def test_chromium_is_read_to_the_last_detail() -> None:
    video = parse(SAMPLES["chromium156_audio_video"]).media[1]
    assert (video.kind, video.mid, video.port, video.direction) == ("video", "1", 9, "sendrecv")
    assert video.formats[:2] == ("96", "97")
    vp8, rtx = video.codecs[:2]
    assert (vp8.payload_type, vp8.name, vp8.clock_rate, vp8.channels) == (96, "VP8", 90000, 1)
    assert vp8.feedback == ("goog-remb", "transport-cc", "ccm fir", "nack", "nack pli")
    assert (rtx.name, rtx.parameters) == ("rtx", {"apt": "96"})
    assert video.ssrc_groups == (SsrcGroup("FID", (891384327, 2106148696)),)
    assert set(video.ssrcs) == {891384327, 2106148696}
    assert set(video.ssrcs[891384327]) == {"cname", "msid"}
    assert video.rtcp_mux
    assert video.rtcp_rsize


def test_simulcast_is_read_from_both_browsers() -> None:
    for name in ("chromium156_simulcast_vp8_3", "firefox153_simulcast_vp8_3"):
        video = parse(SAMPLES[name]).media[1]
        assert video.rids == (Rid("q", "send"), Rid("h", "send"), Rid("f", "send"))
        assert video.simulcast_send == ("q", "h", "f")


def test_what_the_session_says_holds_for_m_lines_that_say_nothing() -> None:
    one = "a=fingerprint:sha-256 " + ":".join(["0a"] * 32)
    two = "a=fingerprint:sha-256 " + ":".join(["0B"] * 32)
    text = (
        f"v=0\na=ice-ufrag:user\na=ice-pwd:{'p' * 24}\na=setup:active\na=recvonly\n{one}\n"
        "m=audio 9 X 1\na=mid:0\n"
        f"m=audio 9 X 1\na=mid:1\na=ice-ufrag:own1\na=sendonly\na=setup:actpass\n{two}\n"
    )
    first, second = parse(text).media
    assert (first.ufrag, first.pwd, first.setup) == ("user", "p" * 24, "active")
    assert (first.direction, first.fingerprints[0].value) == ("recvonly", ":".join(["0A"] * 32))
    assert (second.ufrag, second.pwd, second.setup) == ("own1", "p" * 24, "actpass")
    assert (second.direction, second.fingerprints[0].value) == ("sendonly", ":".join(["0B"] * 32))


def test_an_m_line_is_stopped_by_port_0_unless_bundle_put_it_there() -> None:
    firefox = parse(SAMPLES["firefox153_simulcast_vp8_3"]).media[1]
    assert (firefox.port, firefox.bundle_only, firefox.rejected) == (0, True, False)
    stopped = parse(SAMPLES["firefox153_stopped"])
    assert [media.rejected for media in stopped.media] == [True, False, False, True]


def test_stopped_m_lines_need_no_mid() -> None:
    offer = parse("v=0\nm=audio 0 X 0\nm=video 0 X 0\nm=audio 9 X 1\na=mid:2\n")
    assert [media.mid for media in offer.media] == ["", "", "2"]


def test_feedback_for_every_codec() -> None:
    media = media_with(
        "rtpmap:96 VP8/90000", "rtpmap:97 H264/90000", "rtcp-fb:* nack", "rtcp-fb:97 ccm fir"
    )
    assert [codec.feedback for codec in media.codecs] == [("nack",), ("ccm fir", "nack")]


def test_codecs_come_in_the_order_of_the_m_line_once_each() -> None:
    media = media_with(
        "rtpmap:96 VP8/90000", "rtpmap:97 H264/90000", "rtpmap:98 AV1/90000", formats="97 97 096 x"
    )
    assert [codec.name for codec in media.codecs] == ["H264", "VP8"]


def test_format_parameters_with_and_without_names() -> None:
    media = media_with(
        "rtpmap:96 H264/90000",
        "fmtp:96 packetization-mode=1; sprop-parameter-sets=Z0I=,aM4=;",
        "rtpmap:97 red/48000/2",
        "fmtp:97 111/111",
    )
    assert media.codecs[0].parameters == {
        "packetization-mode": "1",
        "sprop-parameter-sets": "Z0I=,aM4=",
    }
    assert media.codecs[1].parameters == {"": "111/111"}


def test_simulcast_alternatives_and_paused_streams_count_once() -> None:
    assert media_with("simulcast:send ~1,4;2;; recv 3").simulcast_send == ("1", "2")


def test_lines_may_end_either_way_and_unknown_ones_are_skipped() -> None:
    text = SAMPLES["firefox153_audio_video"]
    odd = text.replace("a=mid:0\n", "a=mid:0\nb=AS:30\na=strange\na=strange:9\ny=1\n\n")
    assert parse(odd.replace("\n", "\r\n")) == parse(text)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "line 1: a description begins"),
        ("\nv=0\n", "line 1: a description begins"),
        ("v=1\n", "line 1"),
        ("v=0\nm=audio\n", "line 2"),
        ("v=0\nm=audio 99999 X 1\n", "line 2: the port"),
        ("v=0\nm=audio ٣ X 1\n", "line 2: the port"),
        ("v=0\nm=toast 9 X 1\n", "line 2"),
        ("v=0\no=x\n", "line 2: o= has six fields"),
        (f"v=0\no=- {1 << 64} 1 IN IP4 x\n", "line 2: session id"),
        ("v=0\nnonsense\n", "line 2"),
        ("v=0\ns=a\rb\n", "line 2: a character"),
        ("v=0\ns=a\0b\n", "line 2: a character"),
        (M_LINE + "a=mid:\x7f\n", "line 3: a mid"),
        (M_LINE + "a=mid:" + "m" * 17, "line 3: a mid"),
        (M_LINE + "a=extmap:900 urn:x\n", "line 3: an extension id"),
        (M_LINE + "a=extmap:0 urn:x\n", "line 3: an extension id"),
        (M_LINE + "a=extmap:1\n", "line 3: extmap"),
        (M_LINE + "a=extmap:1/up urn:x\n", "line 3: the direction"),
        (M_LINE + "a=rtpmap:200 opus/48000\n", "line 3: a payload type"),
        (M_LINE + "a=rtpmap:1 opus\n", "line 3: rtpmap"),
        (M_LINE + "a=rtpmap:1 opus/0\n", "line 3: a clock rate"),
        (M_LINE + "a=fmtp:-1 a=b\n", "line 3: a payload type"),
        (M_LINE + "a=fingerprint:sha-256 zz\n", "line 3: a fingerprint"),
        (M_LINE + "a=ice-ufrag:abc\n", "line 3: ice-ufrag"),
        (M_LINE + "a=ice-pwd:short\n", "line 3: ice-pwd"),
        (M_LINE + "a=setup:maybe\n", "line 3: setup"),
        (M_LINE + f"a=ssrc:{1 << 32} cname:x\n", "line 3: an SSRC"),
        (M_LINE + "a=ssrc-group:FID 1 x\n", "line 3: an SSRC"),
        (M_LINE + "a=rid:q both\n", "line 3: rid"),
        (M_LINE + "a=mid:0\nm=audio 9 X 1\na=mid:0\n", "same mid"),
        (M_LINE, "needs a mid"),
    ],
)
def test_a_wrong_line_is_named(text: str, said: str) -> None:
    with pytest.raises(ProtocolError) as refused:
        parse(text)
    assert refused.value.code == "bad-sdp"
    assert said in refused.value.message


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("v=0\n" + "x" * MAX_CHARACTERS, "at most 65536 characters"),
        ("v=0\n" + "m=audio 9 X 1\n" * 129, "line 130: more than 128 m-lines"),
        ("v=0\nm=audio 9 X" + " 1" * 129, "line 2: more than 128 formats"),
        ("v=0\na=group:BUNDLE" + " 1" * 129, "line 2: more than 128 mids"),
        (M_LINE + "".join(f"a=ssrc:{n} x:y\n" for n in range(65)), "line 67: more than 64 SSRCs"),
        (M_LINE + "a=ssrc-group:FID" + " 1" * 65, "line 3: too many SSRCs"),
        (M_LINE + "a=ssrc-group:FID 1 2\n" * 65, "line 67: too many SSRCs"),
        (M_LINE + "a=extmap:1 urn:x\n" * 65, "line 67: more than 64 header extensions"),
        (M_LINE + "a=rid:q send\n" * 17, "line 19: more than 16 rids"),
        (M_LINE + ("a=fingerprint:x" + " AA:" + "AA:" * 14 + "AA\n") * 9, "line 11: more than 8"),
        (M_LINE + "a=x:" + "x" * 2049, "line 3: an attribute of more than 2048"),
    ],
)
def test_everything_is_bounded(text: str, said: str) -> None:
    with pytest.raises(ProtocolError) as refused:
        parse(text)
    assert said in refused.value.message


def test_a_number_too_long_to_convert_is_refused_like_any_other() -> None:
    with pytest.raises(ProtocolError, match="the port"):
        parse("v=0\nm=audio " + "9" * 5000 + " X 1\n")


lines = st.sampled_from(
    sorted({line for text in SAMPLES.values() for line in text.splitlines() if len(line) < 200})
)


@st.composite
def changed_offers(draw: st.DrawFn) -> str:
    text = SAMPLES[draw(st.sampled_from(sorted(SAMPLES)))]
    for _ in range(draw(st.integers(1, 5))):
        at = draw(st.integers(0, len(text)))
        cut = draw(st.integers(0, 4))
        text = text[:at] + draw(st.text(max_size=4)) + text[at + cut :]
    return text


anything = st.one_of(
    st.text(max_size=300),
    st.lists(lines, max_size=40).map(lambda some: "\n".join(["v=0", *some])),
    changed_offers(),
)


@given(anything)
def test_any_text_is_a_description_or_refused(text: str) -> None:
    try:
        parse(text)
    except ProtocolError as error:
        assert error.code == "bad-sdp"  # noqa: PT017  any other exception fails the test


@given(anything)
def test_what_was_read_means_the_same_when_written(text: str) -> None:
    with contextlib.suppress(ProtocolError):
        description = parse(text)
        written = write(description)
        assert parse(written) == description
        assert write(parse(written)) == written
