"""Chat and files over aiortc's SCTP in memory; and what a hostile client cannot do with it."""

from __future__ import annotations

import asyncio
import inspect
import itertools
import os
import struct

import pytest
from aiortc import rtcsctptransport
from aiortc.rtcsctptransport import (
    CookieEchoChunk,
    DataChunk,
    ForwardTsnChunk,
    InitChunk,
    ReconfigChunk,
    RTCSctpTransport,
    SackChunk,
    serialize_packet,
)
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sfu.server import datachannel
from sfu.server.association import MAX_BUFFERED_BYTES, MAX_OPENED
from sfu.server.datachannel import MAX_WAITING
from sfu.server.sctp_guard import MAX_STREAMS
from tests.unit.server.data_peer import DataPeer, DataRoom

DCEP, TEXT, BINARY = 50, 51, 53
WHOLE, FIRST, UNORDERED = 3, 2, 4


@pytest.fixture
async def room() -> DataRoom:
    return DataRoom()


async def three(room: DataRoom) -> list[DataPeer]:
    peers = [room.peer(name) for name in ("ann", "bob", "eve")]
    for peer in peers:
        await peer.connect()
    return peers


def sctp(peer: DataPeer) -> RTCSctpTransport:
    """The server's end."""
    return peer.room.data._associations[peer.participant.id]._sctp


def data_chunk(
    peer: DataPeer, offset: int, content: bytes, *, stream: int = 0, flags: int = WHOLE, kind=TEXT
) -> bytes:
    chunk = DataChunk(flags=flags)
    chunk.tsn = (sctp(peer)._last_received_tsn + offset) % (1 << 32)
    chunk.stream_id, chunk.protocol, chunk.user_data = stream, kind, content
    return packet(peer, chunk)


def packet(peer: DataPeer, *chunks: object) -> bytes:
    first, *rest = (bytes(chunk) for chunk in chunks)
    body = type("Chunks", (), {"__bytes__": lambda self: first + b"".join(rest)})()
    return serialize_packet(5000, 5000, sctp(peer)._local_verification_tag, body)


# --- what works ---


async def test_chat_reaches_everybody_and_private_chat_its_two(room: DataRoom) -> None:
    ann, bob, eve = await three(room)
    assert [message["type"] for message in ann.heard] == ["history"]
    ann.tell("chat", type="say", id="1", text="hello")
    ann.tell("chat", type="say", id="2", text="psst", to="p-bob")
    await ann.settle()
    assert [m["text"] for m in bob.of("said")] == ["hello", "psst"]
    assert [m["text"] for m in eve.of("said")] == ["hello"]
    assert [m["id"] for m in ann.of("said")] == ["1", "2"]
    assert [m["id"] for m in bob.of("said")] == ["", ""]
    assert room.counters.chat_messages == 2


@pytest.mark.parametrize(("limit", "shown"), [(65536, range(16, 31)), (262144, range(1, 31))])
async def test_of_a_long_history_comes_what_the_client_takes(
    room: DataRoom, limit: int, shown: range
) -> None:
    ann = room.peer("ann")
    ann.participant.max_message_size = limit
    for number in range(30):
        room.chat.say("p-ann", "ann", id="", text='"\n' * 1000 + str(number), to=None, now=number)
    await ann.connect()
    (history,) = ann.of("history")
    assert (history["maxFile"], history["maxText"]) == (400_000, 4000)
    assert [message["number"] for message in history["messages"]] == list(shown)


async def test_a_client_that_takes_little_misses_what_is_longer(room: DataRoom) -> None:
    ann, _, _ = await three(room)
    bob = room.peer("small")
    bob.participant.max_message_size = 300
    await bob.connect()
    ann.tell("chat", type="say", id="1", text="x" * 300)
    ann.tell("chat", type="say", id="2", text="short")
    await ann.settle()
    assert [message["text"] for message in bob.of("said")] == ["short"]
    assert room.counters.drops["data-too-large"] == 1
    assert not room.counters.bugs


