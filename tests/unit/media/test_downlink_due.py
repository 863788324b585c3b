"""A path is looked at when it is shared anew, and sooner only where something has to be done."""

from __future__ import annotations

import pytest

from sfu.media.downlink import ALLOCATE_SECONDS, Downlink

NOW = 100.0


class NoEgress:
    """Sends nothing."""

    name = "python"


class Told(Downlink):
    """Remembers what it hastened."""

    def __init__(self) -> None:
        self.hastened: list[float] = []
        super().__init__(NoEgress(), self.hastened.append)  # type: ignore[arg-type]

    def share(self, now: float) -> bool:
        done = self.tick(now, (), {}, ())
        self.hastened.clear()
        return done


@pytest.fixture
def told() -> Told:
    """A path whose receiver said that it carries 1 Mbit/s."""
    downlink = Told()
    downlink.estimated(1e6, NOW)
    assert downlink.share(NOW)
    return downlink


def test_it_is_shared_again_after_a_while_and_not_before(told: Told) -> None:
    assert told.due == pytest.approx(NOW + ALLOCATE_SECONDS)
    assert not told.share(NOW + ALLOCATE_SECONDS / 2)
    assert told.share(NOW + ALLOCATE_SECONDS + 0.001)


@pytest.mark.parametrize("bitrate", [1e6, 2e6, 0.96e6])
def test_what_is_as_before_or_better_can_wait(told: Told, bitrate: float) -> None:
    told.estimated(bitrate, NOW + 0.05)
    told.receiver_report(0.0, NOW + 0.05)
    assert not told.hastened
    assert told.due > NOW + 0.1


def test_what_is_worse_is_acted_on_with_the_next_tick(told: Told) -> None:
    told.estimated(0.5e6, NOW + 0.05)
    assert told.hastened == [NOW + 0.05]
    assert told.due == NOW + 0.05
    assert told.share(NOW + 0.06)
    assert told.due > NOW + 0.2


def test_whoever_wants_something_else_gets_it_with_the_next_tick(told: Told) -> None:
    told.changed()
    assert told.hastened
    assert told.due <= NOW
    assert told.share(NOW + 0.02)
