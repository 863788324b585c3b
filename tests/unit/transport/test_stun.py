"""STUN messages: written and read back, signed, and refused when they are not whole."""

from __future__ import annotations

import contextlib

from hypothesis import given
from hypothesis import strategies as st

from sfu.errors import MalformedPacket
from sfu.transport import stun

PASSWORD = "a password of some length"


def test_the_request_of_rfc_5769_is_read_and_its_signature_accepted() -> None:
    # RFC 5769 section 2.1
    data = bytes.fromhex(
        "000100582112a442b7e7a701bc34d686fa87dfae"
        "802200105354554e207465737420636c69656e74"
        "002400046e0001ff80290008932ff9b151263b36"
        "000600096576746a3a683676592020200008"
        "00149aeaa70cbfd8cb56781ef2b5b2d3f249c1b571a2"
        "80280004e57a3bcf"
    )
    message = stun.parse(data)
    assert message.kind == stun.BINDING_REQUEST
    assert message.attributes[stun.USERNAME] == b"evtj:h6vY"
    assert message.signed_by("VOkJxbRl1RmTxUk/WvJxBt")
    assert not message.signed_by("VOkJxbRl1RmTxUk/WvJxBu")


def test_the_addresses_of_rfc_5769_are_written() -> None:
    transaction = bytes.fromhex("b7e7a701bc34d686fa87dfae")
    assert stun.xor_address("192.0.2.1", 32853, transaction).hex() == "0001a147e112a643"
    written = stun.xor_address("2001:db8:1234:5678:11:2233:4455:6677", 32853, transaction)
    assert written.hex() == "0002a1470113a9faa5d3f179bc25f4b5bed2b9d9"


@given(
    st.sampled_from([stun.BINDING_REQUEST, stun.BINDING_SUCCESS, stun.BINDING_ERROR]),
    st.binary(min_size=12, max_size=12),
    st.dictionaries(
        st.sampled_from([stun.USERNAME, stun.PRIORITY, stun.USE_CANDIDATE, 0x7FFF]),
        st.binary(max_size=60),
    ),
    st.sampled_from(["", PASSWORD]),
)
def test_what_is_written_is_read_back(kind, transaction, attributes, password) -> None:
    message = stun.parse(stun.write(kind, transaction, attributes, password))
    assert (message.kind, message.transaction) == (kind, transaction)
    for attribute, value in attributes.items():
        assert message.attributes[attribute] == value
    assert message.signed_by(password) is bool(password)


@given(st.binary(max_size=200))
def test_any_bytes_are_a_message_or_malformed(data: bytes) -> None:
    with contextlib.suppress(MalformedPacket):
        assert stun.parse(data).kind < 0x4000


@given(st.data())
def test_a_changed_byte_is_noticed(data) -> None:
    whole = stun.write(stun.BINDING_REQUEST, bytes(12), {stun.USERNAME: b"a:b"}, PASSWORD)
    index = data.draw(st.integers(0, len(whole) - 1))
    changed = bytearray(whole)
    changed[index] ^= data.draw(st.integers(1, 255))
    try:
        message = stun.parse(bytes(changed))
    except MalformedPacket:
        return
    # Only what follows the signature may change without breaking it.
    assert index >= len(whole) - 8 or not message.signed_by(PASSWORD)


def test_attributes_after_the_signature_are_not_believed() -> None:
    whole = stun.write(stun.BINDING_REQUEST, bytes(12), {stun.USERNAME: b"a:b"}, PASSWORD)
    unsigned = whole[:-8] + bytes.fromhex("00250000")
    unsigned = unsigned[:2] + (len(unsigned) - 20).to_bytes(2, "big") + unsigned[4:]
    message = stun.parse(unsigned)
    assert message.signed_by(PASSWORD)
    assert stun.USE_CANDIDATE not in message.attributes
