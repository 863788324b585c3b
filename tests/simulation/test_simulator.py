"""The simulator itself: the same call each time, a path with knobs, and what people notice."""

from __future__ import annotations

import itertools
import json
import os
import subprocess
import sys

import pytest

from tests.simulation.simulator import Call


def lossy_call(seed: int) -> Call:
    call = Call(seed=seed)
    bad = {"loss": 0.05, "burst": 3.0, "jitter": 0.01}
    for name in ("ann", "bob", "cem"):
        call.browser(name, simulcast=True, up=bad, down=bad)
    call.run(5.0)
    return call


@pytest.mark.parametrize("seed", [1, 2])
def test_the_same_seed_gives_the_same_bytes(seed: int) -> None:
    assert lossy_call(seed).delivered.digest() == lossy_call(seed).delivered.digest()


def test_another_seed_gives_other_bytes() -> None:
    assert lossy_call(1).delivered.digest() != lossy_call(2).delivered.digest()


def test_the_same_seed_gives_the_same_bytes_in_another_process() -> None:
    program = (
        "from tests.simulation.test_simulator import lossy_call;"
        "print(lossy_call(3).delivered.hexdigest())"
    )
    digest = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, "PYTHONHASHSEED": "7", "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        check=True,
    ).stdout.strip()
    assert digest == lossy_call(3).delivered.hexdigest()


def test_one_more_browser_does_not_change_what_others_lose() -> None:
    def play(others: int) -> list[object]:
        call = Call(seed=5)
        people = [call.browser(name, up={"loss": 0.1}, down={"loss": 0.1}) for name in "ab"]
        call.room = call.rooms.create_id()
        for number in range(others):
            call.browser(f"other{number}", up={"loss": 0.1})
        call.run(3.0)
        return [(each.up.lost, each.down.lost, each.receiver.nacked) for each in people]

    assert play(0) == play(3)


def test_a_full_call_of_ten_with_simulcast(new_call) -> None:
    call = new_call()
    people = [call.browser(f"guest{number}", simulcast=True) for number in range(10)]
    call.run(3.0)
    for person, other in itertools.permutations(people, 2):
        view = person.view_of(other)
        assert view.fps >= 5
        assert view.misattributed == 0
        assert person.listening_to(other).residual_loss == 0.0
    table = call.report().splitlines()
    assert len(table) == 11
    assert "first picture s" in table[0]
    assert table[1].split()[:2] == ["guest0", "9"]
    assert call.counters.drops["unknown-ssrc"] == 0
    assert not call.counters.bugs


def test_signaling_takes_a_moment_and_keeps_its_order(new_call) -> None:
    call = new_call()
    ann = call.browser("ann")
    assert ann.messages == []
    call.run(0.009)
    assert ann.messages == []
    call.run(0.002)
    assert [message["type"] for message in ann.messages] == ["joined"]
    ann.say(type="mute", source="screen", muted=True)
    ann.leave()
    call.run(0.02)
    assert [message["type"] for message in ann.messages[-2:]] == ["error", "closed"]


def test_the_delay_of_the_path_is_the_round_trip_that_the_server_measures(new_call) -> None:
    call = new_call()
    ann = call.browser("ann", up={"delay": 0.06}, down={"delay": 0.09})
    call.browser("bob")
    call.run(6.0)
    assert ann.session._participant.subscriber.rtt == pytest.approx(0.15, abs=0.005)


def test_reordered_and_doubled_packets_make_the_same_pictures(new_call) -> None:
    call = new_call()
    mad = {"jitter": 0.015, "reorders": True, "duplicates": 0.2}
    ann, bob = call.browser("ann", up=mad, down=mad), call.browser("bob", up=mad, down=mad)
    call.run(6.0)
    assert ann.picture_of(bob).duplicates > 30
    assert ann.view_of(bob).frames > 130
    assert ann.view_of(bob).freezes == []
    assert ann.listening_to(bob).residual_loss == 0.0


def test_a_path_may_change_during_the_call_and_the_person_notices(new_call) -> None:
    call = new_call()
    ann, bob = call.browser("ann"), call.browser("bob")
    call.run(5.0)
    assert ann.view_of(bob).freezes == []
    broken = call.now
    ann.down.loss = 1.0
    call.run(3.0)
    ann.down.loss = 0.0
    call.run(5.0)
    view = ann.view_of(bob)
    assert view.largest_gap(broken) >= 3.0
    assert view.recovered_after(broken) >= 0.5
    # The server may notice, and say that it has paused the picture: no freeze from then on.
    assert view.longest_freeze + view.paused >= 2.9
    assert ann.listening_to(bob).residual_loss == pytest.approx(3.0 / 12.8, abs=0.05)
    assert bob.view_of(ann).freezes == []


def test_a_path_too_narrow_even_for_sound_is_heard(new_call) -> None:
    call = new_call()
    ann, bob = call.browser("ann", down={"rate": 20_000}), call.browser("bob")
    call.run(10.0)
    assert ann.down.overflowed > 100
    assert ann.listening_to(bob).residual_loss > 0.3
    assert bob.listening_to(ann).residual_loss == 0.0


def test_a_muted_camera_is_no_freeze_and_comes_back(new_call) -> None:
    call = new_call()
    ann, bob = call.browser("ann"), call.browser("bob")
    call.run(3.0)
    bob.mute("camera")
    bob.mute("microphone")
    call.run(4.0)
    view = ann.view_of(bob)
    assert view.excused
    assert view.fps == 0
    bob.mute("camera", False)
    bob.mute("microphone", False)
    call.run(3.0)
    assert view.freezes == []
    assert view.fps >= 5
    assert ann.listening_to(bob).residual_loss == 0.0


def test_somebody_in_the_slot_of_somebody_else_ends_the_test(new_call) -> None:
    call = new_call()
    ann, bob = call.browser("ann"), call.browser("bob")
    call.run(2.0)
    slot = ann.slot_of(bob)
    ann.watcher.slots_sent([slot | {"participant": None}])
    call.run(1.5)  # what was under way may still come
    with pytest.raises(AssertionError, match="ann gets camera of browser 2"):
        call.run(1.5)


def test_a_picture_that_is_paused_or_not_on_screen_is_no_freeze(new_call) -> None:
    call = new_call()
    ann, bob = call.browser("ann"), call.browser("bob")
    call.run(2.0)
    view = ann.view_of(bob)
    track = {"participant": bob.id, "source": "camera", "score": 0, "reason": "downlink"}
    for paused in (True, False):
        message = {"type": "quality", "tracks": [track | {"paused": paused, "height": 0}]}
        ann._message(json.dumps(message).encode())
        call.run(1.0)
        assert view.excused is paused
        assert ann.quality[bob.id, "camera"]["paused"] is paused
    assert view.paused == pytest.approx(1.0)
    for height in (0, 360):
        ann.watch({bob: height})
        assert view.excused is (height == 0)
        call.run(3.0)
    assert not ann.hung_up
    assert view.freezes == []
    assert view.fps >= 5
