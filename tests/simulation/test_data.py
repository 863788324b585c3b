"""Chat and files in a room of four, in virtual time."""

from __future__ import annotations

from random import Random

from tests.simulation.data_line import DataLine
from tests.simulation.simulator import Call


def room_of_four() -> tuple[Call, list[DataLine]]:
    call = Call()
    browsers = [call.browser(name, sends=False) for name in ("ann", "bob", "eve", "fay")]
    call.run(1.0)
    return call, [DataLine(call, browser) for browser in browsers]


def test_four_who_all_talk_at_once_read_the_same() -> None:
    call, lines = room_of_four()
    random = Random(1)
    for turn in range(20):
        for line in random.sample(lines, 4):
            line.write(f"{line.you} {turn}", to=random.choice([None, None, lines[0].you]))
        call.run(1.0)
    everything = lines[0].said  # the public messages and those to Ann: all
    assert [message["number"] for message in everything] == list(range(1, 81))
    for line in lines[1:]:
        mine = [m for m in everything if m["to"] is None or line.you == m["sender"]]
        assert [m["number"] for m in line.said] == [m["number"] for m in mine]


def test_a_late_joiner_reads_all_that_is_public() -> None:
    call, lines = room_of_four()
    lines[0].write("for all")
    lines[0].write("for bob", to=lines[1].you)
    call.run(1.0)
    late = call.browser("late", sends=False)
    call.run(1.0)
    line = DataLine(call, late)
    call.run(1.0)
    assert [m["text"] for m in line.said] == ["for all"]


def test_a_file_reaches_three_at_their_own_speeds_while_they_talk() -> None:
    call, lines = room_of_four()
    ann, *others = lines
    content = Random(2).randbytes(2_000_000)
    ann.tell("files", type="send-file", id="f", name="a.bin", size=len(content))
    call.run(0.1)
    number = ann.answer("file-accepted")["number"]
    ann.upload(number, content)
    call.run(0.1)
    assert all(line.said[-1]["file"]["number"] == number for line in lines)
    for line, rate in zip(others, (5_000_000, 500_000, 100_000), strict=True):
        line.rate = rate
        line.tell("files", type="fetch-file", number=number)
    call.run(0.2)
    ann.write("meanwhile")
    call.run(1.0)
    assert all(line.said[-1]["text"] == "meanwhile" for line in others)
    assert [len(line.contents[number]) == len(content) for line in others] == [True, False, False]
    call.run(20.0)
    assert all(line.contents[number] == content for line in others)
    assert max(line.most_waiting for line in others) < 64 * 1024
    assert call.counters.file_bytes_out == 3 * len(content)


def test_who_leaves_takes_an_unfinished_upload_along() -> None:
    call, lines = room_of_four()
    ann, bob = lines[:2]
    ann.tell("files", type="send-file", id="f", name="a.bin", size=100_000)
    call.run(0.1)
    number = ann.answer("file-accepted")["number"]
    ann.piece(number, bytes(10_000))
    call.run(0.1)
    assert call.rooms.file_space.used == 10_000
    call.browsers[0].say(type="leave")
    call.run(0.1)
    assert call.rooms.file_space.used == 0
    bob.tell("files", type="fetch-file", number=number)
    call.run(0.1)
    assert bob.answer("file-gone")["code"] == "no-such-file"


def test_the_room_takes_its_files_along() -> None:
    call, lines = room_of_four()
    ann = lines[0]
    ann.tell("files", type="send-file", id="f", name="a.bin", size=10_000)
    call.run(0.1)
    ann.piece(ann.answer("file-accepted")["number"], bytes(10_000))
    call.run(0.1)
    for browser in call.browsers[:3]:
        browser.say(type="leave")
    call.run(0.1)
    assert call.rooms.file_space.used == 10_000
    call.browsers[3].say(type="leave")
    call.run(0.1)
    assert call.rooms.file_space.used == 0


def test_a_cancelled_fetch_ends_with_a_word_and_no_piece_after_it() -> None:
    call, lines = room_of_four()
    ann, bob = lines[:2]
    content = bytes(200_000)
    ann.tell("files", type="send-file", id="f", name="a.bin", size=len(content))
    call.run(0.1)
    number = ann.answer("file-accepted")["number"]
    ann.upload(number, content)
    call.run(0.2)
    bob.rate = 100_000
    bob.tell("files", type="fetch-file", number=number)
    call.run(0.5)
    bob.tell("files", type="cancel-file", number=number)
    call.run(3.0)
    assert bob.answer("file-gone")["code"] == "cancelled"
    assert 0 < len(bob.contents[number]) < len(content)
    got = len(bob.contents.pop(number))
    bob.tell("files", type="fetch-file", number=number)
    call.run(5.0)
    assert bob.contents[number] == content, got
