"""Native code against the Python path and libsrtp: the same bytes, counters and refusals."""

from __future__ import annotations

import contextlib
import random
import socket
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pylibsrtp import Error, Policy, Session

from sfu.congestion.send_history import SendHistory
from sfu.counters import Counters
from sfu.rtp import packet as rtp
from sfu.rtp.codecs.mark import PayloadMark
from sfu.rtp.rewrite import ExtensionPlan, Rewrite
from sfu.transport.address import TcpAddress
from sfu.transport.dtls import SrtpKeys
from sfu.transport.egress import NO_SOCKET, PythonEgress
from sfu.transport.native_egress import AVAILABLE, NativeEgress, native_sender
from sfu.transport.srtp import Srtp

pytestmark = pytest.mark.skipif(not AVAILABLE, reason="sfu.transport._egress is not built")

GCM, CM = "SRTP_AEAD_AES_128_GCM", "SRTP_AES128_CM_SHA1_80"
GCM256 = "SRTP_AEAD_AES_256_GCM"
LIBSRTP = {
    GCM: Policy.SRTP_PROFILE_AEAD_AES_128_GCM,
    GCM256: Policy.SRTP_PROFILE_AEAD_AES_256_GCM,
    CM: Policy.SRTP_PROFILE_AES128_CM_SHA1_80,
}
KEY_AND_SALT = {GCM: 16 + 12, GCM256: 32 + 12, CM: 16 + 14}
profiles = pytest.mark.parametrize("profile", [GCM, GCM256, CM])
seeds = st.integers(0, 2**32 - 1)


def new_keys(profile: str = GCM, seed: int = 1) -> SrtpKeys:
    local = random.Random(seed).randbytes(KEY_AND_SALT[profile])
    return SrtpKeys(profile, remote=bytes(KEY_AND_SALT[profile]), local=local)


def libsrtp(keys: SrtpKeys) -> Any:
    return Srtp(keys).protect


def receiver(keys: SrtpKeys) -> Session:
    policy = Policy(keys.local, Policy.SSRC_ANY_INBOUND, srtp_profile=LIBSRTP[keys.profile])
    policy.window_size = 1024
    return Session(policy)


def outcome(protect: Any, data: bytes) -> bytes | None:
    try:
        return bytes(protect(data))
    except (Error, ValueError):
        return None


def media(number: int, payload: bytes = b"picture", ssrc: int = 5, **fields: Any) -> bytes:
    return rtp.write(
        payload_type=96,
        sequence_number=number & 0xFFFF,
        timestamp=7,
        ssrc=ssrc,
        payload=payload,
        **fields,
    )


# --- protect ---


@profiles
@given(
    st.binary(max_size=64) | st.integers(0, 1400).map(bytes),
    st.dictionaries(st.integers(1, 20), st.binary(max_size=20), max_size=3),
    st.lists(st.integers(0, 2**32 - 1), max_size=15),
    st.booleans(),
    st.integers(0, 9),
    st.integers(0, 0xFFFF),
    seeds,
)
@settings(max_examples=60, deadline=None)
def test_any_packet_is_protected_as_by_libsrtp(
    profile, payload, extensions, csrcs, marker, padding, number, seed
) -> None:
    data = media(
        number, payload, seed, extensions=extensions, csrcs=csrcs, marker=marker, padding=padding
    )
    keys = new_keys(profile, seed)
    assert outcome(native_sender(keys).protect, data) == outcome(libsrtp(keys), data)


@profiles
@given(st.binary(max_size=40))
@settings(max_examples=60, deadline=None)
def test_bytes_that_are_no_packet_are_protected_by_neither_or_the_same(profile, data) -> None:
    keys = new_keys(profile)
    native = outcome(native_sender(keys).protect, data)
    assert native is None or native == outcome(libsrtp(keys), data)


STEPS = st.sampled_from([1, 2, 500, 20_000, 32_767, 32_768, 32_769, -1, -1023, -1024, -40_000])


