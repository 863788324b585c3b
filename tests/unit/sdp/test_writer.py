"""The text of a description: its order, its line ends, and that nothing of the value is lost."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from sfu.sdp.description import (
    Codec,
    Fingerprint,
    HeaderExtension,
    MediaDescription,
    Rid,
    SessionDescription,
    SsrcGroup,
)
from sfu.sdp.parser import parse
from sfu.sdp.writer import write

words = st.text("abcdefghijklmnopqrstuvwxyz0123456789-_", min_size=1, max_size=12)
ice = st.text("abcdefABCDEF0123456789+/", min_size=22, max_size=40)
ssrcs = st.integers(0, 0xFFFFFFFF)
directions = st.sampled_from(["sendrecv", "sendonly", "recvonly", "inactive"])
some_words = st.lists(words, max_size=3, unique=True).map(tuple)
fingerprints = st.builds(
    Fingerprint,
    algorithm=st.sampled_from(["sha-256", "sha-384", "sha-512"]),
    value=st.binary(min_size=32, max_size=64).map(lambda value: value.hex(":").upper()),
)
codecs = st.builds(
    Codec,
    payload_type=st.integers(0, 127),
    name=words,
    clock_rate=st.integers(1, 1_000_000),
    channels=st.integers(1, 255),
    parameters=st.dictionaries(st.just("") | words, words, max_size=4),
    feedback=some_words,
)
extensions = st.builds(
    HeaderExtension, id=st.integers(1, 255), uri=words, direction=st.just("") | directions
)


@st.composite
def media_descriptions(draw: st.DrawFn, mid: str) -> MediaDescription:
    listed = draw(st.lists(codecs, max_size=4, unique_by=lambda codec: codec.payload_type))
    return MediaDescription(
        kind=draw(st.sampled_from(["audio", "video", "application"])),
        mid=mid,
        port=draw(st.sampled_from([0, 9, 65535])),
        protocol="UDP/TLS/RTP/SAVPF",
        formats=tuple(str(codec.payload_type) for codec in listed),
        direction=draw(directions),
        codecs=tuple(listed),
        extensions=tuple(draw(st.lists(extensions, max_size=3))),
        ufrag=draw(st.just("") | ice),
        pwd=draw(st.just("") | ice),
        fingerprints=tuple(draw(st.lists(fingerprints, max_size=2))),
        setup=draw(st.sampled_from(["", "actpass", "active", "passive", "holdconn"])),
        ssrcs=draw(st.dictionaries(ssrcs, st.dictionaries(words, words, max_size=2), max_size=3)),
        ssrc_groups=tuple(
            draw(
                st.lists(
                    st.builds(SsrcGroup, words, st.lists(ssrcs, max_size=3).map(tuple)), max_size=2
                )
            )
        ),
        msid=draw(st.none() | st.tuples(words, st.just("") | words)),
        rids=tuple(
            draw(
                st.lists(
                    st.builds(Rid, words, st.sampled_from(["send", "recv"]), st.just("") | words),
                    max_size=3,
                )
            )
        ),
        simulcast_send=draw(some_words),
        simulcast_receive=draw(some_words),
        rtcp_mux=draw(st.booleans()),
        rtcp_rsize=draw(st.booleans()),
        extmap_allow_mixed=draw(st.booleans()),
        bundle_only=draw(st.booleans()),
        sctp_port=draw(st.none() | st.integers(0, 65535)),
        max_message_size=draw(st.none() | st.integers(0, (1 << 64) - 1)),
    )


@st.composite
def descriptions(draw: st.DrawFn) -> SessionDescription:
    mids = draw(st.lists(words, max_size=3, unique=True))
    return SessionDescription(
        media=tuple(draw(media_descriptions(mid)) for mid in mids),
        bundle=tuple(mids),
        session_id=draw(st.integers(0, (1 << 64) - 1)),
        session_version=draw(st.integers(0, (1 << 64) - 1)),
        ice_lite=draw(st.booleans()),
        extmap_allow_mixed=draw(st.booleans()),
    )


@given(descriptions())
def test_what_is_written_reads_the_same(description: SessionDescription) -> None:
    assert parse(write(description)) == description


def test_an_answer_in_full() -> None:
    media = MediaDescription(
        kind="video",
        mid="1",
        formats=("96", "97"),
        direction="sendonly",
        codecs=(
            Codec(96, "VP8", 90000, feedback=("nack", "nack pli")),
            Codec(97, "rtx", 90000, parameters={"apt": "96"}),
        ),
        extensions=(HeaderExtension(4, "urn:x"), HeaderExtension(5, "urn:y", "recvonly")),
        ufrag="user",
        pwd="p" * 22,
        fingerprints=(Fingerprint("sha-256", "AB:CD"),),
        setup="passive",
        ssrcs={1: {"cname": "sfu"}},
        ssrc_groups=(SsrcGroup("FID", (1, 2)),),
        msid=("stream", "track"),
        rids=(Rid("q", "recv"),),
        simulcast_receive=("q",),
        rtcp_mux=True,
        rtcp_rsize=True,
        candidates=("1 1 udp 2130706431 192.0.2.9 8081 typ host",),
    )
    description = SessionDescription(
        media=(media,), bundle=("1",), session_id=7, session_version=3, ice_lite=True
    )
    assert write(description).split("\r\n") == [
        "v=0",
        "o=- 7 3 IN IP4 0.0.0.0",
        "s=-",
        "t=0 0",
        "a=ice-lite",
        "a=group:BUNDLE 1",
        "a=msid-semantic: WMS *",
        "m=video 9 UDP/TLS/RTP/SAVPF 96 97",
        "c=IN IP4 0.0.0.0",
        "a=candidate:1 1 udp 2130706431 192.0.2.9 8081 typ host",
        "a=end-of-candidates",
        "a=ice-ufrag:user",
        "a=ice-pwd:" + "p" * 22,
        "a=fingerprint:sha-256 AB:CD",
        "a=setup:passive",
        "a=mid:1",
        "a=extmap:4 urn:x",
        "a=extmap:5/recvonly urn:y",
        "a=sendonly",
        "a=msid:stream track",
        "a=rtcp-mux",
        "a=rtcp-rsize",
        "a=rtpmap:96 VP8/90000",
        "a=rtcp-fb:96 nack",
        "a=rtcp-fb:96 nack pli",
        "a=rtpmap:97 rtx/90000",
        "a=fmtp:97 apt=96",
        "a=rid:q recv",
        "a=simulcast:recv q",
        "a=ssrc-group:FID 1 2",
        "a=ssrc:1 cname:sfu",
        "",
    ]
