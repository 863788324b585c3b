"""Real browsers' offers, and what we make of them."""

from __future__ import annotations

import contextlib
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sfu.errors import ProtocolError
from sfu.rtp import extensions
from sfu.sdp.answer import LocalParameters, NegotiatedMedia, Receive, Reject, Send, answer
from sfu.sdp.description import Fingerprint, SessionDescription
from sfu.sdp.offer import sending_mids, slot_mids
from sfu.sdp.parser import parse
from sfu.sdp.writer import write

SAMPLES = {
    path.stem: path.read_text()
    for path in sorted((Path(__file__).parent / "samples").glob("*.sdp"))
}
# For each m-line: mid, then what we answer, then the codec we prefer; "-" for port 0.
OUTCOMES = {
    "chromium156_audio_only": "0:recvonly:opus",
    "chromium156_audio_red_first": "0:recvonly:opus",
    "chromium156_audio_video": "0:recvonly:opus 1:recvonly:VP8",
    "chromium156_audio_video_datachannel": "0:recvonly:opus 1:recvonly:VP8 2:sendrecv:data",
    "chromium156_av1": "0:recvonly:AV1",
    "chromium156_av1_svc_l3t3_key": "0:recvonly:AV1",
    "chromium156_datachannel": "0:sendrecv:data",
    "chromium156_h264": "0:recvonly:H264",
    "chromium156_recvonly_8_video": "0:sendonly:opus 1:sendonly:VP8 2:- 3:- 4:- 5:- 6:- 7:- 8:-",
    "chromium156_recvonly_audio_video": "0:sendonly:opus 1:sendonly:VP8",
    "chromium156_recvonly_mdns": "0:sendonly:opus 1:sendonly:VP8",
    "chromium156_recycled": "4:sendonly:opus 1:recvonly:VP8 5:sendonly:VP8 3:-",
    "chromium156_screen_share": "0:recvonly:opus 1:recvonly:VP8",
    "chromium156_simulcast_h264_3": "0:recvonly:H264",
    "chromium156_simulcast_vp8_3": "0:recvonly:opus 1:recvonly:VP8",
    "chromium156_simulcast_vp8_3_l1t3": "0:recvonly:opus 1:recvonly:VP8",
    "chromium156_stopped": "0:- 1:recvonly:VP8 2:- 3:-",
    "chromium156_vp9_svc_l3t3_key": "0:recvonly:opus 1:recvonly:VP9",
    "firefox153_audio_only": "0:recvonly:opus",
    "firefox153_audio_red_first": "0:recvonly:opus",
    "firefox153_audio_video": "0:recvonly:opus 1:recvonly:VP8",
    "firefox153_audio_video_datachannel": "0:recvonly:opus 1:recvonly:VP8 2:sendrecv:data",
    "firefox153_av1": "0:recvonly:AV1",
    "firefox153_av1_svc_l3t3_key": "0:recvonly:AV1",
    "firefox153_datachannel": "0:sendrecv:data",
    "firefox153_recvonly_8_video": "0:sendonly:opus 1:sendonly:VP8 2:- 3:- 4:- 5:- 6:- 7:- 8:-",
    "firefox153_recvonly_audio_video": "0:sendonly:opus 1:sendonly:VP8",
    "firefox153_recycled": "4:sendonly:opus 1:recvonly:VP8 2:- 5:sendonly:VP8",
    "firefox153_simulcast_vp8_3": "0:recvonly:opus 1:recvonly:VP8",
    "firefox153_simulcast_vp8_3_l1t3": "0:recvonly:opus 1:recvonly:VP8",
    "firefox153_stopped": "0:- 1:recvonly:VP8 2:- 3:-",
    "firefox153_vp9_svc_l3t3_key": "0:recvonly:opus 1:recvonly:VP9",
}
LOCAL = LocalParameters(
    ufrag="ours",
    pwd="s" * 24,
    fingerprint=Fingerprint("sha-256", ":".join(["AB"] * 32)),
    candidates=(("192.0.2.9", 8081), ("2001:db8::9", 8081)),
    session_id=7,
    session_version=1,
)