@profiles
@given(st.integers(0, 0xFFFF), st.lists(STEPS | st.integers(-1100, 1100), max_size=60))
@settings(max_examples=60, deadline=None)
def test_rollover_counters_follow_every_jump_as_in_libsrtp(profile, first, steps) -> None:
    keys = new_keys(profile)
    native, other = native_sender(keys).protect, libsrtp(keys)
    number = first
    for step in [0, *steps]:
        number += step
        data = media(number)
        assert outcome(native, data) == outcome(other, data)


@profiles
def test_a_late_packet_keeps_the_rollover_counter_of_its_turn(profile) -> None:
    keys = new_keys(profile)
    sender, unprotect = native_sender(keys), receiver(keys).unprotect
    late = media(65_533)
    for number in range(65_400, 65_800):
        if number != 65_533:
            unprotect(sender.protect(media(number)))
    assert unprotect(sender.protect(late)) == late


@profiles
def test_streams_have_rollover_counters_of_their_own(profile) -> None:
    keys = new_keys(profile)
    sender, unprotect = native_sender(keys), receiver(keys).unprotect
    for number in range(65_500, 65_600):
        for ssrc in (1, 2, 3):
            data = media(number if ssrc != 2 else number - 65_500, ssrc=ssrc)
            assert unprotect(sender.protect(data)) == data


@profiles
@pytest.mark.parametrize("number", [9, 65_535])
def test_an_index_never_protects_other_bytes_but_the_same_ones_again(profile, number) -> None:
    sender = native_sender(new_keys(profile))
    first = sender.protect(media(number))
    sender.protect(media(number + 1))
    for other in (media(number, b"another"), media(number, b""), media(number, marker=True)):
        with pytest.raises(ValueError, match="other bytes"):
            sender.protect(other)
    assert sender.protect(media(number)) == first


def test_the_number_of_streams_is_bounded() -> None:
    sender = native_sender(new_keys())
    for ssrc in range(192):
        sender.protect(media(1, ssrc=ssrc))
    with pytest.raises(ValueError, match="too many streams"):
        sender.protect(media(1, ssrc=192))
    assert sender.protect(media(2, ssrc=0))


@pytest.mark.parametrize(
    ("profile", "local", "remote"),
    [("other", 28, 28), (GCM, 27, 28), (GCM, 28, 30), (CM, 28, 30), (GCM256, 28, 44), (GCM, 0, 0)],
)
def test_wrong_keys_are_refused(profile, local, remote) -> None:
    with pytest.raises(ValueError, match="profile"):
        type(native_sender(new_keys()))(profile, bytes(local), bytes(remote))


# --- emit ---


@dataclass
class Transport:
    remote_address: Any
    protect: Any
    sender: Any = None


@dataclass
class Copy:
    transport: Transport
    rewrite: Rewrite
    history: SendHistory = field(default_factory=SendHistory)
    packets_sent: int = 0
    octets_sent: int = 0


class Port:
    """Loopback sockets to send from and to."""

    def __init__(self) -> None:
        self.inbox = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.inbox.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
        self.inbox.bind(("127.0.0.1", 0))
        self.inbox.setblocking(False)
        self.address = self.inbox.getsockname()
        self.outgoing = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.outgoing.setblocking(False)
        self.counters = Counters()
        self.taken = 0  # by send(), the Python path

    def send(self, data: bytes, address: Any) -> bool:
        """As the server's own port does and counts."""
        self.taken += 1
        if len(address) != 2:
            self.counters.drops["no-such-family"] += 1
            return False
        try:
            self.outgoing.sendto(data, address)
        except BlockingIOError:
            self.counters.drops["socket-full"] += 1
            return False
        except OSError:
            self.counters.drops["send-failed"] += 1
            return False
        self.counters.datagrams_out += 1
        return True

    def descriptors(self) -> tuple[int, int]:
        return self.outgoing.fileno(), NO_SOCKET

    def received(self) -> list[bytes]:
        datagrams = []
        while True:
            try:
                datagrams.append(self.inbox.recv(2048))
            except BlockingIOError:
                return datagrams

    def close(self) -> None:
        self.inbox.close()
        self.outgoing.close()


@pytest.fixture(scope="module")
def port():
    opened = Port()
    yield opened
    opened.close()


@pytest.fixture
def new_port():
    """Its own sockets, for tests that break them."""
    opened = Port()
    yield opened
    opened.close()


