"""Who is looked at only when something is due decides as if it were looked at every 20 ms."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import pytest

from sfu.congestion.prober import Prober
from sfu.media.publisher import Publisher
from sfu.media.subscriber import Subscriber
from sfu.room.participant import Participant
from tests.simulation.simulator import TICK, Call

Decisions = list[tuple[float, str]]


def narrow_and_wide_again(seed: int) -> Call:
    """Three pictures on a path that falls to a fifth and comes back."""
    call = Call(seed=seed)
    ann = call.browser("ann", simulcast=True, down={"rate": 2.5e6})
    for number in range(3):
        call.browser(f"p{number}", simulcast=True)
    for rate in (2.5e6, 5e5, 2.5e6):
        ann.down.rate = rate
        call.run(6.0)
    return call


def nothing_arrives(seed: int) -> Call:
    """A good path that is dead for three seconds, both ways."""
    call = Call(seed=seed)
    ann = call.browser("ann", simulcast=True)
    call.browser("bob", simulcast=True)
    call.run(5.0)
    ann.down.loss = ann.up.loss = 1.0
    call.run(3.0)
    ann.down.loss = ann.up.loss = 0.0
    call.run(6.0)
    return call


def random_loss(seed: int) -> Call:
    """A tenth is lost both ways, of a path that is wide enough."""
    call = Call(seed=seed)
    call.browser("ann", simulcast=True, up={"loss": 0.1}, down={"loss": 0.1, "rate": 4e6})
    call.browser("bob", simulcast=True)
    call.run(10.0)
    return call


def decided(
    monkeypatch: pytest.MonkeyPatch, story: Callable[[int], Call], seed: int
) -> tuple[Decisions, int]:
    """When which picture was granted what, when probes began, and how many ticks that took."""
    decisions: Decisions = []
    ticks = 0
    start, tick = Prober.start, Subscriber.tick

    def started(self, estimate, wanted, sent_bytes, now, **more):
        began = start(self, estimate, wanted, sent_bytes, now, **more)
        if began:
            decisions.append((now, "probe"))
        return began

    def ticked(self, now):
        nonlocal ticks
        ticks += 1
        tick(self, now)
        for track in self.tracks:
            while track.decisions:
                at, what = track.decisions.popleft()
                decisions.append((at, f"{track.published.id}: {what.partition(':')[0]}"))

    with monkeypatch.context() as patch:
        patch.setattr(Prober, "start", started)
        patch.setattr(Subscriber, "tick", ticked)
        story(seed)
    return sorted(decisions, key=lambda each: (round(each[0], 3), each[1])), ticks


def _once_connected(participant: Participant) -> float:
    return float("-inf" if participant.transport and participant.transport.connected else "inf")


def _ignored(self: object, due: float) -> None:
    """It is always due."""


@pytest.mark.timeout(600)
@pytest.mark.parametrize("story", [narrow_and_wide_again, nothing_arrives, random_loss])
def test_the_same_is_decided_at_the_same_time(monkeypatch, story) -> None:
    when_due, few = decided(monkeypatch, story, 1)
    always_due = property(lambda half: float("-inf"), _ignored)
    monkeypatch.setattr(Publisher, "due", always_due)
    monkeypatch.setattr(Subscriber, "due", always_due)
    monkeypatch.setattr(Participant, "due", property(_once_connected, _ignored), raising=False)
    always, many = decided(monkeypatch, story, 1)
    assert few < 0.5 * many
    assert len(always) > 5
    assert [what for _, what in when_due] == [what for _, what in always]
    for (at, what), (then, _) in zip(when_due, always, strict=True):
        assert at == pytest.approx(then, abs=TICK + 1e-6), what


def test_who_only_watches_is_hardly_ever_called(monkeypatch, new_call) -> None:
    ticked: Counter[str] = Counter()
    tick = Participant.tick

    def counted(self, now):
        ticked[self.name] += 1
        tick(self, now)

    call = new_call()
    call.browser("ann")
    watchers = [call.browser(name, sends=False) for name in ("bob", "cem", "dan")]
    call.run(4.0)
    monkeypatch.setattr(Participant, "tick", counted)
    call.run(5.0)
    assert max(ticked.values()) < 5.0 * 20
    assert all(5.0 * 4 < ticked[each.name] < 5.0 * 8 for each in watchers)