def plans(offer: SessionDescription) -> dict[str, Receive | Send]:
    chosen: dict[str, Receive | Send] = {mid: Receive() for mid in sending_mids(offer)}
    for number, pair in enumerate(slot_mids(offer)):
        for half, mid in enumerate(pair):
            ssrc = 1000 + 10 * number + half
            chosen[mid] = Send(ssrc, ssrc + 5, "sfu", f"slot-{number}", mid)
    return chosen


def answered(
    name: str,
) -> tuple[SessionDescription, SessionDescription, dict[str, NegotiatedMedia]]:
    offer = parse(SAMPLES[name])
    description, negotiated = answer(offer, LOCAL, plans(offer))
    return offer, description, negotiated


@pytest.mark.parametrize("name", SAMPLES)
def test_each_m_line_of_a_real_offer_gets_its_answer(name: str) -> None:
    _, description, _ = answered(name)
    said = " ".join(
        f"{media.mid}:{media.direction}:{media.codecs[0].name if media.codecs else 'data'}"
        if media.port
        else f"{media.mid}:-"
        for media in description.media
    )
    assert said == OUTCOMES[name]


@pytest.mark.parametrize("name", SAMPLES)
def test_a_real_offer_is_read_written_and_answered(name: str) -> None:
    offer, description, negotiated = answered(name)
    assert parse(write(offer)).media == offer.media
    assert len(description.media) == len(offer.media)
    assert [media.mid for media in description.media] == [media.mid for media in offer.media]
    text = write(description)
    assert parse(text).bundle == description.bundle
    assert "a=ice-lite\r\n" in text
    live = [media for media in description.media if media.port]
    assert tuple(media.mid for media in live) == description.bundle
    if live:
        assert live[0].candidates[0] == "1 1 udp 2130706431 192.0.2.9 8081 typ host"
        assert all(not media.candidates for media in live[1:])
    for ours, theirs in zip(description.media, offer.media, strict=True):
        if not ours.port:
            continue
        offered = {codec.payload_type for codec in theirs.codecs}
        assert {codec.payload_type for codec in ours.codecs} <= offered
        ids = {extension.id: extension.uri for extension in theirs.extensions}
        assert all(ids[extension.id] == extension.uri for extension in ours.extensions)
        opposite = {"sendonly": "recvonly", "recvonly": "sendonly", "sendrecv": "recvonly"}
        if ours.kind == "application":
            assert (ours.sctp_port, ours.max_message_size) == (5000, 65536)
            assert "a=sctp-port:5000\r\na=max-message-size:65536\r\n" in text
            assert ours.direction == "sendrecv"
        else:
            assert ours.direction == opposite[theirs.direction]
        assert ours.setup == "passive"
    for media in negotiated.values():
        assert media.codecs


def test_chromium_camera_and_microphone() -> None:
    _, description, negotiated = answered("chromium156_audio_video")
    audio, video = negotiated["0"], negotiated["1"]
    assert [codec.name for codec in audio.codecs] == [
        "opus",
        "red",
        "telephone-event",
        "telephone-event",
    ]
    assert audio.extensions[extensions.AUDIO_LEVEL] == 1
    assert (video.codecs[0].name, video.codecs[0].payload_type) == ("VP8", 96)
    assert video.codecs[0].rtx_payload_type == 97
    assert set(video.codecs[0].feedback) == {"transport-cc", "ccm fir", "nack", "nack pli"}
    assert {codec.name for codec in video.codecs} == {"VP8", "H264", "VP9", "AV1"}
    assert video.extensions[extensions.TRANSPORT_CC] == 3
    assert video.ssrcs == (891384327,)
    assert video.rtx_ssrcs == {891384327: 2106148696}
    assert description.extmap_allow_mixed


