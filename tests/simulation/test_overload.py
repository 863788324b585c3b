"""A server with too much to do: pictures shrink, most pause, nobody new comes; sound is whole."""

from __future__ import annotations

from sfu.config import Settings
from sfu.server.load_watch import LoadWatch
from sfu.server.ticker import PERIOD
from sfu.transport.transport import MEDIA_BYTES_PER_SECOND
from tests.simulation.scenarios import figures
from tests.simulation.simulator import Call
from tests.simulation.test_call import assert_sees
from tests.simulation.test_signaling import errors


class Burden:
    """Measures a call as the server does; every tick of it is late by ``lag`` seconds."""

    def __init__(self, call: Call, **settings) -> None:
        self.lag = 0.0
        self._call = call
        self._watch = LoadWatch(
            Settings(**settings), call.counters, call.rooms.loaded, cpu_clock=lambda: 0.0
        )
        self._tick(None)

    def _tick(self, _) -> None:
        self._watch.late(self.lag)
        self._watch.tick(self._call.now)
        self._call.at(self._call.now + PERIOD, self._tick, None)


def people(call: Call, number: int) -> list:
    """One who sees and hears all others; they send only, which is quicker to simulate."""
    rest = [
        call.browser(f"p{n}", simulcast=True, slots=0, adds_slots=False) for n in range(1, number)
    ]
    return [call.browser("p0", simulcast=True), *rest]


def told(browser) -> list[str]:
    return [message["state"] for message in browser.of_type("load")]


def heights(browser, others) -> list[int]:
    return sorted(browser.view_of(other).height for other in others)


def moving(browser, others) -> int:
    return sum(browser.view_of(other).fps > 10 for other in others)


def test_first_pictures_shrink_then_most_pause_and_all_come_back(new_call) -> None:
    call = new_call(seed=3)
    ann, *others = people(call, 7)
    burden = Burden(call)
    call.run(12.0)
    assert heights(ann, others) == [720] * 6
    began = call.now
    burden.lag = 0.05
    call.run(8.0)
    assert told(ann) == ["busy"]
    assert heights(ann, others) == [360] * 6
    assert moving(ann, others) == 6
    # Nobody asks for what nobody gets: the publishers have less to send, too.
    assert all(set(other.layers["camera"]) <= {"q", "h"} for other in others)
    burden.lag = 0.12
    call.run(8.0)
    assert told(ann) == ["busy", "strained"]
    assert moving(ann, others) == 4
    assert {ann.view_of(o).height for o in others if ann.view_of(o).fps > 10} == {180}
    paused = [each for each in ann.quality.values() if each["paused"]]
    assert [(each["source"], each["reason"]) for each in paused] == [("camera", "server")] * 2
    burden.lag = 0.0
    call.run(40.0)
    assert told(ann) == ["busy", "strained", "busy", "normal"]
    assert heights(ann, others) == [720] * 6
    assert moving(ann, others) == 6
    assert figures(ann, others, began).audio_lost == 0.0
    assert not errors(ann)


def test_who_speaks_or_is_pinned_keeps_the_picture(new_call) -> None:
    call = new_call()
    ann, *others = people(call, 8)
    burden = Burden(call)
    call.run(4.0)
    pinned = others[6]
    ann.subscribe(
        [{"id": other.track(), "height": 360, "pinned": other is pinned} for other in others]
    )
    burden.lag = 0.12
    call.run(8.0)
    assert told(ann)[-1] == "strained"
    assert moving(ann, others) == 4
    assert ann.view_of(pinned).fps > 10


def test_a_screen_keeps_its_size(new_call) -> None:
    call = new_call()
    ann, bob = people(call, 2)
    burden = Burden(call)
    bob.share_screen()
    call.run(6.0)
    before = ann.view_of(bob, "screen").height
    burden.lag = 0.12
    call.run(10.0)
    assert told(ann)[-1] == "strained"
    assert ann.view_of(bob, "screen").height == before
    assert ann.view_of(bob, "screen").fps > 3


def test_nobody_new_gets_into_a_full_server_but_who_was_there_comes_back(new_call) -> None:
    call = new_call()
    ann, bob = call.browser("ann"), call.browser("bob")
    burden = Burden(call)
    call.run(2.0)
    burden.lag = 0.5
    call.run(8.0)
    assert told(ann) == ["busy", "strained", "full"]
    # Who floods pays first: what is taken of each is less.
    assert ann.transport.media_bytes_per_second == 0.2 * MEDIA_BYTES_PER_SECOND
    cem = call.browser("cem")
    call.run(0.5)
    assert errors(cem) == [("server-busy", False)]
    assert cem.of_type("error")[0]["retryAfter"] > 0
    bob.lose_signaling()
    call.run(1.0)
    bob.resume()
    call.run(1.0)
    assert bob.of_type("joined")[-1]["resumed"]
    assert told(bob)[-1] == "full"  # a client that comes back is told anew
    burden.lag = 0.0
    call.run(11.0)
    cem.join(call.room)
    call.run(6.0)
    assert told(cem)[0] == "strained"  # told to who comes in the middle of it
    assert_sees(ann, cem)


def test_nothing_changes_where_it_is_off(new_call) -> None:
    call = new_call()
    ann, bob = people(call, 2)
    burden = Burden(call, overload="off")
    burden.lag = 2.0
    call.run(12.0)
    assert told(ann) == []
    assert ann.view_of(bob).height == 720


def test_each_change_is_counted_and_told_to_the_operator(new_call) -> None:
    call = new_call()
    burden = Burden(call)
    burden.lag = 0.5
    call.run(8.0)
    burden.lag = 0.0
    call.run(40.0)
    assert call.counters.load_changes == {"busy": 2, "strained": 2, "full": 1, "normal": 1}
    states = [fields["state"] for event, fields in call.observed if event == "load-changed"]
    assert states == ["busy", "strained", "full", "strained", "busy", "normal"]
