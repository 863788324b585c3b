"""What an offer says about the transport, the sources and the slots."""

from __future__ import annotations

from pathlib import Path

import pytest

from sfu.errors import ProtocolError
from sfu.sdp.offer import max_message_size, remote_parameters, sending_mids, slot_mids
from sfu.sdp.parser import parse

SAMPLES = {
    path.stem: path.read_text()
    for path in sorted((Path(__file__).parent / "samples").glob("*.sdp"))
}


def offered(*lines: str) -> str:
    """An offer of m-lines written ``kind direction [port]``; mids count from 0."""
    text = "v=0\n"
    for mid, line in enumerate(lines):
        kind, direction, port = [*line.split(), "9"][:3]
        text += f"m={kind} {port} UDP/TLS/RTP/SAVPF 96\na=mid:{mid}\na={direction}\n"
    return text


@pytest.mark.parametrize("name", SAMPLES)
def test_every_real_offer_is_one_transport(name: str) -> None:
    remote = remote_parameters(parse(SAMPLES[name]))
    assert len(remote.pwd) >= 22
    assert remote.setup == "actpass"
    assert [fingerprint.algorithm for fingerprint in remote.fingerprints] == ["sha-256"]


def test_the_transport_is_that_of_the_first_bundled_m_line_that_lives() -> None:
    offer = parse(SAMPLES["chromium156_stopped"])
    assert offer.media[0].rejected
    assert remote_parameters(offer).ufrag == offer.media[1].ufrag


def test_of_several_fingerprints_the_weak_ones_are_left_out() -> None:
    strong = "a=fingerprint:sha-512 " + ":".join(["ab"] * 64)
    text = SAMPLES["chromium156_audio_only"].replace(
        "a=setup:", "a=fingerprint:md5 " + ":".join(["00"] * 16) + f"\n{strong}\na=setup:"
    )
    fingerprints = remote_parameters(parse(text)).fingerprints
    assert [fingerprint.algorithm for fingerprint in fingerprints] == ["sha-256", "sha-512"]
    assert fingerprints[1].value == ":".join(["AB"] * 64)


def test_the_browser_may_insist_on_being_the_dtls_client() -> None:
    text = SAMPLES["chromium156_audio_only"].replace("setup:actpass", "setup:active")
    assert remote_parameters(parse(text)).setup == "active"


def test_sources_are_what_the_browser_sends_or_could() -> None:
    offer = parse(offered("audio sendonly", "video sendrecv", "audio recvonly", "video inactive"))
    assert sending_mids(offer) == ["0", "1"]
    assert sending_mids(parse(offered("audio sendonly 0", "video sendonly"))) == ["1"]


def test_slots_are_pairs_of_sound_and_picture_in_order() -> None:
    pair = ("audio recvonly", "video recvonly")
    assert slot_mids(parse(offered(*pair, "audio sendonly", *pair))) == [("0", "1"), ("3", "4")]
    assert slot_mids(parse(offered("video recvonly", "video recvonly", "audio recvonly"))) == [
        ("2", "0")
    ]
    assert slot_mids(parse(offered("audio recvonly", "video recvonly 0", *pair))) == [("0", "3")]
    assert slot_mids(parse(offered("audio recvonly"))) == []


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
    ("line", "size"),
    [
        ("a=max-message-size:262144", 262144),
        ("a=max-message-size:1000", 1000),
        ("a=max-message-size:0", 262144),
        ("a=max-message-size:99999999", 262144),
        ("a=x", 65536),
    ],
)
def test_how_long_a_message_the_browser_takes(line: str, size: int) -> None:
    text = SAMPLES["chromium156_audio_video_datachannel"]
    assert "a=max-message-size:262144" in text
    assert max_message_size(parse(text.replace("a=max-message-size:262144", line))) == size