def test_firefox_camera_and_microphone() -> None:
    _, description, negotiated = answered("firefox153_audio_video_datachannel")
    video = negotiated["1"]
    assert (video.codecs[0].name, video.codecs[0].payload_type) == ("VP8", 120)
    assert video.codecs[0].rtx_payload_type == 124
    assert [media.port for media in description.media] == [9, 9, 9]
    assert description.bundle == ("0", "1", "2")


DATA_LINE = "m=application 9 UDP/DTLS/SCTP webrtc-datachannel"


@pytest.mark.parametrize(
    ("said", "instead"),
    [
        (DATA_LINE, "m=application 9 DTLS/SCTP 5000"),
        (DATA_LINE, "m=application 9 UDP/DTLS/SCTP webrtc-datachannel other"),
        (DATA_LINE, "m=application 9 UDP/DTLS/SCTP"),
        (DATA_LINE, "m=application 9 TCP/DTLS/SCTP webrtc-datachannel"),
        ("a=sctp-port:5000", "a=sctp-port:0"),
        ("a=sctp-port:5000", "a=sctpmap:5000 webrtc-datachannel 1024"),
        ("BUNDLE 0 1 2", "BUNDLE 0 1"),
    ],
)
def test_other_data_channels_than_those_of_browsers_are_rejected(said: str, instead: str) -> None:
    text = SAMPLES["chromium156_audio_video_datachannel"]
    assert said in text
    description, _ = answer(parse(text.replace(said, instead)), LOCAL, {"0": Receive()})
    assert [media.port for media in description.media] == [9, 0, 0]


@pytest.mark.parametrize("value", ["x", "-1", "70000", "5000 5001", "²"])
def test_an_sctp_port_that_is_none_is_refused(value: str) -> None:
    text = SAMPLES["chromium156_audio_video_datachannel"]
    with pytest.raises(ProtocolError):
        parse(text.replace("a=sctp-port:5000", f"a=sctp-port:{value}"))


def test_of_two_lines_of_data_channels_the_second_is_rejected() -> None:
    text = SAMPLES["chromium156_audio_video_datachannel"].replace("\r\n", "\n")
    line = text[text.index("m=application") :]
    twice = text.replace("BUNDLE 0 1 2", "BUNDLE 0 1 2 3") + line.replace("a=mid:2", "a=mid:3")
    description, _ = answer(parse(twice), LOCAL, {})
    assert [(media.mid, media.port) for media in description.media][2:] == [("2", 9), ("3", 0)]
    assert "3" not in description.bundle


def test_the_line_of_data_channels_can_stand_for_the_transport() -> None:
    _, description, negotiated = answered("chromium156_datachannel")
    assert description.bundle == ("0",)
    assert description.media[0].candidates
    assert negotiated == {}


def test_simulcast_is_taken_in_the_grammar_of_the_offer() -> None:
    for name in ("chromium156_simulcast_vp8_3", "firefox153_simulcast_vp8_3"):
        _, description, negotiated = answered(name)
        video = next(media for media in negotiated.values() if media.kind == "video")
        assert len(video.rids) == 3
        line = "a=simulcast:recv " + ";".join(video.rids)
        assert line in write(description)
        for rid in video.rids:
            assert f"a=rid:{rid} recv\r\n" in write(description)


def test_each_slot_is_told_apart() -> None:
    offer, description, negotiated = answered("chromium156_recvonly_8_video")
    assert slot_mids(offer) == [("0", "1")]  # one sound, eight pictures: one pair
    sent = [media for media in description.media if media.direction == "sendonly"]
    assert [media.mid for media in sent] == ["0", "1"]
    assert sent[1].msid == ("slot-0", "1")
    assert "a=ssrc-group:FID 1001 1006\r\n" in write(description)
    assert negotiated["1"].direction == "send"


