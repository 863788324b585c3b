import pytest
from hypothesis import given
from hypothesis import strategies as st

from sfu.config import Settings
from sfu.errors import Refused
from sfu.media.source import Source
from sfu.room.options import MAX_NUMBER, NO_OPTIONS, PACKED_BYTES, RoomOptions, claimed, unpack
from sfu.room.permissions import Permissions
from tests.simulation.simulator import Call

numbers = st.integers(0, MAX_NUMBER)
any_options = st.builds(
    RoomOptions,
    maxParticipants=numbers,
    maxVideos=numbers,
    noScreen=st.booleans(),
    audioOnly=st.booleans(),
    lobby=st.booleans(),
)
ONE = Call(room_secret="one secret of sixteen").rooms
OTHER = Call(room_secret="another one, as long").rooms


@given(any_options)
def test_options_travel_in_the_room_id_and_nobody_else_can_write_them(options):
    id = ONE.create_id(options)
    assert ONE.options(id) == options
    assert ONE.is_valid(id)
    assert len(id) == (28 if options == NO_OPTIONS else 32)
    assert OTHER.options(id) == NO_OPTIONS
    assert not OTHER.is_valid(id)


@given(any_options, st.integers(0, 31), st.sampled_from("AZaz09-_"))
def test_a_changed_character_makes_an_id_with_options_invalid(options, place, character):
    id = ONE.create_id(options)
    forged = id[:place] + character + id[place + 1 :]
    assert forged == id or not ONE.is_valid(forged)


def test_bits_of_a_later_version_say_nothing():
    assert unpack(bytes([0xFF, 0, 0])) == RoomOptions(noScreen=True, audioOnly=True, lobby=True)
    assert len(RoomOptions().pack()) == PACKED_BYTES


def test_a_token_names_options_as_it_names_everything():
    config = {"maxParticipants": 3, "noScreen": True, "emptyTimeout": 300, "name": "standup"}
    assert claimed(config) == RoomOptions(maxParticipants=3, noScreen=True)
    assert claimed(None) == NO_OPTIONS
    assert claimed({"maxVideos": 10**9}).maxVideos == MAX_NUMBER


@pytest.mark.parametrize(
    "config",
    [
        "small",
        ["maxParticipants"],
        {"maxParticipants": "3"},
        {"maxParticipants": True},
        {"maxVideos": -1},
        {"maxVideos": 2.5},
        {"noScreen": "yes"},
        {"audioOnly": 1},
        {"lobby": None},
    ],
)
def test_options_of_the_wrong_kind_make_a_token_bad(config):
    with pytest.raises(Refused) as refused:
        claimed(config)
    assert refused.value.code == "bad-token"


def test_options_take_away_sources_and_give_none():
    everything = Permissions()
    assert NO_OPTIONS.restrict(everything) is everything
    no_screen = RoomOptions(noScreen=True).restrict(everything)
    assert no_screen.sources == {Source.MICROPHONE, Source.CAMERA}
    assert RoomOptions(audioOnly=True).restrict(everything).sources == {Source.MICROPHONE}
    camera = Permissions(sources=frozenset({Source.CAMERA}))
    assert RoomOptions(audioOnly=True).restrict(camera).sources == frozenset()


def test_the_capacity_that_can_be_asked_for_is_what_a_setting_can_be():
    assert Settings(room_capacity=MAX_NUMBER).room_capacity == MAX_NUMBER
