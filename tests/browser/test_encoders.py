"""A sender without a processor excuses the server; nothing else does."""

from __future__ import annotations

from typing import Any

import pytest
from conftest import session_fixture
from encoders import Encoders
from page import CallPage

HEIGHTS = {"q": 180, "h": 360, "f": 720}


class Sender(CallPage):
    """A page that says what it encodes; ``frames`` are so many that they are enough at any pace."""

    def __init__(self) -> None:
        self.frames = dict.fromkeys(HEIGHTS, 0)
        self.active = dict.fromkeys(HEIGHTS, True)
        self.limited_by = "none"

    async def stats(self, kind: str) -> list[dict[str, Any]]:
        return [
            {
                "type": kind,
                "kind": "video",
                "rid": rid,
                "active": self.active[rid],
                "frameHeight": height,
                "framesEncoded": self.frames[rid],
                "qualityLimitationReason": self.limited_by,
            }
            for rid, height in HEIGHTS.items()
        ]

    def encode(self, rids: str) -> None:
        for rid in rids:
            self.frames[rid] += 100_000


@pytest.fixture
def sender() -> Sender:
    return Sender()


@session_fixture
async def encoders(sender: Sender) -> Encoders:
    encoders = Encoders(sender)
    await encoders.begin()
    return encoders


async def test_what_is_to_be_sent_and_is_not_encoded_is_starved(sender, encoders) -> None:
    sender.active["f"] = False
    assert await encoders.starved()
    sender.encode("q")
    assert not await encoders.starved()
    assert not await encoders.starved(top=True), "the server has it told not to send the top layer"


async def test_the_server_is_not_excused_when_it_lets_nothing_be_sent(sender, encoders) -> None:
    sender.active = dict.fromkeys(HEIGHTS, False)
    assert not await encoders.starved()
    assert not await encoders.starved(top=True)


async def test_a_top_layer_that_is_not_encoded_or_made_smaller_is_starved(sender, encoders) -> None:
    sender.encode("qh")
    assert not await encoders.starved()
    assert await encoders.starved(top=True)
    sender.encode("f")
    assert not await encoders.starved(top=True)
    sender.limited_by = "cpu"
    assert await encoders.starved(top=True)


@pytest.mark.parametrize(
    ("limited_by", "outcome"),
    [("bandwidth", pytest.fail.Exception), ("cpu", pytest.skip.Exception)],
)
async def test_in_the_end_a_narrow_way_to_the_server_is_its_fault(
    sender, encoders, monkeypatch, limited_by, outcome
) -> None:
    monkeypatch.setattr(encoders, "_patience", 0.0)
    sender.limited_by = limited_by
    with pytest.raises(outcome, match=r"q: 180 lines, 0\.0 fps"):
        await encoders.recover()
