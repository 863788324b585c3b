"""Who is told whose side keeps pictures and sound from being better, and what is known of why."""

from __future__ import annotations

import pytest


def people(new_call, **knobs):
    """Ann, bob and cem; ``knobs`` are by name."""
    call = new_call()
    return call, *(
        call.browser(name, simulcast=True, **knobs.get(name, {})) for name in ("ann", "bob", "cem")
    )


def marks(browser, other, source="camera"):
    """Score and reason that ``browser`` was told last of a track of ``other``."""
    told = browser.quality.get((other.id, source))
    return (told["score"], told["reason"]) if told else (5, "")


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_nobody_is_told_anything_while_all_is_well(new_call, seed) -> None:
    """Not even at the beginning, when nobody knows yet what the paths carry."""
    call = new_call(seed=seed)
    everybody = [call.browser(name, simulcast=True) for name in ("ann", "bob", "cem", "dan")]
    call.run(10.0)
    for browser in everybody:
        assert browser.of_type("quality") == []
        assert all(view.height == 720 for view in browser.watcher.views.values())


def test_a_narrow_downlink_is_told_to_the_one_who_has_it(new_call) -> None:
    call, ann, bob, cem = people(new_call, ann={"down": {"rate": 700e3}})
    call.run(12.0)
    for other in (bob, cem):
        score, reason = marks(ann, other)
        assert reason == "downlink"
        assert 2 <= score <= 4
        assert ann.view_of(other).height < 720
    assert bob.of_type("quality") == cem.of_type("quality") == []
    ann.down.rate = None
    call.run(20.0)
    assert marks(ann, bob) == marks(ann, cem) == (5, "")


def test_losses_on_the_way_to_the_server_are_told_to_everybody(new_call) -> None:
    call, ann, bob, cem = people(new_call, bob={"up": {"loss": 0.15}})
    call.run(8.0)
    for browser in (ann, bob, cem):
        for source in ("camera", "microphone"):
            score, reason = marks(browser, bob, source)
            assert reason == "uplink"
            assert score <= 4
    for browser, other in ((ann, cem), (cem, ann), (bob, ann), (bob, cem)):
        assert marks(browser, other) == (5, "")
    bob.up.loss = 0.0
    call.run(5.0)
    for browser in (ann, bob, cem):
        assert marks(browser, bob) == (5, "")


def test_layers_that_the_sender_gave_up_are_told_as_its_uplink(new_call) -> None:
    call, ann, bob, cem = people(new_call)
    call.run(6.0)
    highest = bob.sender.cameras["camera"].encoders[2][1].ssrc.to_bytes(4, "big")
    bob.sender.spoil = lambda data: () if data[8:12] == highest else (data,)
    call.run(4.0)
    for browser in (ann, bob, cem):
        score, reason = marks(browser, bob)
        assert (reason, score < 5) == ("uplink", True)
    assert marks(ann, cem) == (5, "")


def test_a_pause_is_told_at_the_next_look_and_its_end_as_well(new_call) -> None:
    call, ann, bob, cem = people(new_call, ann={"down": {"rate": 3e6}})
    call.run(8.0)
    ann.down.rate = 120e3
    paused_at: dict[str, float] = {}
    told_at: dict[str, float] = {}
    for _ in range(400):
        call.run(0.02)
        for track in ann.session._participant.subscriber.tracks:
            if track.paused:
                paused_at.setdefault(track.published.participant, call.now)
        for (participant, _), told in ann.quality.items():
            if told["paused"]:
                assert (told["score"], told["reason"]) == (0, "downlink")
                told_at.setdefault(participant, call.now)
    assert paused_at
    assert paused_at.keys() == told_at.keys() <= {bob.id, cem.id}
    for participant, at in told_at.items():
        assert at - paused_at[participant] <= 1.1  # looks are a second apart
    ann.down.rate = None
    call.run(15.0)
    for other in (bob, cem):
        assert not ann.quality[other.id, "camera"]["paused"]
        assert ann.view_of(other).fps >= 20
    assert all(not told["paused"] for told in bob.quality.values())


def video_slots(browser) -> dict[str, dict]:
    """What the server says of the pictures it sends to ``browser``, by participant."""
    slots = browser.session._participant.describe()["receives"]["slots"]
    return {slot["participant"]: slot["video"] for slot in slots if slot["participant"]}


def test_the_description_tells_why_a_picture_is_small(new_call) -> None:
    call, ann, bob, cem = people(new_call, ann={"down": {"rate": 700e3}})
    call.run(12.0)
    for other in (bob, cem):
        video = video_slots(ann)[other.id]
        granted = video["granted"]
        assert granted["height"] == ann.view_of(other).height
        assert ", wanted 720p: " in granted["reason"]
        assert "needed" in granted["reason"]
        # The latest first: when, from what to what, why.
        at, _, text = video["decisions"][0].partition("s ")
        assert float(at) <= call.now
        what, _, why = text.partition(": ")
        assert " → " in what
        assert why
        assert len(video["decisions"]) <= 16
    assert video_slots(bob)[ann.id]["granted"]["reason"] == "720p, as wanted"


def test_the_description_tells_what_is_not_shown_and_what_does_not_arrive(new_call) -> None:
    call, ann, bob, cem = people(new_call)
    call.run(4.0)
    ann.watch({bob: 0, cem: 180})
    call.run(2.0)
    assert video_slots(ann)[bob.id]["granted"]["reason"] == "not visible"
    assert video_slots(ann)[cem.id]["granted"]["reason"] == "180p, as wanted"
    assert video_slots(ann)[bob.id]["decisions"][0].endswith(": not visible")
