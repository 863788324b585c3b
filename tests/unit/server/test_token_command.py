"""``sfu token create`` prints what lets somebody in."""

from __future__ import annotations

import pytest

from sfu.config import Settings, environment_name
from sfu.errors import Refused
from sfu.room.options import NO_OPTIONS, RoomOptions
from sfu.room.role import Role
from sfu.room.token_admission import TokenAdmission
from sfu.room.token_keys import TokenKeys
from sfu.server import cli
from sfu.server.cli import main

KEYS = "k1:" + "a" * 32 + ",k2:" + "b" * 32
NOW = 1_800_000_000.0
WHO = ["--room", "standup", "--identity", "ann"]


@pytest.fixture(autouse=True)
def no_settings_from_outside(monkeypatch):
    for name in [*Settings.__struct_fields__, "config"]:
        monkeypatch.delenv(environment_name(name), raising=False)
    monkeypatch.setenv("SFU_API_KEYS", KEYS)
    monkeypatch.setattr(cli.time, "time", lambda: NOW)


@pytest.fixture
def made(capsys):
    """Makes a token: what it allows at ``now``, and the link."""

    def made(*arguments, now=NOW):
        assert main(["token", "create", *WHO, *arguments]) == 0
        token, link = capsys.readouterr().out.splitlines()
        assert link.endswith(f"/r/standup#token={token}")
        admission = TokenAdmission(TokenKeys(KEYS.split(",")), lambda: now)
        return admission.permissions(token, "standup"), link

    return made


def test_a_token_lets_in_whom_it_names(made) -> None:
    found, link = made("--name=Ann")
    assert (found.identity, found.name, found.role) == ("ann", "Ann", Role.MEMBER)
    assert found.sources
    assert link.startswith("http://localhost:8080/")


@pytest.mark.parametrize("url", ["https://call.example.org", "https://call.example.org/"])
def test_the_link_leads_to_where_the_page_is_for_everybody(made, url) -> None:
    assert made("--url", url)[1].startswith("https://call.example.org/r/standup#token=")


def test_flags_say_who_may_do_what(made) -> None:
    assert made("--host")[0].role is Role.HOST
    viewer = made("--viewer")[0]
    assert (viewer.role, viewer.sources) == (Role.VIEWER, frozenset())
    assert made("--hidden")[0].hidden


def test_a_token_is_good_for_as_many_hours_as_it_says(made) -> None:
    assert made("--hours", "2", now=NOW + 7199)
    for arguments, seconds in ((["--hours=2"], 7200), ([], 6 * 3600)):
        with pytest.raises(Refused):
            made(*arguments, now=NOW + seconds)


def test_the_link_is_that_of_the_settings(made) -> None:
    link = made("--http-port=9000", "--tls-certificate=c", "--tls-key=k")[1]
    assert link.startswith("https://localhost:9000/r/standup#token=")


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["--identity=ann"], "--room is missing"),
        (["--room=r"], "--identity is missing"),
        ([*WHO, "--room=a b"], "--room cannot be"),
        ([*WHO, "--identity="], "--identity cannot be"),
        ([*WHO, "--name=" + "x" * 65], "--name cannot be"),
        ([*WHO, "--hours=0"], "--hours cannot be"),
        ([*WHO, "--hours=nan"], "--hours cannot be"),
        ([*WHO, "--hours=long"], "--hours cannot be"),
        ([*WHO, "--name"], "--name needs a value"),
        ([*WHO, "--nonsense"], "--nonsense"),
    ],
)
def test_a_mistake_is_named(capsys, arguments, named) -> None:
    assert main(["token", "create", *arguments]) == 2
    assert named in capsys.readouterr().err


def test_without_a_key_there_is_nothing_to_sign_with(capsys, monkeypatch) -> None:
    monkeypatch.delenv("SFU_API_KEYS")
    assert main(["token", "create", *WHO]) == 2
    assert "api_keys is not set" in capsys.readouterr().err


@pytest.mark.parametrize("keys", ["k1:short", "noid", ":" + "a" * 32, "a b:" + "a" * 32])
def test_a_wrong_key_is_never_shown(capsys, monkeypatch, keys) -> None:
    monkeypatch.setenv("SFU_API_KEYS", keys)
    assert main(["token", "create", *WHO]) == 2
    said = capsys.readouterr().err
    assert "api_keys cannot be (not shown)" in said
    assert keys not in said


def test_the_command_is_explained(capsys) -> None:
    assert main(["token", "create", "--help"]) == 0
    assert "--identity ID" in capsys.readouterr().out
    assert main(["token"]) == 2
    assert "Usage: sfu token create" in capsys.readouterr().err


def test_flags_say_what_a_room_is_for_that_the_token_opens(made, capsys) -> None:
    assert made()[0].options == NO_OPTIONS
    flags = ["--max-participants=5", "--max-videos", "2", "--no-screen", "--lobby"]
    asked = RoomOptions(maxParticipants=5, maxVideos=2, noScreen=True, lobby=True)
    assert made(*flags)[0].options == asked
    assert made("--audio-only")[0].options == RoomOptions(audioOnly=True)
    for wrong in ("--max-videos=-1", "--max-participants=201", "--max-videos=two"):
        assert main(["token", "create", *WHO, wrong]) == 2
        assert "whole number up to 200" in capsys.readouterr().err