def both(port: Port) -> tuple[PythonEgress, NativeEgress]:
    port.counters, port.taken = Counters(), 0
    return (
        PythonEgress(port.send, Counters()),
        NativeEgress(port.send, port.counters, port.descriptors),
    )


def native_copy(port: Port, rewrite: Rewrite, keys: SrtpKeys | None = None) -> Copy:
    sender = native_sender(keys or new_keys())
    return Copy(Transport(port.address, sender.protect, sender), rewrite)


def python_twin(port: Port, copied: Copy, keys: SrtpKeys | None = None) -> Copy:
    transport = Transport(port.address, libsrtp(keys or new_keys()))
    return Copy(transport, copied.rewrite)


PLANS = st.builds(
    ExtensionPlan,
    st.lists(st.tuples(st.integers(1, 4), st.integers(5, 20)), max_size=3).map(tuple),
    st.sampled_from([0, 1, 3, 30]),
    st.sampled_from([0, 2, 4, 31]),
    st.sampled_from([0, 5, 6, 7]),
)
REWRITES = st.builds(
    Rewrite,
    st.integers(0, 3),
    st.integers(0, 127),
    st.integers(0, 0xFFFF),
    st.integers(0, 0xFFFFFFFF),
    PLANS,
    st.sampled_from([-1, 0, 1, 0x7F, 0x80, 0x7FFF]),
    st.sampled_from([-1, 0, 0xFF]),
    st.sampled_from([-1, 0, 0xFFFF]),
    st.booleans(),
    st.booleans(),
)


@st.composite
def packets(draw: st.DrawFn) -> rtp.RtpPacket:
    payload = draw(st.binary(max_size=40) | st.integers(1200, 1400).map(bytes))
    packet = rtp.parse(
        media(
            draw(st.integers(0, 0xFFFF)),
            payload,
            marker=draw(st.booleans()),
            extensions=draw(
                st.dictionaries(st.integers(1, 16), st.binary(max_size=17), max_size=4)
            ),
            csrcs=draw(st.lists(st.integers(0, 9), max_size=2)),
            padding=draw(st.integers(0, 3)),
        )
    )
    if draw(st.booleans()):
        place = st.just(-1) | st.integers(packet.payload_offset, packet.payload_end)
        packet.mark = PayloadMark(
            False,
            False,
            picture_id_offset=draw(place),
            picture_id_long=draw(st.booleans()),
            tl0picidx_offset=draw(place),
        )
    return packet


def attempt(egress: Any, packet: rtp.RtpPacket, copies: list[Any], traffic: Any) -> str:
    """Emits; what came out of it, when that was an exception."""
    try:
        egress.emit(packet, copies, traffic, 1234.5678)
    except Exception as error:
        return type(error).__name__
    return ""


@profiles
@given(packets(), st.lists(REWRITES, min_size=1, max_size=4), seeds)
@settings(max_examples=150, deadline=None)
def test_any_copies_are_the_bytes_and_counts_of_the_python_path(
    port, profile, packet, rewrites, seed
) -> None:
    python, native = both(port)
    own = [native_copy(port, each, new_keys(profile, seed + n)) for n, each in enumerate(rewrites)]
    twins = [python_twin(port, each, new_keys(profile, seed + n)) for n, each in enumerate(own)]
    traffics = Counters().video, Counters().video
    failure, expected = attempt(python, packet, twins, traffics[0]), sorted(port.received())
    counted = port.counters.datagrams_out, python._counters.drops
    port.counters.datagrams_out = port.taken = 0
    failed, sent = attempt(native, packet, own, traffics[1]), sorted(port.received())
    assert failed == failure
    if failure:
        return  # offsets that no parser makes: native code sends the copies after the bad one
    assert port.taken == 0
    assert sent == expected
    assert (port.counters.datagrams_out, port.counters.drops) == counted
    assert traffics[0] == traffics[1]
    for one, other in zip(own, twins, strict=True):
        assert (one.packets_sent, one.octets_sent) == (other.packets_sent, other.octets_sent)
        assert one.history.sent_bytes == other.history.sent_bytes
        assert one.history._next == other.history._next


