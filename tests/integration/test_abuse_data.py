"""One SCTP packet each that would hang, crash or fill a server that trusts its peers."""

from __future__ import annotations

import struct

import google_crc32c
import pytest

from tests.unit.server.data_peer import DataPeer, DataRoom

INIT, INIT_ACK, HEARTBEAT, HEARTBEAT_ACK, ABORT, ERROR, RECONFIG = 1, 2, 4, 5, 6, 9, 130


def sctp(peer: DataPeer, kind: int, body: bytes) -> bytes:
    """A packet with one chunk, with the tag and the checksum that it needs."""
    tag = 0 if kind == INIT else peer.sctp._remote_verification_tag
    chunk = struct.pack("!BBH", kind, 0, 4 + len(body)) + body + bytes(-len(body) % 4)
    head = struct.pack("!HHL", 5000, 5000, tag)
    checksum = google_crc32c.value(head + bytes(4) + chunk)
    return head + struct.pack("<L", checksum) + chunk


@pytest.mark.parametrize("length", range(4))
@pytest.mark.parametrize("kind", [INIT, INIT_ACK, HEARTBEAT, HEARTBEAT_ACK, ABORT, ERROR, RECONFIG])
async def test_a_parameter_shorter_than_its_header_is_dropped(kind: int, length: int) -> None:
    room = DataRoom()
    eve, bob = room.peer("eve"), room.peer("bob")
    await eve.connect()
    await bob.connect()
    fixed = struct.pack("!LLHHL", 1, 100_000, 1, 1, 1) if kind in (INIT, INIT_ACK) else b""
    for parameters in (b"\0\x01\0\x08abcd", b""):
        eve.inject(sctp(eve, kind, fixed + parameters + struct.pack("!HH", 13, length) + bytes(8)))
    # With the code of aiortc alone, the event loop never comes back from here.
    await eve.settle(5)
    assert room.counters.drops["sctp-malformed"] == 2
    eve.tell("chat", type="say", id="1", text="hello")
    await eve.settle()
    assert [said["text"] for said in bob.of("said")] == ["hello"]
