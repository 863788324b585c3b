"""Everybody reads the same in the same order, and nobody reads what is not for them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sfu.errors import Refused
from sfu.room.allowance import Allowance
from sfu.room.chat import HISTORY_BYTES, HISTORY_MESSAGES, Chat, ChatMessage, SharedFile

PEOPLE = ("ann", "bob", "eve", "fay")


class Talk:
    """A chat with people in it, and what each has heard."""

    def __init__(self, *present: str) -> None:
        self.present = set(present)
        self.time = 1000.0
        self.chat = Chat(self.present, lambda: self.time)
        self.heard: dict[str, list[ChatMessage]] = {}
        for who in present:
            self.listen(who)

    def listen(self, who: str) -> None:
        self.heard[who] = []
        self.heard[who] += self.chat.listen(who, self.heard[who].append)

    def say(self, who: str, text: str, to: str | None = None, now: float = 0.0) -> None:
        self.chat.say(who, who.title(), id=f"{who}'s", text=text, to=to, now=now)

    def leave(self, who: str) -> None:
        self.present.discard(who)
        self.chat.leave(who)


words = st.tuples(
    st.sampled_from(["say", "say", "leave", "join"]),
    st.sampled_from(PEOPLE),
    st.none() | st.sampled_from(PEOPLE),
)


@given(st.lists(words, max_size=60))
def test_order_is_the_same_for_all_and_private_messages_reach_their_two(
    steps: list[tuple[str, str, str | None]],
) -> None:
    talk = Talk("ann", "bob")
    everything: dict[int, tuple[str, str | None]] = {}
    now = 0.0
    for step, who, to in steps:
        now += 1
        if step == "say" and who in talk.present and (to is None or to in talk.present):
            everything[len(everything) + 1] = (who, to)
            talk.say(who, f"message {len(everything)}", to, now)
        elif step == "leave" and who in talk.present:
            talk.leave(who)
        elif step == "join" and who not in talk.present:
            talk.present.add(who)
            talk.listen(who)
    for who in talk.present:
        numbers = [message.number for message in talk.heard[who]]
        assert numbers == sorted(set(numbers))
        assert all(message.text == f"message {message.number}" for message in talk.heard[who])
        public = [number for number, (_, to) in everything.items() if to is None]
        assert [number for number in numbers if everything[number][1] is None] == public
    for who, heard in talk.heard.items():
        assert all(m.to is None or who in (m.sender, m.to) for m in heard)


def test_a_private_message_comes_back_to_its_sender_with_the_senders_own_name_for_it() -> None:
    talk = Talk("ann", "bob", "eve")
    talk.say("ann", "psst", to="bob")
    (told,) = talk.heard["ann"]
    assert (told.id, told.sender, told.name, told.to, told.at) == (
        "ann's",
        "ann",
        "Ann",
        "bob",
        1000.0,
    )
    assert talk.heard["bob"] == [told]
    assert talk.heard["eve"] == []


def test_private_history_lasts_until_its_two_are_gone() -> None:
    talk = Talk("ann", "bob")
    talk.say("ann", "psst", to="bob")
    talk.leave("ann")
    talk.listen("bob")
    assert [message.text for message in talk.heard["bob"]] == ["psst"]
    talk.leave("bob")
    talk.present.add("bob")  # ids are never used again; what was said must not be there for them
    talk.listen("bob")
    assert talk.heard["bob"] == []


def test_history_is_bounded_in_messages_and_in_bytes() -> None:
    talk = Talk("ann")
    for turn in range(HISTORY_MESSAGES + 10):
        talk.say("ann", str(turn), now=turn)
    talk.listen("ann")
    assert [m.number for m in talk.heard["ann"]] == list(range(11, HISTORY_MESSAGES + 11))
    for turn in range(100):
        talk.say("ann", "€" * 4000, now=1000 + turn)
    talk.listen("ann")
    assert 10 < len(talk.heard["ann"]) < 30
    assert sum(len(m.text.encode()) for m in talk.heard["ann"]) <= HISTORY_BYTES


def test_who_writes_too_fast_is_refused_alone() -> None:
    talk = Talk("ann", "bob")
    for _ in range(10):
        talk.say("ann", "x")
    with pytest.raises(Refused) as refused:
        talk.say("ann", "x")
    assert refused.value.code == "too-fast"
    talk.say("bob", "x")
    talk.say("ann", "x", now=0.5)
    with pytest.raises(Refused):
        talk.say("ann", "x", now=0.6)
    assert len(talk.heard["bob"]) == 12


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("a\nb\tc", "a\nb\tc"),
        ("a\r\n\0\x1b[31mb\x7f\x85", "a\n[31mb"),
        ("<b>&amp;</b> 👩‍💻 مرحبا", "<b>&amp;</b> 👩‍💻 مرحبا"),
    ],
)
def test_text_stays_as_it_is_but_for_control_characters(text: str, kept: str) -> None:
    talk = Talk("ann")
    talk.say("ann", text)
    assert talk.heard["ann"][0].text == kept


@pytest.mark.parametrize("text", ["\0", " \n ", "\r"])
def test_a_message_of_nothing_is_refused(text: str) -> None:
    talk = Talk("ann")
    with pytest.raises(Refused) as refused:
        talk.say("ann", text)
    assert refused.value.code == "bad-message"


def test_nobody_can_be_written_to_who_is_not_there() -> None:
    talk = Talk("ann", "bob")
    talk.leave("bob")
    with pytest.raises(Refused) as refused:
        talk.say("ann", "hello", to="bob")
    assert refused.value.code == "no-such-participant"


def test_who_does_not_listen_yet_reads_it_later() -> None:
    talk = Talk("ann", "bob")
    talk.chat.unlisten("bob")
    talk.say("ann", "psst", to="bob")
    assert talk.heard["bob"] == []
    talk.listen("bob")
    assert [message.text for message in talk.heard["bob"]] == ["psst"]


def test_a_file_is_told_like_a_message() -> None:
    talk = Talk("ann", "bob", "eve")
    file = SharedFile(7, "a.png", 10, "image/png")
    talk.chat.share("ann", "Ann", id="f", file=file, to="bob")
    assert [message.file for message in talk.heard["bob"]] == [file]
    assert talk.heard["eve"] == []


@given(st.lists(st.floats(0, 10), min_size=1, max_size=50))
def test_an_allowance_gives_no_more_than_its_burst_and_its_rate(gaps: list[float]) -> None:
    allowance = Allowance(5, 2.0)
    now = taken = 0.0
    for gap in gaps:
        now += gap
        taken += allowance.take(now)
        assert taken <= 5 + 2.0 * now + 1e-6
    now += 2.5
    assert [allowance.take(now) for _ in range(5)] == [True] * 5
