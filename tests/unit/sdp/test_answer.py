"""Real browsers' offers, and what we make of them; hostile ones, and what we say to them."""

from __future__ import annotations

import contextlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sfu.errors import ProtocolError
from sfu.rtp import extensions
from sfu.sdp.answer import LocalParameters, NegotiatedMedia, Receive, Reject, Send, answer
from sfu.sdp.description import Fingerprint, SessionDescription
from sfu.sdp.offer import remote_parameters, sending_mids, slot_mids
from sfu.sdp.parser import MAX_CHARACTERS, parse
from sfu.sdp.writer import write

SAMPLES = {
    path.stem: path.read_text()
    for path in sorted((Path(__file__).parent / "samples").glob("*.sdp"))
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
        assert ours.direction == opposite[theirs.direction]
        assert ours.setup == "passive"
    for media in negotiated.values():
        assert media.codecs


def test_chromium_camera_and_microphone() -> None:
    _, description, negotiated = answered("chromium156_audio_video")
    audio, video = negotiated["0"], negotiated["1"]
    assert [codec.name for codec in audio.codecs] == [
        "opus",
        "telephone-event",
        "telephone-event",
    ]
    assert audio.extensions[extensions.AUDIO_LEVEL] == 1
    assert (video.codecs[0].name, video.codecs[0].payload_type) == ("VP8", 96)
    assert video.codecs[0].rtx_payload_type == 97
    assert set(video.codecs[0].feedback) == {"transport-cc", "ccm fir", "nack", "nack pli"}
    assert {codec.name for codec in video.codecs} == {"VP8", "H264"}
    assert video.extensions[extensions.TRANSPORT_CC] == 3
    assert video.ssrcs == (891384327,)
    assert video.rtx_ssrcs == {891384327: 2106148696}
    assert description.extmap_allow_mixed


def test_firefox_camera_and_microphone() -> None:
    _, description, negotiated = answered("firefox153_audio_video_datachannel")
    video = negotiated["1"]
    assert (video.codecs[0].name, video.codecs[0].payload_type) == ("VP8", 120)
    assert video.codecs[0].rtx_payload_type == 124
    assert [media.port for media in description.media] == [9, 9, 0]
    assert description.bundle == ("0", "1")


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
    assert extensions.TRANSPORT_CC not in negotiated["1"].extensions


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


def test_the_browsers_side_of_the_transport() -> None:
    remote = remote_parameters(parse(SAMPLES["chromium156_audio_video"]))
    assert (remote.ufrag, remote.pwd) == ("2upG", "oTjLXJzR46DF9Yd11y16/+7l")
    assert remote.fingerprints[0].algorithm == "sha-256"
    firefox = remote_parameters(parse(SAMPLES["firefox153_audio_video"]))
    assert len(firefox.fingerprints) == 1  # at the session level


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("a=group:BUNDLE 0 1", "a=group:LS 0 1"),
        ("a=rtcp-mux\n", "a=x\n"),
        ("a=ice-ufrag:2upG\n", ""),
        ("a=fingerprint:sha-256", "a=fingerprint:sha-1"),
        ("a=setup:actpass", "a=setup:passive"),
    ],
)
def test_an_offer_that_cannot_be_one_transport_is_refused(old: str, new: str) -> None:
    offer = parse(SAMPLES["chromium156_audio_video"].replace(old, new))
    with pytest.raises(ProtocolError) as refused:
        remote_parameters(offer)
    assert refused.value.code == "bad-sdp"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("v=1\n", "line 1"),
        ("v=0\nm=audio\n", "line 2"),
        ("v=0\nm=audio 99999 X 1\n", "line 2: the port"),
        ("v=0\nm=toast 9 X 1\n", "line 2"),
        ("v=0\no=x\n", "line 2: o= has six fields"),
        ("v=0\nnonsense\n", "line 2"),
        ("v=0\nm=audio 9 X 1\na=mid:\x7f\n", "line 3: a mid"),
        ("v=0\nm=audio 9 X 1\na=extmap:900 urn:x\n", "line 3: an extension id"),
        ("v=0\nm=audio 9 X 1\na=rtpmap:200 opus/48000\n", "line 3: a payload type"),
        ("v=0\nm=audio 9 X 1\na=fingerprint:sha-256 zz\n", "line 3"),
        ("v=0\nm=audio 9 X 1\na=mid:0\nm=audio 9 X 1\na=mid:0\n", "same mid"),
        ("v=0\n" + "a=x\n" * MAX_CHARACTERS, "at most"),
        ("v=0\n" + "m=audio 9 X 1\n" * 200, "more than 128"),
        ("v=0\nm=audio 9 X 1\n" + "".join(f"a=ssrc:{n} x:y\n" for n in range(100)), "64 SSRCs"),
    ],
)
def test_a_wrong_line_is_named(text: str, said: str) -> None:
    with pytest.raises(ProtocolError) as refused:
        parse(text)
    assert refused.value.code == "bad-sdp"
    assert said in refused.value.message


lines = st.sampled_from(
    [line for text in SAMPLES.values() for line in text.splitlines() if len(line) < 200]
)


@given(st.one_of(st.text(max_size=300), st.lists(lines, max_size=40).map("\n".join)))
def test_any_text_is_a_description_or_refused(text: str) -> None:
    with contextlib.suppress(ProtocolError):
        offer = parse(text)
        with contextlib.suppress(ProtocolError):
            remote_parameters(offer)
        description, _ = answer(offer, LOCAL, plans(offer))
        assert len(description.media) == len(offer.media)


@given(st.sampled_from(sorted(SAMPLES)), st.data())
def test_a_changed_offer_is_a_description_or_refused(name: str, data) -> None:
    text = SAMPLES[name]
    for _ in range(data.draw(st.integers(1, 5))):
        at = data.draw(st.integers(0, len(text)))
        text = (
            text[:at] + data.draw(st.text(max_size=4)) + text[at + data.draw(st.integers(0, 4)) :]
        )
    with contextlib.suppress(ProtocolError):
        offer = parse(text)
        answer(offer, LOCAL, plans(offer))