def test_more_copies_than_one_system_call_takes_arrive_in_order(port) -> None:
    _, native = both(port)
    copies = [native_copy(port, Rewrite(9, 96, number, 0)) for number in range(150)]
    traffic = Counters().video
    native.emit(rtp.parse(media(1)), copies, traffic, 1.0)
    numbers = [int.from_bytes(data[2:4], "big") for data in port.received()]
    assert numbers == list(range(150))
    assert traffic.packets_out == port.counters.datagrams_out == 150
    assert {each.packets_sent for each in copies} == {1}
    assert port.taken == 0


SIZES = st.lists(st.sampled_from([0, 1, 2, 100, 100, 1200]), min_size=1, max_size=12)


@given(SIZES, st.integers(1, 3))
@settings(max_examples=60, deadline=None)
def test_what_is_held_leaves_at_the_flush_as_if_sent_at_once(port, sizes, receivers) -> None:
    _, native = both(port)
    held = [native_copy(port, Rewrite(n, 96, 0, 0), new_keys(seed=n)) for n in range(receivers)]
    twins = [native_copy(port, each.rewrite, new_keys(seed=n)) for n, each in enumerate(held)]
    traffics = Counters().video, Counters().video
    arrived: list[list[bytes]] = []
    for copies, traffic in ((twins, traffics[0]), (held, traffics[1])):
        if copies is held:
            native.hold()
        for number, size in enumerate(sizes):
            for each in copies:
                each.rewrite.sequence_number = number
            native.emit(rtp.parse(media(number, bytes(size))), copies, traffic, 1.0)
        if copies is held:
            assert port.received() == []
            assert traffic.packets_out == 0
            native.flush()
        arrived.append(port.received())
    # Each receiver gets its own in the order in which they were sent.
    for ssrc in range(receivers):
        of_one = [[data for data in each if data[11] == ssrc] for each in arrived]
        assert of_one[0] == of_one[1]
        assert len(of_one[0]) == len(sizes)
    assert traffics[0] == traffics[1]
    assert [each.octets_sent for each in held] == [sum(sizes)] * receivers
    assert port.counters.datagrams_out == 2 * len(sizes) * receivers


def test_more_is_held_than_there_is_room_for(port) -> None:
    _, native = both(port)
    one = native_copy(port, Rewrite(9, 96, 0, 0))
    traffic = Counters().video
    native.hold()
    for number in range(700):
        one.rewrite.sequence_number = number
        native.emit(rtp.parse(media(number)), [one], traffic, 1.0)
    native.flush()
    numbers = [int.from_bytes(data[2:4], "big") for data in port.received()]
    assert numbers == list(range(700))
    assert one.packets_sent == traffic.packets_out == 700


def test_a_browser_that_moves_while_packets_are_held_gets_each_where_it_was(port) -> None:
    _, native = both(port)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as elsewhere:
        elsewhere.bind(("127.0.0.1", 0))
        elsewhere.settimeout(10)
        moving = native_copy(port, Rewrite(9, 96, 1, 0))
        native.hold()
        for number, home in enumerate((port.address, elsewhere.getsockname(), port.address)):
            moving.transport.remote_address = home
            moving.rewrite.sequence_number = number
            native.emit(rtp.parse(media(number)), [moving], Counters().video, 1.0)
        native.flush()
        assert elsewhere.recv(2048)[3] == 1
    assert [data[3] for data in port.received()] == [0, 2]


def test_all_that_was_held_for_an_address_the_system_refuses_is_counted(new_port) -> None:
    _, native = both(new_port)
    copies = [native_copy(new_port, Rewrite(9, 96, 0, 0)) for _ in range(2)]
    copies[0].transport.remote_address = ("255.255.255.255", 9)
    native.hold()
    for number in range(3):
        for each in copies:
            each.rewrite.sequence_number = number
        native.emit(rtp.parse(media(number)), copies, Counters().video, 1.0)
    native.flush()
    assert new_port.counters.drops == {"send-failed": 3}
    assert [data[3] for data in new_port.received()] == [0, 1, 2]
    assert [each.packets_sent for each in copies] == [0, 3]