async def test_a_file_goes_up_and_comes_down_whole(room: DataRoom) -> None:
    ann, bob, _ = await three(room)
    content = os.urandom(200_000)
    ann.tell("files", type="send-file", id="f", name="a.bin", size=len(content), mime="a/b")
    await ann.settle()
    (accepted,) = ann.of("file-accepted")
    number = accepted["number"]
    for start in range(0, len(content), 16384):
        ann.channels["files"].send(number.to_bytes(4, "big") + content[start : start + 16384])
    await ann.settle(2000)
    assert bob.of("said")[0]["file"] == {
        "number": number,
        "name": "a.bin",
        "size": 200_000,
        "mime": "a/b",
    }
    bob.tell("files", type="fetch-file", number=number)
    await ann.settle(2000)
    assert b"".join(piece[4:] for piece in bob.pieces) == content
    assert room.counters.files == 1
    assert room.counters.file_bytes_in == room.counters.file_bytes_out == 200_000


@pytest.mark.parametrize(
    ("label", "message", "type", "code"),
    [
        ("chat", "{", "refused", "bad-message"),
        ("chat", '{"type": "fly"}', "refused", "bad-message"),
        ("chat", "x" * 40_000, "refused", "message-too-large"),
        ("chat", '{"type": "say", "id": "1", "text": ""}', "refused", "bad-message"),
        ("files", '{"type": "fetch-file", "number": 9}', "file-gone", "no-such-file"),
        (
            "files",
            '{"type": "send-file", "id": "1", "name": "a", "size": 400001}',
            "refused",
            "too-large",
        ),
        ("files", b"\0\0\0\1", "file-gone", "bad-message"),
        ("chat", b"\0\0\0\1x", "file-gone", "bad-message"),
        ("files", bytes(4 + 16385), "file-gone", "bad-message"),
    ],
)
async def test_what_is_not_right_is_refused_and_the_channel_lives(
    room: DataRoom, label: str, message: str | bytes, type: str, code: str
) -> None:
    ann, bob, _ = await three(room)
    ann.channels[label].send(message)
    await ann.settle()
    (refused,) = ann.of(type)
    assert refused["code"] == code
    assert room.counters.data_refused[code] == 1
    ann.tell("chat", type="say", id="2", text="still here")
    await ann.settle()
    assert [m["text"] for m in bob.of("said")] == ["still here"]


async def test_who_asks_for_files_too_fast_is_refused(room: DataRoom) -> None:
    ann = room.peer("ann")
    await ann.connect()
    for _ in range(40):
        ann.tell("files", type="fetch-file", number=1)
    await ann.settle(1000)
    codes = [each["code"] for each in ann.of("file-gone")]
    assert codes[:30] == ["no-such-file"] * 30
    assert "too-fast" in codes


async def test_closing_and_opening_again_reads_on(room: DataRoom) -> None:
    ann, bob, _ = await three(room)
    ann.channels["chat"].close()
    await ann.settle()
    bob.tell("chat", type="say", id="1", text="meanwhile")
    await ann.settle()
    ann.heard.clear()
    ann.open("chat")
    await ann.settle()
    assert [m["text"] for m in ann.of("history")[0]["messages"]] == ["meanwhile"]


# --- who leaves, and what is left ---


async def test_nothing_is_left_of_who_leaves(room: DataRoom) -> None:
    loop = asyncio.get_running_loop()
    before = len(asyncio.all_tasks())
    ann, bob, _ = await three(room)
    ann.tell("files", type="send-file", id="f", name="a", size=1000)
    await ann.settle()
    server = sctp(ann)
    bob.deaf = True  # leaves with data on its way
    ann.tell("chat", type="say", id="1", text="x" * 3000)
    await ann.settle()
    deaf = sctp(bob)
    for peer in (ann, bob):
        room.leave(peer)
    await ann.settle()
    assert ann.sctp.state == "closed"  # it was told
    for each in (server, deaf):
        assert each.state == "closed"
        timers = (each._t1_handle, each._t2_handle, each._t3_handle, each._reconfig_handle)
        assert timers == (None,) * 4
    assert len(room.data) == 1
    assert room.space.used == 0
    ann.inject(b"anything")  # on its way when it left
    await ann.settle()
    assert len(room.data) == 1
    assert len(asyncio.all_tasks(loop)) == before
    assert not room.counters.bugs