def test_an_m_line_without_a_plan_is_rejected_and_an_inactive_one_stays() -> None:
    text = SAMPLES["chromium156_audio_video"]
    offer = parse(text)
    description, negotiated = answer(offer, LOCAL, {"0": Receive(), "1": Reject()})
    assert [media.port for media in description.media] == [9, 0]
    assert list(negotiated) == ["0"]
    inactive = parse(text.replace("a=sendrecv", "a=inactive"))
    description, negotiated = answer(inactive, LOCAL, {})
    assert [(media.port, media.direction) for media in description.media] == [
        (9, "inactive"),
        (9, "inactive"),
    ]
    assert negotiated == {}


def test_a_stopped_m_line_stays_stopped_and_can_be_used_again() -> None:
    text = SAMPLES["chromium156_audio_video"].replace("m=video 9 ", "m=video 0 ")
    stopped = parse(text.replace("a=group:BUNDLE 0 1", "a=group:BUNDLE 0"))
    description, negotiated = answer(stopped, LOCAL, {"0": Receive(), "1": Receive()})
    assert [media.port for media in description.media] == [9, 0]
    assert description.bundle == ("0",)
    again = parse(
        SAMPLES["chromium156_audio_video"].replace("a=mid:1", "a=mid:7").replace("0 1\n", "0 7\n")
    )
    _, negotiated = answer(again, LOCAL, {"0": Receive(), "7": Receive()})
    assert set(negotiated) == {"0", "7"}


def edited(name: str, *changes: tuple[str, str]) -> SessionDescription:
    text = SAMPLES[name]
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    return parse(text)


def test_the_m_line_that_stands_for_the_transport_is_not_rejected_but_inactive() -> None:
    offer = edited("chromium156_audio_video")
    description, negotiated = answer(offer, LOCAL, {"1": Receive()})
    tag = description.media[0]
    assert (tag.port, tag.direction) == (9, "inactive")
    assert [codec.name for codec in tag.codecs][:1] == ["opus"]
    assert tag.candidates
    assert tag.ufrag == LOCAL.ufrag
    assert description.bundle == ("0", "1")
    assert set(negotiated) == {"1"}


def test_it_stays_even_with_codecs_we_do_not_have() -> None:
    offer = edited("chromium156_audio_video", ("opus/48000", "speex/48000"))
    description, negotiated = answer(offer, LOCAL, {"0": Receive(), "1": Receive()})
    tag = description.media[0]
    assert (tag.port, tag.direction) == (9, "inactive")
    assert [codec.payload_type for codec in tag.codecs] == [
        codec.payload_type for codec in offer.media[0].codecs
    ]
    assert set(negotiated) == {"1"}


def test_the_first_of_the_bundle_group_carries_the_candidates() -> None:
    offer = edited("chromium156_audio_video", ("BUNDLE 0 1", "BUNDLE 1 0"))
    description, _ = answer(offer, LOCAL, plans(offer))
    assert description.bundle == ("1", "0")
    assert [bool(media.candidates) for media in description.media] == [False, True]
    assert write(description).count("a=end-of-candidates\r\n") == 1


def test_an_m_line_outside_the_bundle_group_is_rejected() -> None:
    offer = edited("chromium156_audio_video", ("BUNDLE 0 1", "BUNDLE 0"))
    description, negotiated = answer(offer, LOCAL, plans(offer))
    assert [media.port for media in description.media] == [9, 0]
    assert set(negotiated) == {"0"}


def test_a_plan_against_the_direction_of_the_offer_rejects_the_m_line() -> None:
    offer = edited("chromium156_audio_video", ("a=sendrecv", "a=sendonly"))
    send = Send(1, 2, "sfu", "s", "t")
    description, _ = answer(offer, LOCAL, {"0": Receive(), "1": send})
    assert [media.port for media in description.media] == [9, 0]
    slots = edited("chromium156_recvonly_audio_video")
    description, _ = answer(slots, LOCAL, {"0": send, "1": Receive()})
    assert [media.port for media in description.media] == [9, 0]


