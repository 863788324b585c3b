"""What a client counts of the packets that it receives, all of them or a sample looked into."""

from __future__ import annotations

import pytest

from loadtest import stamp
from loadtest.description import TRANSPORT_CC_ID, Answer
from loadtest.incoming import Incoming
from loadtest.tally import Tally
from loadtest.wire import Unprotectable
from sfu.rtp import packet as rtp
from sfu.rtp.rtcp import parse_compound
from sfu.rtp.transport_cc import TransportFeedback

ANN, BOB = "ann", "bob"
SSRC, REPAIR = 100, 101


class Seat:
    """An ``Incoming`` with one slot that ``ANN`` is in."""

    def __init__(self) -> None:
        self.tally = Tally()
        self.sent: list[bytes] = []
        self.opened = 0
        self.heard = 0
        self.incoming = Incoming(
            1, self.tally, self._unprotect, self.sent.append, self._note, repairs=False
        )
        self.slot(ANN)
        self.incoming.take_answer(Answer(streams={SSRC: ("2", "video")}, repairs={REPAIR: SSRC}))

    def _unprotect(self, data: bytes) -> bytes:
        self.opened += 1
        if data.endswith(b"forged"):
            raise Unprotectable
        return data

    def _note(self) -> None:
        self.heard += 1

    def slot(self, who: str) -> None:
        self.incoming.take_slots([{"audio": "1", "video": "2", "participant": who}])

    def take(
        self,
        number: int,
        *,
        who: str = ANN,
        sampled: bool = True,
        at: float = 5.0,
        end: bytes = b"",
    ) -> None:
        data = rtp.write(
            payload_type=96,
            sequence_number=number,
            timestamp=0,
            ssrc=SSRC,
            payload=bytes(9) + stamp.write(stamp.name_of(who), number) + end,
            extensions={1: b"\x10", TRANSPORT_CC_ID: number.to_bytes(2, "big")},
        )
        self.incoming.take_rtp(data, at, sampled)


def test_every_packet_counts_but_only_the_sample_is_opened_and_timed() -> None:
    seat = Seat()
    for number in range(1, 101):
        seat.take(number, sampled=number % 10 == 0)
    assert seat.tally.received == 100
    assert seat.tally.latency.total == 10
    assert seat.opened == 11  # and the first, which tells who it is
    assert seat.heard == 1
    assert seat.incoming.hears == {(stamp.name_of(ANN), "video")}
    seat.incoming.settle()
    assert (seat.tally.left_out, seat.tally.lost) == (0, 0)


def test_gaps_and_doubles_show_in_packets_that_are_not_opened() -> None:
    seat = Seat()
    for number in (1, 2, 4, 4, 5):
        seat.take(number, sampled=False)
    seat.incoming.settle()
    assert (seat.tally.received, seat.tally.lost, seat.tally.duplicates) == (4, 1, 1)
    assert seat.opened == 1


def test_the_first_packet_of_a_new_occupant_is_opened() -> None:
    seat = Seat()
    seat.take(1)
    seat.slot(BOB)
    seat.take(2, who=BOB, sampled=False)
    assert seat.incoming.hears == {(stamp.name_of(ANN), "video"), (stamp.name_of(BOB), "video")}
    assert seat.tally.mixed_up == 0


def test_somebody_else_in_a_slot_is_mixed_up() -> None:
    seat = Seat()
    seat.take(1, who=BOB, at=1e12)
    assert seat.tally.mixed_up == 1


def test_transport_wide_numbers_are_reported_whatever_is_opened() -> None:
    seat = Seat()
    for number in range(1, 6):
        seat.take(number, sampled=False, at=5.0 + number / 1000)
    seat.incoming.tick(6.0)
    (feedback,) = parse_compound(seat.sent[0])
    assert isinstance(feedback, TransportFeedback)
    assert feedback.base_sequence == 1
    assert len(feedback.arrivals) == 5
    assert None not in feedback.arrivals


def test_a_repair_fills_the_gap_that_its_first_two_bytes_name() -> None:
    seat = Seat()
    seat.take(1)
    seat.take(3)
    payload = (2).to_bytes(2, "big") + stamp.write(stamp.name_of(ANN), 2)
    data = rtp.write(payload_type=97, sequence_number=7, timestamp=0, ssrc=REPAIR, payload=payload)
    seat.incoming.take_rtp(data, 5.0, False)
    seat.incoming.settle()
    assert (seat.tally.repaired, seat.tally.lost, seat.tally.received) == (1, 0, 3)


@pytest.mark.parametrize("sampled", [True, False])
def test_what_is_not_protected_as_agreed_is_broken(sampled: bool) -> None:
    seat = Seat()
    seat.take(1, sampled=sampled, end=b"forged")
    assert (seat.tally.broken, seat.tally.received) == (1, 0)
