"""The documentation of the protocol is the protocol: its examples are messages, all of them."""

from __future__ import annotations

import contextlib
import json
import re
import typing
from pathlib import Path

import jsonschema
import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

import sfu
from sfu.errors import ProtocolError, Refused
from sfu.signaling import client_messages, data_messages, messages

ROOT = Path(sfu.__file__).parent.parent
TEXT = (ROOT / "docs" / "protocol.md").read_text()
SCHEMA = json.loads((ROOT / "docs" / "protocol.schema.json").read_text())
EXAMPLES = re.findall(r"```json\n(.*?)\n```", TEXT, re.DOTALL)
CLIENT = {type_.__struct_config__.tag: type_ for type_ in typing.get_args(messages.ClientMessage)}
DATA_CLIENT, DATA_SERVER = (
    {type_.__struct_config__.tag: type_ for type_ in typing.get_args(union)}
    for union in (data_messages.DataClientMessage, data_messages.DataServerMessage)
)
SERVER = {type_.__struct_config__.tag: type_ for type_ in typing.get_args(messages.ServerMessage)}


@pytest.mark.parametrize("example", EXAMPLES)
def test_an_example_is_a_message_of_the_schema(example: str) -> None:
    kind = json.loads(example)["type"]
    if kind in CLIENT:
        message = messages.decode(example)
        assert type(message) is CLIENT[kind]
    elif kind in DATA_CLIENT:
        assert type(data_messages.decode(example)) is DATA_CLIENT[kind]
    elif kind in DATA_SERVER:
        said = msgspec.json.decode(example, type=data_messages.DataServerMessage)
        assert json.loads(data_messages.encode(said)) == json.loads(example)
    else:
        server = msgspec.json.decode(example, type=messages.ServerMessage)
        assert json.loads(messages.encode(server)) == json.loads(example)
    jsonschema.validate(json.loads(example), SCHEMA)


def test_every_message_has_an_example() -> None:
    shown = {json.loads(example)["type"] for example in EXAMPLES}
    assert shown == CLIENT.keys() | SERVER.keys() | DATA_CLIENT.keys() | DATA_SERVER.keys()


def test_no_two_messages_of_the_two_protocols_have_the_same_type() -> None:
    kinds = [kind for union in (CLIENT, SERVER, DATA_CLIENT, DATA_SERVER) for kind in union]
    assert len(kinds) == len(set(kinds))


def test_every_code_in_the_source_is_documented() -> None:
    tables = TEXT[TEXT.index("## Error codes") :]
    documented = set(re.findall(r"`([a-z-]+)`", tables))
    used = set()
    for file in (ROOT / "sfu").rglob("*.py"):
        used |= set(re.findall(r'(?:Refused|ProtocolError)\(\s*"([a-z-]+)"', file.read_text()))
    assert used
    assert used <= documented


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "bad-message"),
        ("[]", "bad-message"),
        ("{}", "bad-message"),
        ('{"type": "fly"}', "bad-message"),
        ('{"type": "join", "room": ""}', "bad-message"),
        ('{"type": "join", "room": "a/b"}', "bad-message"),
        ('{"type": "join", "room": "a", "name": "' + "x" * 65 + '"}', "bad-message"),
        ('{"type": "mute", "source": "nose", "muted": true}', "bad-message"),
        ('{"type": "offer", "sdp": "' + "x" * 65537 + '", "tracks": []}', "bad-message"),
        ('{"type": "leave", "x": "' + "x" * 90000 + '"}', "message-too-large"),
    ],
)
def test_what_is_not_a_message_is_refused_with_the_field(text: str, said: str) -> None:
    with pytest.raises(ProtocolError) as refused:
        messages.decode(text)
    assert refused.value.code == said


def test_unknown_fields_are_ignored() -> None:
    assert messages.decode('{"type": "leave", "mood": "good"}') == client_messages.Leave()


@given(st.one_of(st.text(max_size=200), st.binary(max_size=200)))
def test_any_text_is_a_message_or_refused(text: str | bytes) -> None:
    with contextlib.suppress(ProtocolError):
        messages.decode(text)


def test_every_code_of_the_data_channels_is_in_their_own_table() -> None:
    table = TEXT[TEXT.index("On data channels nothing is fatal") : TEXT.index("## Close codes")]
    documented = set(re.findall(r"^\| `([a-z-]+)` \|", table, re.MULTILINE))
    used = set()
    for name in ("room/chat", "room/files", "room/downloads", "signaling/data_*"):
        for file in (ROOT / "sfu").glob(f"{name}.py"):
            used |= set(re.findall(r'Refused\(\s*"([a-z-]+)"', file.read_text()))
    assert used == documented


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "bad-message"),
        ('{"type": "leave"}', "bad-message"),
        ('{"type": "say", "id": "", "text": "x"}', "bad-message"),
        ('{"type": "say", "id": "1", "text": ""}', "bad-message"),
        ('{"type": "say", "id": "1", "text": "' + "x" * 4001 + '"}', "bad-message"),
        ('{"type": "say", "id": "1", "text": "\\ud800"}', "bad-message"),
        ('{"type": "send-file", "id": "1", "name": "a", "size": -1}', "bad-message"),
        ('{"type": "send-file", "id": "1", "name": "", "size": 1}', "bad-message"),
        ('{"type": "fetch-file", "number": "1"}', "bad-message"),
        ('{"type": "fetch-file", "number": 1, "x": "' + "x" * 33000 + '"}', "message-too-large"),
    ],
)
def test_what_is_not_a_message_of_a_data_channel_is_refused(text: str, said: str) -> None:
    with pytest.raises(Refused) as refused:
        data_messages.decode(text)
    assert refused.value.code == said


@given(st.one_of(st.text(max_size=200), st.binary(max_size=200)))
def test_any_text_is_a_message_of_a_data_channel_or_refused(text: str | bytes) -> None:
    with contextlib.suppress(Refused):
        data_messages.decode(text)
