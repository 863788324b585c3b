"""The key of room ids outlives the process, where there is a place for it."""

import io
import os
import stat
import threading

import pytest

from sfu.config import Settings
from sfu.errors import InvalidSettings
from sfu.server import logs
from sfu.server.state import with_room_secret

NOT_SET = Settings()


@pytest.fixture
def environ(tmp_path):
    return {"XDG_STATE_HOME": str(tmp_path / "state")}


@pytest.fixture
def log():
    stream = io.StringIO()
    logs.configure(stream, level="info", form="text")
    return stream


def file_of(tmp_path):
    return tmp_path / "state" / "parley" / "room-secret"


def test_the_secret_of_the_first_start_is_that_of_all_later_ones(environ, tmp_path, log):
    settings, file = with_room_secret(NOT_SET, environ)
    assert file == file_of(tmp_path)
    assert len(settings.room_secret) >= 32
    assert with_room_secret(NOT_SET, environ) == (settings, file)
    assert log.getvalue() == ""


def test_nobody_else_may_read_it(environ, tmp_path):
    with_room_secret(NOT_SET, environ)
    assert stat.S_IMODE(file_of(tmp_path).stat().st_mode) == 0o600
    assert stat.S_IMODE(file_of(tmp_path).parent.stat().st_mode) == 0o700
    assert [each.name for each in file_of(tmp_path).parent.iterdir()] == ["room-secret"]


def test_the_log_says_when_others_can_read_it(environ, tmp_path, log):
    with_room_secret(NOT_SET, environ)
    file_of(tmp_path).chmod(0o644)
    with_room_secret(NOT_SET, environ)
    assert "room-secret-readable" in log.getvalue()


def test_a_secret_that_is_set_is_taken_and_nothing_is_written(environ, tmp_path):
    settings = Settings(room_secret="sixteen characters")
    assert with_room_secret(settings, environ) == (settings, None)
    assert not (tmp_path / "state").exists()


@pytest.mark.parametrize(
    ("environ", "place"),
    [
        ({"STATE_DIRECTORY": "{}/systemd:/other", "HOME": "{}"}, "systemd"),
        ({"XDG_STATE_HOME": "{}/xdg", "HOME": "{}"}, "xdg/parley"),
        ({"XDG_STATE_HOME": "relative", "HOME": "{}"}, ".local/state/parley"),
        ({"HOME": "{}"}, ".local/state/parley"),
    ],
)
def test_it_is_where_this_users_state_is(tmp_path, environ, place):
    with_room_secret(NOT_SET, {k: v.format(tmp_path) for k, v in environ.items()})
    assert (tmp_path / place / "room-secret").exists()


def test_without_a_place_it_stays_in_memory_and_the_log_says_so(tmp_path, log):
    (tmp_path / "file").write_text("no folder")
    for environ in ({}, {"HOME": ""}, {"XDG_STATE_HOME": str(tmp_path / "file")}):
        assert with_room_secret(NOT_SET, environ) == (NOT_SET, None)
    assert log.getvalue().count("room-secret-not-kept") == 3


@pytest.mark.parametrize("content", ["", "short\n", "control\x07characters in it"])
def test_a_file_with_something_else_in_it_is_not_overwritten(environ, tmp_path, content):
    file_of(tmp_path).parent.mkdir(parents=True)
    file_of(tmp_path).write_text(content)
    with pytest.raises(InvalidSettings, match="room-secret"):
        with_room_secret(NOT_SET, environ)
    assert file_of(tmp_path).read_text() == content


def test_servers_that_start_at_once_agree(environ):
    found = []
    starts = [
        threading.Thread(target=lambda: found.append(with_room_secret(NOT_SET, environ)[0]))
        for _ in range(8)
    ]
    for start in starts:
        start.start()
    for start in starts:
        start.join()
    assert len(found) == 8
    assert len({each.room_secret for each in found}) == 1


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_cannot_be_written_to_is_no_place(tmp_path, log):
    tmp_path.chmod(0o500)
    environ = {"XDG_STATE_HOME": str(tmp_path)}
    assert with_room_secret(NOT_SET, environ) == (NOT_SET, None)