def test_both_families_leave_by_their_own_socket(port) -> None:
    with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as new:
        try:
            new.bind(("::1", 0))
        except OSError:
            pytest.skip("this machine has no IPv6 loopback")
        new.settimeout(10)
        counters = Counters()
        native = NativeEgress(port.send, counters, lambda: (port.outgoing.fileno(), new.fileno()))
        copies = [native_copy(port, Rewrite(9, 96, number, 0)) for number in range(4)]
        for each in copies[::2]:
            each.transport.remote_address = new.getsockname()
        native.emit(rtp.parse(media(1)), copies, counters.video, 1.0)
        assert [new.recv(2048)[3] for _ in range(2)] == [0, 2]
        assert [data[3] for data in port.received()] == [1, 3]
        assert counters.datagrams_out == 4


def test_a_moved_browser_gets_the_next_packet_at_its_new_address(port) -> None:
    _, native = both(port)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as elsewhere:
        elsewhere.bind(("127.0.0.1", 0))
        elsewhere.settimeout(10)
        moving = native_copy(port, Rewrite(9, 96, 1, 0))
        native.emit(rtp.parse(media(1)), [moving], Counters().video, 1.0)
        assert len(port.received()) == 1
        moving.transport.remote_address = elsewhere.getsockname()
        moving.rewrite.sequence_number = 2
        native.emit(rtp.parse(media(2)), [moving], Counters().video, 1.0)
        assert elsewhere.recv(2048)[3] == 2
    assert port.received() == []


def test_what_the_system_refuses_is_counted_and_stops_nobody(new_port) -> None:
    _, native = both(new_port)
    # Nothing may be sent to a broadcast address without having asked for it.
    copies = [native_copy(new_port, Rewrite(9, 96, number, 0)) for number in range(3)]
    copies[1].transport.remote_address = ("255.255.255.255", 9)
    native.emit(rtp.parse(media(1)), copies, Counters().video, 1.0)
    assert [data[3] for data in new_port.received()] == [0, 2]
    assert [each.packets_sent for each in copies] == [1, 0, 1]
    assert new_port.counters.drops == {"send-failed": 1}
    assert new_port.counters.datagrams_out == 2


def test_a_closed_socket_is_counted(new_port) -> None:
    _, native = both(new_port)
    new_port.outgoing.close()
    one = native_copy(new_port, Rewrite(9, 96, 1, 0))
    native.emit(rtp.parse(media(1)), [one], Counters().video, 1.0)
    assert new_port.counters.drops == {"send-failed": 1}
    assert (one.packets_sent, new_port.counters.datagrams_out) == (0, 0)


def test_a_full_socket_is_counted(new_port) -> None:
    # A connected TCP socket takes packets with an address, and can be filled up.
    with socket.create_server(("127.0.0.1", 0)) as listener:
        full = socket.create_connection(listener.getsockname())
        reader, _ = listener.accept()
    with full, reader:
        full.setblocking(False)
        with contextlib.suppress(BlockingIOError):
            while True:
                full.send(bytes(65536))
        counters = Counters()
        native = NativeEgress(new_port.send, counters, lambda: (full.fileno(), NO_SOCKET))
        copies = [native_copy(new_port, Rewrite(9, 96, number, 0)) for number in range(3)]
        native.hold()
        native.emit(rtp.parse(media(1)), copies, Counters().video, 1.0)
        copies[0].rewrite.sequence_number = 2
        native.emit(rtp.parse(media(2)), copies[:1], Counters().video, 1.0)
        native.flush()
    assert counters.drops == {"socket-full": 4}
    assert [each.packets_sent for each in copies] == [0, 0, 0]


@pytest.mark.parametrize("native", [False, True])
def test_a_malformed_extension_drops_the_copies_that_forward_any(port, native) -> None:
    python, other = both(port)
    egress = other if native else python
    counters = port.counters = egress._counters
    element_too_long = media(1, extensions={1: b"x"}).replace(b"\x10x", b"\x1fx")
    broken = rtp.parse(element_too_long)
    forwarding = ExtensionPlan(forwarded=((1, 2),))
    copies = [native_copy(port, Rewrite(9, 96, number, 0, forwarding)) for number in range(3)]
    copies.append(native_copy(port, Rewrite(9, 96, 4, 0)))
    egress.emit(broken, copies, Counters().video, 1.0)
    assert counters.drops == {"egress-protect": 3}
    assert [data[3] for data in port.received()] == [4]


