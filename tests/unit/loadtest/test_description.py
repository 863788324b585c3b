"""The light client's offer is one that this project's own parser takes, and it reads answers."""

from __future__ import annotations

import pytest

from loadtest.description import MID_ID, PAYLOAD_TYPES, RID_ID, Answer, offer
from loadtest.refusal import JoinFailed
from sfu.rtp.extensions import MID, RID
from sfu.sdp import parser
from sfu.sdp.answer import LocalParameters, Receive, Send, answer
from sfu.sdp.description import Fingerprint
from sfu.sdp.offer import remote_parameters, sending_mids, slot_mids
from sfu.sdp.writer import write

PRINT = ":".join(["AB"] * 32)
OFFER = {"ufrag": "abcd", "password": "p" * 24, "fingerprint": PRINT}
LOCAL = LocalParameters(
    "wxyz", "q" * 32, Fingerprint("sha-256", PRINT), (("127.0.0.1", 9), ("::1", 9)), 1, 1
)


def test_the_offer_has_the_sources_first_and_then_the_slots() -> None:
    parsed = parser.parse(offer(**OFFER, sending={"audio": 11, "video": 22}, slots=3, version=1))
    assert sending_mids(parsed) == ["0", "1"]
    assert slot_mids(parsed) == [("2", "3"), ("4", "5"), ("6", "7")]
    assert [media.ssrcs and next(iter(media.ssrcs)) for media in parsed.media[:2]] == [11, 22]
    remote = remote_parameters(parsed)
    assert (remote.ufrag, remote.pwd) == ("abcd", "p" * 24)


def test_a_later_offer_with_more_slots_keeps_the_mids() -> None:
    few, many = (
        parser.parse(offer(**OFFER, sending={"audio": 1}, slots=slots, version=slots))
        for slots in (1, 2)
    )
    kept = [(media.mid, media.kind, media.direction) for media in many.media]
    assert kept[: len(few.media)] == [(m.mid, m.kind, m.direction) for m in few.media]


def test_the_answer_tells_the_transport_and_each_stream_with_its_repair() -> None:
    offered = parser.parse(offer(**OFFER, sending={"audio": 11}, slots=1, version=1))
    plans = {
        "0": Receive(),
        "1": Send(100, 101, "c", "s", "a"),
        "2": Send(200, 201, "c", "s", "v"),
    }
    described, negotiated = answer(offered, LOCAL, plans)
    assert all(media.codecs for media in negotiated.values())
    read = Answer.parse(write(described))
    assert (read.ufrag, read.password, read.fingerprint) == ("wxyz", "q" * 32, ("sha-256", PRINT))
    assert read.candidates == [("127.0.0.1", 9), ("::1", 9)]
    assert read.streams[100] == ("1", "audio")
    assert read.streams[200] == ("2", "video")
    assert read.repairs == {201: 200}


@pytest.mark.parametrize("sdp", ["", "v=0\r\n", "m=audio 9 X 1\r\na=candidate:nonsense\r\n"])
def test_an_answer_without_a_transport_is_refused(sdp: str) -> None:
    with pytest.raises(JoinFailed) as refused:
        Answer.parse(sdp)
    assert refused.value.code == "bad-answer"


@pytest.mark.parametrize("codec", ["VP8", "H264"])
def test_simulcast_offers_its_encodings_and_one_codec_but_takes_both(codec: str) -> None:
    sending = {"audio": 11, "video": 22}
    text = offer(**OFFER, sending=sending, slots=1, version=1, codec=codec, rids=("q", "h"))
    offered = parser.parse(text)
    plans = {"1": Receive(), "3": Send(200, 201, "c", "s", "v")}
    _, negotiated = answer(offered, LOCAL, plans)
    video = negotiated["1"]
    assert video.rids == ("q", "h")
    assert [(each.name, each.payload_type) for each in video.codecs] == [
        (codec, PAYLOAD_TYPES[codec])
    ]
    assert (video.extensions[MID], video.extensions[RID]) == (MID_ID, RID_ID)
    received = {each.name: each.payload_type for each in negotiated["3"].codecs}
    assert received == {"VP8": PAYLOAD_TYPES["VP8"], "H264": PAYLOAD_TYPES["H264"]}