async def test_a_bug_ends_the_data_of_one_participant_only(
    room: DataRoom, monkeypatch: pytest.MonkeyPatch
) -> None:
    ann, bob, eve = await three(room)

    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("nobody foresaw this")

    monkeypatch.setattr(room.files, "begin", broken)
    ann.tell("files", type="send-file", id="f", name="a", size=1)
    await ann.settle()
    assert room.counters.bugs["data"] == 1
    assert room.counters.data_closed == {"internal-error": 1}
    assert ann.sctp.state == "closed"
    bob.tell("chat", type="say", id="1", text="hello")
    await ann.settle()
    assert len(eve.of("said")) == 1
    ann.inject(os.urandom(100))
    await ann.settle()
    assert room.counters.bugs["data"] == 1


async def test_logs_hold_no_texts_and_no_names(room: DataRoom) -> None:
    ann, _, _ = await three(room)
    ann.tell("chat", type="say", id="1", text="secret words")
    ann.tell("files", type="send-file", id="f", name="secret.txt", size=0)
    ann.inject(data_chunk(ann, 1, b"\xff", stream=0))
    await ann.settle()
    room.leave(ann)
    assert room.observed
    assert "secret" not in str(room.observed)


# --- abuse ---


async def test_only_two_channels_are_carried_and_only_so_many_opened(room: DataRoom) -> None:
    ann = room.peer("ann")
    await ann.connect("chat", "files", "games")
    assert ann.channels["games"].readyState in ("closing", "closed")
    assert ann.channels["chat"].readyState == "open"
    lossy = ann.open("files", maxRetransmits=0)
    await ann.settle()
    assert lossy.readyState in ("closing", "closed")
    for _ in range(MAX_OPENED):
        ann.channels["chat"].close()
        await ann.settle()
        ann.open("chat")
        await ann.settle()
    assert len(ann.of("history")) == MAX_OPENED - 3
    assert room.counters.drops["data-channel-refused"] >= 3


async def test_a_message_beyond_the_maximum_ends_the_data(room: DataRoom) -> None:
    ann = room.peer("ann")
    await ann.connect()
    ann.channels["files"].send(bytes(65536))  # what a channel may carry: refused by the protocol
    await ann.settle()
    assert [each["code"] for each in ann.of("file-gone")] == ["bad-message"]
    ann.sctp._remote_max_message_size = 0
    ann.channels["files"].send(bytes(65537))
    await ann.settle()
    assert room.counters.data_closed == {"message-too-large": 1}


@pytest.mark.parametrize(
    ("size", "reason"), [(1100, "message-too-large"), (1, "too-many-fragments")]
)
async def test_a_message_without_end_is_not_collected(
    room: DataRoom, size: int, reason: str
) -> None:
    ann = room.peer("ann")
    await ann.connect()
    most = 0
    for turn in range(1000):
        if not len(room.data):
            break
        ann.inject(data_chunk(ann, 1, bytes(size), flags=FIRST if turn == 0 else 0))
        await ann.settle(2)
        stream = sctp(ann)._inbound_streams.get(0)
        most = max(most, sum(len(chunk.user_data) + 400 for chunk in stream.reassembly))
    assert room.counters.data_closed == {reason: 1}
    assert 0 < most < 400_000


async def test_chunks_out_of_order_are_held_only_up_to_the_bound(room: DataRoom) -> None:
    ann = room.peer("ann")
    await ann.connect()
    for turn in range(1000):
        ann.inject(data_chunk(ann, 2 + 2 * turn, b"x", flags=WHOLE | UNORDERED))
        await ann.settle(2)
    assert len(sctp(ann)._sack_misordered) <= 256
    assert room.counters.drops["sctp-data"] >= 744