def test_a_family_without_a_socket_is_counted(port) -> None:
    _, native = both(port)
    one = native_copy(port, Rewrite(9, 96, 1, 0))
    one.transport.remote_address = ("::1", 9, 0, 0)
    native.emit(rtp.parse(media(1)), [one], Counters().video, 1.0)
    assert port.counters.drops == {"no-such-family": 1}


@pytest.mark.parametrize(
    "address",
    [("example", 9), ("127.0.0.1",), None, ("127.0.0.1", 70_000), TcpAddress("127.0.0.1", 9)],
)
def test_an_unusual_address_is_left_to_the_python_path(port, address) -> None:
    asked: list[Any] = []
    native = NativeEgress(lambda data, to: asked.append(to) is None, Counters(), port.descriptors)
    one = native_copy(port, Rewrite(9, 96, 1, 0))
    one.transport.remote_address = address
    native.emit(rtp.parse(media(1)), [one], Counters().video, 1.0)
    assert asked == [address]
    assert one.packets_sent == 1


def test_a_copy_without_a_sender_goes_out_by_the_python_path(port) -> None:
    _, native = both(port)
    plain = Copy(Transport(port.address, libsrtp(new_keys())), Rewrite(9, 96, 1, 0))
    mixed = [plain, native_copy(port, Rewrite(9, 96, 2, 0))]
    traffic = Counters().video
    native.emit(rtp.parse(media(1)), mixed, traffic, 1.0)
    assert sorted(data[3] for data in port.received()) == [1, 2]
    assert traffic.packets_out == 2


def test_a_transport_that_is_not_connected_is_counted(port) -> None:
    _, native = both(port)
    native.emit(
        rtp.parse(media(1)),
        [Copy(Transport(port.address, None), Rewrite(9, 96, 1, 0))],
        Counters().video,
        1.0,
    )
    assert port.counters.drops == {"egress-protect": 1}


STAMPED = ExtensionPlan(transport_cc=3, abs_send_time=2)


def test_a_plain_resend_is_the_same_datagram_with_its_stamps(port) -> None:
    _, native = both(port)
    one = native_copy(port, Rewrite(9, 96, 65_535, 0, STAMPED))
    native.emit(rtp.parse(media(1)), [one], Counters().video, 5.5)
    (first,) = port.received()
    one.rewrite.sequence_number = 0
    native.emit(rtp.parse(media(2)), [one], Counters().video, 6.5)
    port.received()
    one.rewrite.sequence_number = 65_535
    assert native.emit_plain(rtp.parse(media(1)), one) == len(first) - 16
    assert port.received() == [first]
    assert port.counters.drops == {}


def test_what_was_not_sent_cannot_be_sent_again(port) -> None:
    _, native = both(port)
    one = native_copy(port, Rewrite(9, 96, 1, 0, STAMPED))
    assert native.emit_plain(rtp.parse(media(1)), one) == 0
    assert port.received() == []


@profiles
def test_retransmissions_and_padding_share_the_senders_counters(port, profile) -> None:
    _, native = both(port)
    keys = new_keys(profile)
    one = native_copy(port, Rewrite(9, 96, 1, 0, STAMPED), keys)
    packet = rtp.parse(media(1))
    native.emit(packet, [one], Counters().video, 1.0)
    numbers = [n & 0xFFFF for n in range(65_530, 65_541)]
    for number in numbers:
        if number % 2:
            assert native.emit_retransmission(packet, one, 10, 97, number, 1.0)
        else:
            assert native.emit_padding(100, one, 10, 97, number, 1.0)
    unprotect = receiver(keys).unprotect
    plain = [rtp.parse(unprotect(data)) for data in port.received()]
    assert [each.sequence_number for each in plain] == [1, *numbers]
    assert {each.ssrc for each in plain} == {9, 10}


def test_a_connected_transport_protects_media_with_the_native_sender_alone(new_pair) -> None:
    pair = new_pair(make_sender=native_sender)
    pair.connect()
    _, unprotect = pair.srtp()
    assert pair.transport.protect == pair.transport.sender.protect
    assert unprotect.unprotect(pair.transport.protect(media(1))) == media(1)
