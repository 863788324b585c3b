"""What counts as a freeze, a change or lost sound, and what excuses a stop."""

from __future__ import annotations

import pytest

from tests.simulation.viewer import Listener, Viewer


class Screening:
    """A viewer with a clock of its own."""

    def __init__(self) -> None:
        self.now = 10.0
        self.viewer = Viewer(lambda: self.now, since=9.5)

    def play(self, seconds: float, fps: float = 25, height: int = 360, rid: str = "h") -> Viewer:
        for _ in range(round(seconds * fps)):
            self.now += 1 / fps
            self.viewer.shown(height, rid, 1000)
        return self.viewer


def test_a_steady_picture_has_no_freezes() -> None:
    viewer = Screening().play(10.0)
    assert viewer.freezes == []
    assert viewer.time_to_first_picture == pytest.approx(0.54)
    assert viewer.fps == pytest.approx(25, abs=1)
    assert viewer.goodput() == pytest.approx(25_000, rel=0.01)
    assert viewer.frozen_share == 0.0
    assert viewer.recovered_after(12.0) == 0.0


@pytest.mark.parametrize(
    ("fps", "gap", "frozen"),
    # 25 fps: 150 ms over the mean of 40 ms; 5 fps: three times the mean of 200 ms.
    [(25, 0.18, False), (25, 0.2, True), (5, 0.58, False), (5, 0.62, True)],
)
def test_a_gap_is_a_freeze_from_the_w3c_threshold_on(fps: float, gap: float, frozen: bool) -> None:
    screening = Screening()
    viewer = screening.play(5.0, fps)
    screening.now += gap - 1 / fps
    screening.play(1.0, fps)
    assert len(viewer.freezes) == frozen
    assert viewer.longest_freeze == (pytest.approx(gap) if frozen else 0.0)


def test_a_freeze_that_lasts_is_seen_and_ends_with_the_next_picture() -> None:
    screening = Screening()
    viewer = screening.play(5.0)
    stopped = screening.now
    screening.now += 5.0
    assert viewer.freezes == [(stopped, stopped + 5.0)]
    assert viewer.frozen_share == pytest.approx(0.5, abs=0.01)
    assert viewer.recovered_after(stopped) == float("inf")
    assert viewer.fps == 0
    screening.play(1.0)
    assert viewer.recovered_after(stopped) == pytest.approx(5.04)
    assert viewer.recovered_after(screening.now - 0.5) == 0.0
    assert viewer.largest_gap() == pytest.approx(5.04)


def test_a_stop_with_an_excuse_is_no_freeze() -> None:
    screening = Screening()
    viewer = screening.play(5.0)
    viewer.excuse("muted")
    screening.now += 10.0
    viewer.excuse("paused")
    viewer.resume("muted")
    screening.now += 10.0
    assert viewer.excused
    viewer.resume("paused")
    screening.play(5.0)
    assert viewer.freezes == []
    assert viewer.frozen_share == 0.0


def test_a_freeze_before_the_excuse_and_one_after_it_count() -> None:
    screening = Screening()
    viewer = screening.play(5.0)
    screening.now += 1.0
    viewer.excuse("paused")
    screening.now += 10.0
    viewer.resume("paused")
    screening.now += 2.0
    screening.play(7.0)
    assert [end - start for start, end in viewer.freezes] == pytest.approx([1.0, 2.04])
    assert viewer.frozen_share == pytest.approx(3.04 / 15.0, abs=0.01)


def test_changes_of_height_and_encoding_are_counted() -> None:
    screening = Screening()
    screening.play(10.0, height=180, rid="q")
    middle = screening.now
    screening.play(10.0, height=360, rid="h")
    viewer = screening.play(10.0, height=720, rid="f")
    assert [(height, rid) for _, height, rid in viewer.changes] == [(360, "h"), (720, "f")]
    assert viewer.height == 720
    assert viewer.changes_per_minute(after=middle + 1.0) == pytest.approx(60 / 19)
    assert viewer.changes_per_minute() == pytest.approx(2 * 60 / 30.5)


def test_fewer_pictures_of_the_same_height_are_no_change_and_no_freeze() -> None:
    screening = Screening()
    screening.play(5.0, fps=25)
    viewer = screening.play(5.0, fps=6.25)
    assert viewer.changes == []
    assert viewer.freezes == []


class Hearing:
    """Sound that is sent every 20 ms and takes 50 ms."""

    def __init__(self) -> None:
        self.now = 0.0
        self.sent_at: list[float] = []
        self.listener = Listener(lambda: self.now, self.sent_at)

    def send(self, seconds: float, *, lost: int = 0, late: int = 0) -> Listener:
        """Every ``lost``-th packet is lost, every ``late``-th half a second late."""
        begin, end = len(self.sent_at), len(self.sent_at) + round(seconds / 0.02)
        self.sent_at += [number * 0.02 for number in range(begin, end)]
        for number in range(begin, end):
            if lost and number % lost == 0:
                continue
            self.now = self.sent_at[number] + (0.55 if late and number % late == 0 else 0.05)
            self.listener.arrived(number)
        return self.listener


def test_sound_that_comes_in_time_is_not_lost() -> None:
    assert Hearing().send(10.0).residual_loss == 0.0


def test_sound_that_never_comes_or_comes_too_late_is_lost() -> None:
    assert Hearing().send(10.0, lost=10).residual_loss == pytest.approx(0.1, abs=0.01)
    listener = Hearing().send(10.0, late=5)
    assert listener.residual_loss == pytest.approx(0.2, abs=0.01)
    assert listener.late == 100


def test_sound_that_stops_while_it_is_sent_is_lost() -> None:
    hearing = Hearing()
    listener = hearing.send(5.0)
    hearing.sent_at += [5.0 + number * 0.02 for number in range(250)]
    hearing.now = 10.4
    assert listener.residual_loss == pytest.approx(0.5, abs=0.01)


def test_sound_that_is_not_forwarded_is_not_lost() -> None:
    hearing = Hearing()
    listener = hearing.send(5.0)
    listener.ended()
    hearing.sent_at += [5.0 + number * 0.02 for number in range(250)]
    hearing.send(5.0, lost=2)
    assert listener.residual_loss == pytest.approx(0.25, abs=0.01)
