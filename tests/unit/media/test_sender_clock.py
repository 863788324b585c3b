"""Sender reports of one publisher map onto our time with their mutual relation kept."""

from sfu.media.sender_clock import SenderClock


def ntp(seconds: float) -> int:
    return int(seconds * (1 << 32))


def test_the_least_delayed_report_sets_the_offset() -> None:
    clock = SenderClock()
    clock.observe(ntp(1000.0), 10.050)
    clock.observe(ntp(1001.0), 11.020)
    assert abs(clock.local(ntp(1001.0)) - 11.020) < 0.001
    clock.observe(ntp(1002.0), 12.090)
    assert abs(clock.local(ntp(1002.0)) - 12.020) < 0.002


def test_a_stepped_clock_is_followed() -> None:
    clock = SenderClock()
    clock.observe(ntp(1000.0), 10.0)
    clock.observe(ntp(5000.0), 11.0)
    assert abs(clock.local(ntp(5000.0)) - 11.0) < 0.001


def test_a_drifting_clock_is_followed() -> None:
    clock = SenderClock()
    for second in range(1000):  # the sender's clock loses 50 ppm
        clock.observe(ntp(second * (1 - 50e-6)), float(second))
    assert abs(clock.local(ntp(999 * (1 - 50e-6))) - 999.0) < 0.01