async def test_streams_are_bounded(room: DataRoom) -> None:
    ann = room.peer("ann")
    await ann.connect()
    for stream in range(100, 200):
        if len(room.data):
            ann.inject(data_chunk(ann, 1, b"x", stream=stream))
            await ann.settle(2)
    assert room.counters.data_closed == {"too-many-streams": 1}
    bob = room.peer("bob")
    await bob.connect()
    skip = ForwardTsnChunk()
    skip.cumulative_tsn = (sctp(bob)._last_received_tsn + 1) % (1 << 32)
    skip.streams = [(stream, 1) for stream in range(MAX_STREAMS + 10)]
    bob.inject(packet(bob, skip))
    await bob.settle()
    assert room.counters.data_closed == {"too-many-streams": 2}


async def test_a_sack_about_what_was_never_sent_costs_nothing(room: DataRoom) -> None:
    ann = room.peer("ann")
    await ann.connect()
    server = sctp(ann)
    for ahead, gaps in [
        (0, [(1, 65535)] * 400),
        (0, [(2, 1)]),
        (0, [(1, 60000)]),
        (1000, []),
    ]:
        sack = SackChunk()
        sack.cumulative_tsn = (server._last_sacked_tsn + ahead) % (1 << 32)
        sack.gaps = gaps
        ann.inject(packet(ann, sack))
    short = SackChunk()
    short.cumulative_tsn = server._last_sacked_tsn
    lying = bytearray(bytes(short))
    lying[12:14] = struct.pack("!H", 500)
    ann.inject(packet(ann, bytes(lying)))
    await ann.settle()
    assert room.counters.drops["sctp-sack"] == 5
    assert len(room.data) == 1


async def test_empty_chunks_and_crowded_packets_are_dropped(room: DataRoom) -> None:
    ann = room.peer("ann")
    await ann.connect()
    ann.inject(data_chunk(ann, 1, b""))
    chunk = DataChunk(flags=WHOLE)
    chunk.user_data = b"x"
    ann.inject(packet(ann, *[chunk] * 65))
    await ann.settle()
    assert room.counters.drops["sctp-data"] == 1
    assert room.counters.drops["sctp-malformed"] == 1


async def test_data_before_the_handshake_is_dropped(room: DataRoom) -> None:
    ann = room.peer("ann")
    ann.inject(serialize_packet(5000, 5000, 1, InitChunk()))  # one that is not valid
    chunk = DataChunk(flags=WHOLE)
    chunk.user_data = b"x"
    bob = room.peer("bob")
    bob.inject(serialize_packet(5000, 5000, 0, CookieEchoChunk(body=bytes(24))))
    bob.inject(packet(bob, chunk))
    await ann.settle()
    assert room.counters.drops["sctp-before-init"] == 1
    assert not room.counters.bugs


async def test_a_slow_reader_loses_its_data_and_delays_nobody(room: DataRoom) -> None:
    ann, bob, eve = await three(room)
    bob.deaf = True
    for turn in range(300):
        room.chat.say("p-ann", "ann", id="", text="x" * 4000, to=None, now=turn)
        await ann.settle(3)
    await ann.settle(1000)
    assert room.counters.data_closed == {"slow-reader": 1}
    assert MAX_BUFFERED_BYTES < 300 * 4000
    assert len(eve.of("said")) == 300
    assert len(room.data) == 2


async def test_packets_wait_in_a_bounded_queue(room: DataRoom) -> None:
    ann = room.peer("ann")
    await ann.connect()
    for _ in range(MAX_WAITING + 50):
        ann.inject(os.urandom(64))
    assert room.counters.drops["data-queue-full"] == 50
    await ann.settle(1000)
    ann.tell("chat", type="say", id="1", text="hello")
    await ann.settle()
    assert len(ann.of("said")) == 1