def test_a_slot_names_its_stream_and_both_of_its_ssrcs() -> None:
    offer = edited("chromium156_recvonly_audio_video")
    plan = Send(11, 12, "sfu", "stream", "track")
    text = write(answer(offer, LOCAL, {"0": Send(9, 10, "sfu", "stream", "a"), "1": plan})[0])
    audio, video = text.split("m=")[1:]
    assert "a=msid:stream a\r\n" in audio
    assert "a=ssrc:9 cname:sfu\r\n" in audio
    assert "ssrc-group" not in audio  # nothing repairs sound
    assert "a=ssrc:10 " not in audio
    for ssrc in (11, 12):
        assert f"a=ssrc:{ssrc} cname:sfu\r\n" in video
        assert f"a=ssrc:{ssrc} msid:stream track\r\n" in video
    assert "a=ssrc-group:FID 11 12\r\n" in video


def sent_in(offer: SessionDescription) -> tuple[NegotiatedMedia, NegotiatedMedia]:
    """What the sound and the picture of a slot come to."""
    _, negotiated = answer(offer, LOCAL, {mid: Send(1, 2, "sfu", "s", mid) for mid in ("0", "1")})
    return negotiated["0"], negotiated["1"]


@pytest.mark.parametrize(
    "name", ["chromium156_recvonly_audio_video", "firefox153_recvonly_audio_video"]
)
def test_the_bandwidth_of_a_subscriber_is_estimated_from_its_video_only(name: str) -> None:
    audio, video = sent_in(edited(name))
    for codec in video.codecs:
        assert "transport-cc" in codec.feedback
        assert "goog-remb" not in codec.feedback
    assert {extensions.TRANSPORT_CC, extensions.ABS_SEND_TIME} <= set(video.extensions)
    assert "transport-cc" not in audio.codecs[0].feedback
    assert not {extensions.TRANSPORT_CC, extensions.ABS_SEND_TIME} & set(audio.extensions)
    assert extensions.AUDIO_LEVEL in audio.extensions


def test_where_one_codec_has_no_rtx_the_bandwidth_is_not_estimated() -> None:
    without = edited("chromium156_recvonly_audio_video", ("a=fmtp:97 apt=96", "a=fmtp:97 x=y"))
    _, video = sent_in(without)
    assert [codec.rtx_payload_type for codec in video.codecs][:1] == [None]
    for codec in video.codecs:
        assert codec.feedback == ("ccm fir", "nack", "nack pli")
    assert not {extensions.TRANSPORT_CC, extensions.ABS_SEND_TIME} & set(video.extensions)


def test_goog_remb_is_for_browsers_without_transport_cc() -> None:
    old = edited("chromium156_recvonly_audio_video", (" transport-cc\n", " x\n"))
    audio, video = sent_in(old)
    assert "goog-remb" in video.codecs[0].feedback
    assert extensions.ABS_SEND_TIME in video.extensions
    assert "goog-remb" not in audio.codecs[0].feedback
    _, negotiated = answer(old, LOCAL, {"1": Receive()})
    assert all("goog-remb" not in media.codecs[0].feedback for media in negotiated.values())


def test_the_dependency_descriptor_is_taken_both_ways() -> None:
    _, _, negotiated = answered("chromium156_vp9_svc_l3t3_key")
    assert negotiated["1"].extensions[extensions.DEPENDENCY_DESCRIPTOR] == 12
    asked = ("a=mid:1\n", f"a=mid:1\na=extmap:12 {extensions.DEPENDENCY_DESCRIPTOR}\n")
    _, video = sent_in(edited("chromium156_recvonly_audio_video", asked))
    assert video.extensions[extensions.DEPENDENCY_DESCRIPTOR] == 12


