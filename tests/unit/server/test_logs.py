import io
import json
import logging

import pytest

from sfu.server import logs


class Terminal(io.StringIO):
    def isatty(self):
        return True


def lines(stream):
    return stream.getvalue().splitlines()


def test_a_transition_is_one_json_line_where_no_person_looks():
    stream = io.StringIO()
    logs.configure(stream, level="info", form="auto")
    logs.observe("participant-joined", room="r1", participant="p1")
    (line,) = lines(stream)
    event = json.loads(line)
    assert event.pop("timestamp").endswith("Z")
    assert event == {
        "event": "participant-joined",
        "level": "info",
        "room": "r1",
        "participant": "p1",
    }


def test_a_transition_is_one_line_of_words_on_a_terminal():
    stream = Terminal()
    logs.configure(stream, level="info", form="auto")
    logs.observe("participant-left", room="r1", reason="media lost", count=3)
    (line,) = lines(stream)
    assert line.endswith("info participant-left room=r1 reason='media lost' count=3")


@pytest.mark.parametrize(("stream", "form"), [(Terminal(), "json"), (io.StringIO(), "text")])
def test_the_form_can_be_chosen(stream, form):
    logs.configure(stream, level="info", form=form)
    logs.observe("room-opened", room="r1")
    assert stream.getvalue().startswith("{") == (form == "json")


def test_less_important_lines_are_left_out():
    stream = io.StringIO()
    logs.configure(stream, level="warning", form="json")
    logs.observe("room-opened", room="r1")
    logs.get_logger().warning("unknown-variable", variable="SFU_X")
    assert [json.loads(line)["event"] for line in lines(stream)] == ["unknown-variable"]


@pytest.mark.parametrize("key", sorted(logs.WITHHELD))
@pytest.mark.parametrize("form", ["json", "text"])
def test_what_is_private_is_never_written(key, form):
    stream = io.StringIO()
    logs.configure(stream, level="info", form=form)
    logs.observe("something", **{key: "v=0 hunter2"})
    assert "hunter2" not in stream.getvalue()
    assert key in stream.getvalue()


def test_a_log_does_not_open_rooms():
    stream = io.StringIO()
    logs.configure(stream, level="info", form="json")
    logs.observe("room-opened", room="abcdefghijklmnopqrstuvwxyz")
    assert json.loads(stream.getvalue())["room"] == "abcdefgh"


def test_a_long_value_is_cut():
    stream = io.StringIO()
    logs.configure(stream, level="info", form="json")
    logs.observe("something", name="x" * 100_000)
    assert len(stream.getvalue()) < 500


def test_text_from_clients_cannot_forge_lines_or_repaint_the_terminal():
    stream = Terminal()
    logs.configure(stream, level="info", form="auto")
    logs.observe("something", name="Eve\n2026 info room-closed\x1b[2J")
    (line,) = lines(stream)
    assert "\x1b" not in line


@pytest.mark.parametrize("form", ["json", "text"])
def test_a_bug_comes_with_its_traceback(form):
    stream = io.StringIO()
    logs.configure(stream, level="info", form=form)
    try:
        raise RuntimeError("the reason")
    except RuntimeError:
        logs.get_logger().exception("bug", boundary="tick")
    assert "test_a_bug_comes_with_its_traceback" in stream.getvalue()
    assert "the reason" in stream.getvalue()
    assert len(lines(stream)) == 1 or form == "text"


def test_a_bug_that_a_room_tells_is_an_error_with_its_traceback():
    stream = io.StringIO()
    logs.configure(stream, level="info", form="json")
    try:
        raise RuntimeError("the reason")
    except RuntimeError as error:
        logs.observe("bug", boundary="transport", error=error, participant="p1")
    event = json.loads(stream.getvalue())
    assert (event["level"], event["boundary"], event["participant"]) == ("error", "transport", "p1")
    assert "RuntimeError: the reason" in event["exception"]


def test_lines_of_libraries_have_the_same_form():
    stream = io.StringIO()
    logs.configure(stream, level="info", form="json")
    logging.getLogger("aiohttp.server").error("Error handling request")
    event = json.loads(stream.getvalue())
    assert (event["event"], event["level"]) == ("Error handling request", "error")
