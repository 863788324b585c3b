import asyncio

from hypothesis import given
from hypothesis import strategies as st

from sfu.server import events as module
from sfu.server.events import EventLog


def log_of(*rooms, **options):
    log = EventLog(**options)
    for room in rooms:
        log.take("room-opened", {"room": room})
    return log


def places(events):
    return [(event.position, event.room, event.number) for event in events]


def test_events_are_numbered_per_room_and_placed_among_all():
    log = log_of("a", "b", "a")
    assert places(log.after(0)) == [(1, "a", 1), (2, "b", 1), (3, "a", 2)]
    assert places(log.after(1)) == [(2, "b", 1), (3, "a", 2)]
    assert places(log.after(0, room="a")) == [(1, "a", 1), (3, "a", 2)]
    assert places(log.after(0, limit=1)) == [(1, "a", 1)]
    assert log.first() == 1


def test_what_is_for_the_log_alone_is_told_to_nobody():
    log = EventLog()
    heard = []
    log.listeners.append(heard.append)
    log.take("bug", {"room": "a", "error": ValueError("secret")})
    assert (log.after(0), heard, log.first()) == ([], [], 0)


@given(st.lists(st.sampled_from("abc")), st.integers(-5, 60), st.integers(1, 10))
def test_only_the_latest_are_remembered_and_none_of_them_is_skipped(rooms, position, bound):
    log = log_of(*rooms, max_events=bound)
    remembered = range(max(1, len(rooms) - bound + 1), len(rooms) + 1)
    expected = [number for number in remembered if number > position]
    assert [event.position for event in log.after(position)] == expected
    assert log.first() == (remembered[0] if rooms else 0)


def test_rooms_whose_numbers_are_remembered_are_bounded(monkeypatch):
    monkeypatch.setattr(module, "MAX_ROOMS", 2)
    log = log_of("a", "b", "c", "b", "a")
    assert places(log.after(3)) == [(4, "b", 2), (5, "a", 1)]


async def test_who_waits_is_woken_by_the_next_event():
    log = log_of("a")
    waiting = asyncio.create_task(log.news.wait())
    await asyncio.sleep(0)
    assert not waiting.done()
    log.take("room-closed", {"room": "a"})
    await asyncio.wait_for(waiting, 10)