async def test_a_flood_of_one_leaves_the_event_loop_its_turns(
    room: DataRoom, monkeypatch: pytest.MonkeyPatch
) -> None:
    ann, bob, _ = await three(room)
    ticks = itertools.count()
    # Each look at the clock is a millisecond later.
    monkeypatch.setattr(datachannel.time, "monotonic", lambda: next(ticks) / 1000)
    for _ in range(100):
        ann.inject(data_chunk(ann, 0, b"x" * 1000))  # a duplicate
    waiting = room.data._associations["p-ann"].waiting
    bob.tell("chat", type="say", id="1", text="hello")
    turns = 0
    while waiting:
        before = len(waiting)
        await asyncio.sleep(0)
        assert before - len(waiting) <= 3
        turns += 1
    assert turns >= 33
    assert len(bob.of("said")) == 1  # not behind the hundred


chunks = st.lists(
    st.tuples(
        st.sampled_from([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 14, 130, 192, 77]),
        st.integers(0, 7),
        st.binary(max_size=60),
    ),
    min_size=1,
    max_size=4,
)
messages = st.tuples(st.sampled_from([DCEP, TEXT, BINARY, 56, 57, 99]), st.binary(max_size=40))


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.one_of(chunks, messages), min_size=1, max_size=6))
def test_garbage_of_every_kind_is_no_bug_and_hurts_nobody_else(script: list) -> None:
    async def run() -> None:
        room = DataRoom()
        ann, bob, eve = await three(room)
        for step in script:
            if not any(each.participant is ann.participant for each in alive(room)):
                break
            if isinstance(step, tuple):
                ann.inject(data_chunk(ann, 1, step[1] or b"\0", kind=step[0]))
            else:
                body = b"".join(
                    struct.pack("!BBH", kind, flags, 4 + len(content))
                    + content
                    + bytes(-len(content) % 4)
                    for kind, flags, content in step
                )
                ann.inject(packet(ann, body))
            await ann.settle(10)
        bob.tell("chat", type="say", id="1", text="hello")
        await bob.settle()
        assert [m["text"] for m in eve.of("said")][-1:] == ["hello"]
        assert not room.counters.bugs
        for peer in (ann, bob, eve):
            room.leave(peer)
        await bob.settle(20)

    asyncio.run(run())


def alive(room: DataRoom) -> list:
    return [each for each in room.data._associations.values() if not each.ended]


async def test_an_unknown_reset_request_is_no_bug(room: DataRoom) -> None:
    ann = room.peer("ann")
    await ann.connect()
    reset = ReconfigChunk()
    reset.params = [(13, b"\0\0")]
    ann.inject(packet(ann, reset))
    await ann.settle()
    assert room.counters.data_closed == {"broken-packet": 1}
    assert not room.counters.bugs


# --- what we rely on in aiortc ---


async def test_aiortcs_sctp_is_as_we_know_it(room: DataRoom) -> None:
    ann = room.peer("ann")
    await ann.connect()
    server = sctp(ann)
    for name in (
        "_advertised_rwnd",
        "_association_state",
        "_cwnd",
        "_data_channel_queue",
        "_forward_tsn_chunk",
        "_inbound_streams",
        "_inbound_streams_max",
        "_last_received_tsn",
        "_last_sacked_tsn",
        "_local_verification_tag",
        "_outbound_queue",
        "_sack_misordered",
        "_sent_queue",
    ):
        assert hasattr(server, name), name
    assert all(hasattr(stream, "reassembly") for stream in server._inbound_streams.values())
    for method in ("_handle_data", "_init", "start", "stop"):
        assert inspect.iscoroutinefunction(getattr(RTCSctpTransport, method)), method
    # One thing only may make it wait: sending.
    source = inspect.getsource(rtcsctptransport)
    awaited = {
        line.split("await ")[1].split("(")[0].strip()
        for line in source.splitlines()
        if "await " in line and not line.strip().startswith("#")
    }
    assert all(name.startswith("self._") for name in awaited), awaited
    assert awaited & {"self.__transport._send_data"}
