"""Scenarios in TOML: what they become, and what is said about mistakes."""

from __future__ import annotations

from pathlib import Path

import pytest

from loadtest import options
from loadtest.profiles import PROFILES
from loadtest.scenario_file import EXAMPLE, parsed, read


def test_the_example_of_the_help_is_a_scenario(tmp_path: Path) -> None:
    file = tmp_path / "example.toml"
    file.write_text(EXAMPLE)
    plan, words = read(file)
    assert (plan.rooms, len(plan.seats)) == (2, 46)
    assert sum(seat.sends for seat in plan.seats) == 6
    assert {seat.network for seat in plan.seats if not seat.sends} == {PROFILES["3g"]}
    assert {seat.network for seat in plan.seats if seat.sends} == {None}
    assert (plan.guests_per_second, plan.stay, plan.tolerant) == (2.0, 5.0, True)
    assert "--simulcast" in words
    assert "--fail-if=loss>0.1%" in words
    assert [seat.number for seat in plan.seats] == list(range(46))


def test_the_command_line_goes_above_the_file_and_conditions_add_up(tmp_path: Path) -> None:
    file = tmp_path / "example.toml"
    file.write_text(EXAMPLE)
    told = options.parsed(
        ["file", str(file), "--duration", "7", "--fail-if", "dropped>0", "--fps", "15"]
    )
    assert (told.duration, told.fps, told.simulcast, told.bitrate) == (7.0, 15, True, 600e3)
    assert [each.text for each in told.fail_if] == ["latency_p99>30ms", "loss>0.1%", "dropped>0"]
    assert options.planned(told).rooms == 2


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ({}, "at least one group"),
        ({"clients": [{"cuont": 3}]}, "has no 'cuont', but count, network, sends"),
        ({"clients": [{"count": 0}]}, "count is a whole number"),
        ({"clients": [{"count": 6000}], "rooms": 2}, "more than 10000"),
        ({"clients": [{"sends": "yes"}]}, "true or false"),
        ({"clients": [{"network": "7g"}]}, "none of lan"),
        ({"clients": [{}], "guests": {"rate": -1}}, "numbers from 0"),
        ({"clients": [{}], "servers": {"a": 1}}, "[servers] is not known"),
    ],
)
def test_a_mistake_is_named(content: dict[str, object], told: str) -> None:
    with pytest.raises(ValueError, match=r".") as refused:
        parsed(content)
    assert told in str(refused.value)


def test_files_that_are_missing_or_no_toml_are_named(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="can not be read: No such file"):
        read(tmp_path / "nothing.toml")
    bad = tmp_path / "bad.toml"
    bad.write_text("rooms = = 2")
    with pytest.raises(ValueError, match=r"bad\.toml is no TOML"):
        read(bad)


def test_an_unknown_option_in_a_file_ends_the_program(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "typo.toml"
    file.write_text("duratoin = 3\n[[clients]]\n")
    with pytest.raises(SystemExit):
        options.parsed(["file", str(file)])
    assert "--duratoin" in capsys.readouterr().err
