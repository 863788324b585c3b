"""The mark of a speaker comes with the first syllables and does not flicker between words."""

from sfu.media.speakers import HOLD_SECONDS, Speakers


def talk(speakers: Speakers, who: str, start: float, seconds: float, level: int = 25) -> float:
    """Fifty packets per second at ``level`` -dBov; returns the end."""
    for step in range(int(seconds * 50)):
        speakers.heard(who, level, start + step * 0.02)
    return start + seconds


def test_speech_is_told_and_silence_after_it_too() -> None:
    speakers = Speakers()
    end = talk(speakers, "a", 0.0, 0.2)
    told = speakers.changed(end)
    assert told is not None
    assert [who for who, _ in told] == ["a"]
    assert 0.0 < told[0][1] <= 1.0
    assert speakers.changed(end + 0.5) is None
    assert speakers.changed(end + 1.0) == []


def test_a_click_is_not_speech() -> None:
    speakers = Speakers()
    speakers.heard("a", 5, 0.0)
    speakers.heard("a", 127, 0.02)
    assert speakers.changed(0.2) is None


def test_background_noise_is_not_speech() -> None:
    speakers = Speakers()
    end = talk(speakers, "a", 0.0, 3.0, level=55)
    assert speakers.changed(end) is None


def test_a_pause_between_words_does_not_end_the_mark() -> None:
    speakers = Speakers()
    now = talk(speakers, "a", 0.0, 0.5)
    assert speakers.changed(now) is not None
    now = talk(speakers, "a", now, 0.4, level=80)
    assert speakers.changed(now) is None
    now = talk(speakers, "a", now, 0.4)
    assert speakers.changed(now) is None


def test_the_loudest_comes_first_and_who_left_is_forgotten() -> None:
    speakers = Speakers()
    talk(speakers, "quiet", 0.0, 1.0, level=38)
    now = talk(speakers, "loud", 0.0, 1.0, level=15)
    told = speakers.changed(now)
    assert told is not None
    assert [who for who, _ in told] == ["loud", "quiet"]
    speakers.forget("loud")
    after = speakers.changed(now + 0.2)
    assert after is not None
    assert [who for who, _ in after] == ["quiet"]


def test_a_room_is_looked_at_when_somebody_begins_or_may_have_ended() -> None:
    speakers = Speakers()
    assert speakers.due == float("inf")
    end = talk(speakers, "a", 10.0, 0.2)
    assert speakers.due <= end
    assert speakers.changed(end)
    assert end < speakers.due <= end + HOLD_SECONDS
    talk(speakers, "a", end, 5.0)
    assert speakers.due <= end + HOLD_SECONDS  # and no sooner for all that was said since
    assert speakers.changed(end + HOLD_SECONDS) is None
    assert speakers.due > end + 4.0


def test_whoever_leaves_while_speaking_is_missed_at_once() -> None:
    speakers = Speakers()
    end = talk(speakers, "a", 0.0, 0.2)
    assert speakers.changed(end) is not None
    speakers.forget("a")
    assert speakers.due <= end + 0.1
    assert speakers.changed(end + 0.1) == []
    assert speakers.due == float("inf")