def test_red_comes_behind_opus_and_keeps_what_it_says_about_its_blocks() -> None:
    for name in ("chromium156_audio_red_first", "chromium156_audio_video"):
        _, description, negotiated = answered(name)
        opus, red = negotiated["0"].codecs[:2]
        assert (opus.payload_type, red.payload_type) == (111, 63)
        text = write(description)
        assert "a=rtpmap:63 red/48000/2\r\n" in text
        assert "a=fmtp:63 111/111\r\n" in text
        assert "a=fmtp:111 minptime=10;useinbandfec=1\r\n" in text


def test_nack_is_granted_for_sound_when_the_browser_wants_it() -> None:
    wish = ("a=rtcp-fb:111 transport-cc", "a=rtcp-fb:111 nack")
    audio, _ = sent_in(edited("chromium156_recvonly_audio_video", wish))
    assert audio.codecs[0].feedback == ("nack",)
    _, negotiated = answer(edited("chromium156_audio_video", wish), LOCAL, {"0": Receive()})
    assert negotiated["0"].codecs[0].feedback == ("nack",)


def test_an_extension_that_may_travel_one_way_is_answered_the_other_way_round() -> None:
    offer = parse(SAMPLES["firefox153_simulcast_vp8_3"])
    directions = {extension.uri: extension.direction for extension in offer.media[1].extensions}
    assert directions[extensions.RID] == "sendonly"
    assert directions[extensions.PLAYOUT_DELAY] == "recvonly"
    description, negotiated = answer(offer, LOCAL, plans(offer))
    ours = {extension.uri: extension.direction for extension in description.media[1].extensions}
    assert ours[extensions.RID] == "recvonly"
    assert ours[extensions.MID] == ""
    assert extensions.PLAYOUT_DELAY not in ours  # we would have to send it, but we receive
    assert extensions.PLAYOUT_DELAY not in negotiated["1"].extensions


def test_simulcast_ssrcs_of_firefox_are_paired_with_their_repairs() -> None:
    _, _, negotiated = answered("firefox153_simulcast_vp8_3")
    assert negotiated["1"].ssrcs == (2040919496, 2968461998, 4057443263)
    assert negotiated["1"].rtx_ssrcs == {
        2040919496: 1812676684,
        2968461998: 54564173,
        4057443263: 3704191914,
    }
    assert negotiated["1"].rids == ("q", "h", "f")


def test_candidates_over_tcp_come_behind_all_others() -> None:
    local = replace(LOCAL, tcp=True)
    offer = parse(SAMPLES["chromium156_audio_only"])
    description, _ = answer(offer, local, {"0": Receive()})
    candidates = [line.split() for line in description.media[0].candidates]
    assert [words[2] for words in candidates] == ["udp", "udp", "tcp", "tcp"]
    assert [(words[4], int(words[5])) for words in candidates] == [*LOCAL.candidates] * 2
    assert [words[6:] for words in candidates[2:]] == [["typ", "host", "tcptype", "passive"]] * 2
    priorities = [int(words[3]) for words in candidates]
    assert priorities == sorted(set(priorities), reverse=True)
    assert priorities[2] == 90 << 24 | (4 << 13 | 0x1FFF) << 8 | 255  # RFC 6544 section 4.2
    assert len({words[0] for words in candidates}) == 4


def test_a_candidate_that_is_no_address_is_our_own_mistake() -> None:
    local = replace(LOCAL, candidates=(("example.org", 1),))
    with pytest.raises(ValueError, match=r"example\.org"):
        answer(parse(SAMPLES["chromium156_audio_only"]), local, {"0": Receive()})


lines = st.sampled_from(
    [line for text in SAMPLES.values() for line in text.splitlines() if len(line) < 200]
)


@given(st.one_of(st.text(max_size=300), st.lists(lines, max_size=40).map("\n".join)))
def test_what_can_be_read_can_be_answered(text: str) -> None:
    with contextlib.suppress(ProtocolError):
        offer = parse(text)
        description, _ = answer(offer, LOCAL, plans(offer))
        assert len(description.media) == len(offer.media)
        parse(write(description))
