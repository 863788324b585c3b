"""A token makes its holder a host of one room, and of no other."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sfu.errors import Refused
from sfu.room.open_admission import OpenAdmission
from sfu.room.role import Role

SECRET = b"sixteen characters"
ONE = OpenAdmission(SECRET)


def test_the_token_of_a_room_makes_a_host_of_it() -> None:
    assert ONE.permissions(ONE.host_token("room"), "room").role is Role.HOST


def test_without_a_token_everybody_is_a_member() -> None:
    assert ONE.permissions("", "room").role is Role.MEMBER


def test_a_token_outlives_a_restart_with_the_same_secret() -> None:
    assert OpenAdmission(SECRET).permissions(ONE.host_token("room"), "room").role is Role.HOST


@pytest.mark.parametrize(
    "token",
    [
        ONE.host_token("another"),
        OpenAdmission(b"another secret..").host_token("room"),
        ONE.host_token("room")[:-1],
        ONE.host_token("room") + "A",
        ONE.host_token("room").swapcase(),
        " " + ONE.host_token("room"),
        "\ud800",
    ],
)
def test_any_other_token_is_refused(token: str) -> None:
    with pytest.raises(Refused) as refused:
        ONE.permissions(token, "room")
    assert refused.value.code == "bad-token"


@given(st.text(min_size=1, max_size=80))
def test_what_was_not_issued_makes_nobody_a_host(text: str) -> None:
    with pytest.raises(Refused):
        ONE.permissions(text, "room")


@given(st.text("Aa0_-", min_size=1, max_size=64), st.text("Aa0_-", min_size=1, max_size=64))
def test_rooms_share_no_token(one: str, other: str) -> None:
    assert (ONE.host_token(one) == ONE.host_token(other)) == (one == other)
