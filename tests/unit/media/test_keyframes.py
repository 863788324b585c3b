"""Wishes for keyframes are merged, throttled and repeated."""

from sfu.media.keyframes import KeyframeRequests


def sent(requests: KeyframeRequests, start: float, end: float, rtt: float = 0.05) -> list[float]:
    """When requests go out, ticking every 20 ms."""
    times = [start + 0.02 * n for n in range(int((end - start) / 0.02) + 1)]
    return [now for now in times if requests.due(now, rtt)]


def test_nothing_is_asked_without_a_wish() -> None:
    assert sent(KeyframeRequests(), 0.0, 5.0) == []


def test_the_first_wish_is_asked_at_once_and_a_crowd_is_one_request() -> None:
    requests = KeyframeRequests()
    for _ in range(50):
        requests.wish()
    assert sent(requests, 0.0, 0.1) == [0.0]


def test_it_is_repeated_until_a_keyframe_comes() -> None:
    requests = KeyframeRequests()
    requests.wish()
    assert len(sent(requests, 0.0, 1.0)) == 5  # every 0.2 s at a round trip of 50 ms
    requests.arrived()
    assert sent(requests, 1.0, 5.0) == []


def test_a_long_round_trip_spaces_the_repeats() -> None:
    requests = KeyframeRequests()
    requests.wish()
    assert len(sent(requests, 0.0, 2.0, rtt=0.4)) == 3  # 0, 0.8, 1.6


def test_a_wish_after_a_keyframe_waits_half_a_second() -> None:
    requests = KeyframeRequests()
    requests.wish()
    assert requests.due(0.0, 0.05)
    requests.arrived()
    requests.wish()
    assert not requests.due(0.4, 0.05)
    assert requests.due(0.5, 0.05)


def test_a_flood_of_wishes_gives_two_requests_a_second_at_most() -> None:
    requests = KeyframeRequests()
    asked = 0
    for step in range(1000):
        requests.wish()
        if requests.due(step / 100, 0.01):
            asked += 1
            requests.arrived()
    assert asked <= 21


def test_after_an_outage_it_is_asked_for_at_once() -> None:
    requests = KeyframeRequests()
    requests.wish()
    assert requests.due(0.0, 0.4)
    assert not requests.due(0.1, 0.4)
    requests.wish_at_once()
    assert requests.due(0.12, 0.4)
    assert not requests.due(0.14, 0.4)
