"""One participant sends far more than any browser does: what it can do to the others is bounded."""

from __future__ import annotations

from sfu.media.drop_reason import DropReason
from sfu.media.published_track import LEAST_SOUND_BYTES, SOUND_BYTES_AT_ONCE, SOUND_BYTES_PER_SECOND
from sfu.rtp import packet as rtp
from tests.simulation.scenarios import figures
from tests.simulation.simulator import Call
from tests.simulation.sources import opus_payload

SECONDS = 3.0


class Flood:
    """That many packets per second of somebody's microphone, beside their own."""

    def __init__(self, call: Call, browser, per_second: int, size: int) -> None:
        self._call, self._browser = call, browser
        self._each, self._size = per_second // 100, size
        self._number = 30_000
        self._until = call.now + SECONDS
        self.sent = 0
        self._burst(None)

    def _burst(self, _) -> None:
        transport = self._browser.transport
        for _ in range(self._each):
            self._number += 1
            self.sent += 1
            transport.take_rtp(
                rtp.write(
                    payload_type=111,
                    sequence_number=self._number & 0xFFFF,
                    timestamp=self._number * 960 & 0xFFFFFFFF,
                    ssrc=self._browser._ssrc,
                    payload=bytes(self._size) + opus_payload(self._browser.index, 0),
                )
            )
        if self._call.now < self._until:
            self._call.at(self._call.now + 0.01, self._burst, None)


def test_a_flood_of_sound_reaches_nobody_beyond_what_a_microphone_makes(new_call) -> None:
    call = new_call()
    ann, bob = call.browser("ann", simulcast=True), call.browser("bob", simulcast=True)
    eve = call.browser("eve", camera=False)
    call.run(4.0)
    began = call.now
    before = call.counters.audio.packets_out
    flood = Flood(call, eve, 5_000, 100)
    call.run(SECONDS + 1.0)
    # To two others; and the microphones of three for four seconds.
    taken = (SOUND_BYTES_AT_ONCE + SECONDS * SOUND_BYTES_PER_SECOND) / LEAST_SOUND_BYTES
    usual = 3 * 2 * 50 * (SECONDS + 1.0)
    assert call.counters.audio.packets_out - before <= 1.1 * (2 * taken + usual)
    assert call.counters.drops[DropReason.SOUND_FLOOD] > flood.sent / 2
    for person, other in ((ann, bob), (bob, ann)):
        seen = figures(person, [other], began)
        assert seen.audio_lost == 0.0
        assert seen.longest_freeze < 0.3
    assert not eve.hung_up


def test_large_packets_of_sound_are_counted_by_their_size(new_call) -> None:
    call = new_call()
    ann, eve = call.browser("ann", sends=False), call.browser("eve", camera=False)
    call.run(1.0)
    before = call.counters.audio.bytes_out
    Flood(call, eve, 1_000, 1_000)
    call.run(SECONDS)
    bound = SOUND_BYTES_AT_ONCE + SECONDS * SOUND_BYTES_PER_SECOND
    assert call.counters.audio.bytes_out - before <= 1.1 * bound
    assert call.counters.drops[DropReason.SOUND_FLOOD]
    assert ann.sound_of(eve) is not None


def test_what_a_dead_second_of_the_network_held_up_is_no_flood(new_call) -> None:
    call = new_call()
    ann, bob = call.browser("ann"), call.browser("bob", up={"delay": 0.02})
    call.run(3.0)
    bob.up.delay = 2.0
    call.run(2.5)
    bob.up.delay = 0.02
    call.run(5.0)
    assert not call.counters.drops[DropReason.SOUND_FLOOD]
    assert ann.sound_of(bob) is not None
