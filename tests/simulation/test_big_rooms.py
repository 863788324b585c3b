"""Rooms with more people than tiles: who is seen, who is heard, and whom a bad link concerns."""

from __future__ import annotations

from tests.simulation.scenarios import figures

SPEECH, SILENCE = 25, 127


def test_fifty_publish_and_a_page_shows_nine(new_call) -> None:
    call = new_call(room_capacity=60)
    stage = [call.browser(f"p{n}", simulcast=True, slots=0, adds_slots=False) for n in range(50)]
    ann = call.browser("ann", sends=False, slots=12)
    call.run(1.0)
    heights = {other: 180 if n < 9 else 0 for n, other in enumerate(stage)}
    ann.watch(heights)
    call.run(5.0)
    for other in stage[:9]:
        assert ann.view_of(other).fps >= 20
        assert ann.view_of(other).height == 180
    for other in stage[9:]:
        assert ann.view_of(other).fps == 0
    # The next page: nine others, in the same slots, without an offer.
    offers = len(ann.of_type("answer"))
    asked = call.now
    ann.watch({other: 180 if 9 <= n < 18 else 0 for n, other in enumerate(stage)})
    call.run(1.5)
    for other in stage[9:18]:
        first = ann.view_of(other).first_at
        assert first is not None
        assert first - asked < 1.0
        assert ann.view_of(other).misattributed == 0
    for other in stage[:9]:
        assert ann.view_of(other).fps == 0
    assert len(ann.of_type("answer")) == offers


def test_what_nobody_shows_is_not_sent_and_comes_back_within_a_second(new_call) -> None:
    call = new_call()
    ann, bob = call.browser("ann", simulcast=True), call.browser("bob", simulcast=True)
    call.run(6.0)
    ann.watch({bob: 180})
    call.run(4.0)
    assert bob.layers["camera"] == ["q"]
    ann.watch({bob: 0})
    call.run(4.0)
    assert bob.layers["camera"] == []
    before = ann.view_of(bob).frames
    call.run(1.0)
    assert ann.view_of(bob).frames == before
    asked = call.now
    ann.watch({bob: 720})
    call.run(1.0)
    assert ann.view_of(bob).frames > before
    assert bob.layers["camera"] != []
    call.run(4.0)
    top = [at for at, height, _ in ann.view_of(bob).changes if at > asked and height == 720]
    assert min(top) - asked < 3.0


def test_a_bad_link_changes_nothing_for_the_others(new_call) -> None:
    def others_see(**down: float):
        call = new_call(seed=5)
        ann = call.browser("ann", simulcast=True, down=down)
        people = [call.browser(name, simulcast=True) for name in ("bob", "cem", "dora")]
        call.run(15.0)
        seen = []
        for person in people:
            others = [ann, *(other for other in people if other is not person)]
            seen.append(figures(person, others, 105.0))
        return seen

    good, bad = others_see(), others_see(rate=200e3, loss=0.1)
    for before, after in zip(good, bad, strict=True):
        assert after.longest_freeze <= before.longest_freeze
        assert after.audio_lost == before.audio_lost == 0.0
        assert after.changes_per_minute == before.changes_per_minute == 0.0
        assert after.first_picture == before.first_picture


def test_a_big_room_hears_the_loudest(new_call) -> None:
    call = new_call(max_audible=2)
    people = [call.browser(f"p{n}", camera=False, slots=8) for n in range(6)]
    ann = call.browser("ann", sends=False, slots=8)
    for n, person in enumerate(people):
        person.sender.level = SPEECH + 10 if n in (1, 4) else SILENCE
    call.run(3.0)

    def heard() -> list[int]:
        before = [ann.listening_to(person).arrivals for person in people]
        call.run(0.5)
        after = [ann.listening_to(person).arrivals for person in people]
        return [n for n in range(6) if after[n] > before[n] + 10]

    assert heard() == [1, 4]
    # Somebody else begins to speak, much louder: heard within a tenth of a second.
    arrivals = ann.listening_to(people[2]).arrivals
    people[2].sender.level = SPEECH - 20
    call.run(0.3)
    assert ann.listening_to(people[2]).arrivals >= arrivals + 5
    assert len(heard()) == 2
    # Whatever was left out, nobody is asked to send it again, and numbers have no gap.
    assert call.counters.nacked_in == 0


def test_who_speaks_without_a_slot_gets_one(new_call) -> None:
    call = new_call(max_slots=3)
    people = [call.browser(f"p{n}", slots=3) for n in range(6)]
    ann = call.browser("ann", sends=False, slots=3)
    call.run(3.0)
    hidden = [person for person in people if ann.slot_of(person) is None]
    assert len(hidden) == 3
    hidden[0].sender.level = SPEECH
    call.run(1.0)
    assert ann.slot_of(hidden[0]) is not None
    assert ann.listening_to(hidden[0]).arrivals > 10
