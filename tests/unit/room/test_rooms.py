"""Room ids prove themselves, and cannot be guessed or forged."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sfu.config import Settings
from sfu.counters import Counters
from sfu.room.rooms import Rooms
from sfu.transport.certificate import Certificate
from sfu.transport.egress import PythonEgress
from sfu.transport.table import TransportTable


def rooms(secret: str = "") -> Rooms:
    counters = Counters()
    return Rooms(
        settings=Settings(room_secret=secret),
        counters=counters,
        egress=PythonEgress(lambda data, address: True, counters),
        certificate=Certificate.generate(),
        transports=TransportTable(counters),
        send=lambda data, address: True,
        candidates=lambda: (),
    )


ONE = rooms()


def test_ids_differ_and_are_valid_where_they_were_made() -> None:
    ids = {ONE.create_id() for _ in range(100)}
    assert len(ids) == 100
    assert all(ONE.is_valid(each) for each in ids)
    assert all(each.replace("-", "a").replace("_", "a").isalnum() for each in ids)
    assert not any(rooms().is_valid(each) for each in ids)


def test_a_shared_secret_makes_ids_valid_elsewhere() -> None:
    secret = "sixteen characters"
    assert rooms(secret).is_valid(rooms(secret).create_id())


def test_the_token_of_a_room_is_never_its_id_and_is_shared_with_the_secret() -> None:
    secret = "sixteen characters"
    room = rooms(secret).create_id()
    assert rooms(secret).host_token(room) == rooms(secret).host_token(room)
    assert rooms("another sixteen c").host_token(room) != rooms(secret).host_token(room)
    assert not rooms(secret).is_valid(rooms(secret).host_token(room))


@given(st.text(max_size=60))
def test_what_was_not_issued_is_not_valid(text: str) -> None:
    assert not ONE.is_valid(text)


@pytest.mark.parametrize("position", range(28))
def test_a_changed_character_makes_an_id_invalid(position: int) -> None:
    issued = ONE.create_id()
    changed = "A" if issued[position] != "A" else "B"
    assert not ONE.is_valid(issued[:position] + changed + issued[position + 1 :])
