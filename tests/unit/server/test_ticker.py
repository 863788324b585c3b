import asyncio

import pytest

from sfu.counters import Counters
from sfu.server import bugs, ticker
from sfu.server.ticker import Ticker


def broken(now):
    raise RuntimeError("a bug in a room")


def test_every_target_learns_the_time():
    first, second = [], []
    Ticker((first.append, second.append), Counters()).tick(7.0)
    assert first == second == [7.0]


def test_a_bug_is_counted_and_the_others_tick_on():
    counters, seen = Counters(), []
    Ticker((broken, seen.append), counters).tick(7.0)
    assert counters.bugs["tick"] == 1
    assert seen == [7.0]


def test_the_same_bug_is_logged_now_and_then_but_counted_always(monkeypatch):
    logged = []
    monkeypatch.setattr(bugs, "observe", lambda event, **fields: logged.append((event, fields)))
    counters = Counters()
    one = Ticker((broken,), counters)
    for number in range(1000):  # 20 seconds
        one.tick(100.0 + number * 0.02)
    assert counters.bugs["tick"] == 1000
    assert [(event, fields["boundary"]) for event, fields in logged] == [("bug", "tick")] * 2
    assert all(isinstance(fields["error"], RuntimeError) for _, fields in logged)


async def test_it_ticks_until_it_is_stopped_and_measures_the_lag():
    counters, times = Counters(), []
    three = asyncio.Event()

    def target(now):
        times.append(now)
        if len(times) == 3:
            three.set()

    one = Ticker((target, broken), counters)
    one.start()
    async with asyncio.timeout(10):
        await three.wait()
    one.stop()
    assert times == sorted(times)
    count = len(times)
    assert sum(counters.loop_lag.counts) == count
    assert counters.loop_lag.total >= 0.0
    await asyncio.sleep(3 * ticker.PERIOD)
    assert len(times) == count


async def test_a_stalled_loop_is_seen_in_the_lag_and_not_made_up_for(monkeypatch):
    class Clock:
        now = 100.0

        def monotonic(self):
            return self.now

    delays = []
    clock = Clock()
    loop = asyncio.get_running_loop()
    monkeypatch.setattr(ticker, "time", clock)
    monkeypatch.setattr(
        loop, "call_later", lambda delay, call: delays.append(delay) or loop.call_soon(call)
    )
    counters, times = Counters(), []
    one = Ticker((times.append,), counters)
    one.start()
    for now in (100.02, 100.045, 101.06, 101.08):
        clock.now = now
        await asyncio.sleep(0)
    one.stop()
    assert times == [100.02, 100.045, 101.06, 101.08]
    # A tick 5 ms late does not delay the next; after one a second late the rhythm begins anew.
    assert counters.loop_lag.total == pytest.approx(0.005 + 1.0)
    assert delays == pytest.approx([0.02, 0.02, 0.015, 0.02, 0.02])
