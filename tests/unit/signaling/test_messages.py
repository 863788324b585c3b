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
from sfu.errors import ProtocolError
from sfu.signaling import messages

ROOT = Path(sfu.__file__).parent.parent
TEXT = (ROOT / "docs" / "protocol.md").read_text()
SCHEMA = json.loads((ROOT / "docs" / "protocol.schema.json").read_text())
EXAMPLES = re.findall(r"```json\n(.*?)\n```", TEXT, re.DOTALL)
CLIENT = {type_.__struct_config__.tag: type_ for type_ in typing.get_args(messages.ClientMessage)}
SERVER = {type_.__struct_config__.tag: type_ for type_ in typing.get_args(messages.ServerMessage)}


@pytest.mark.parametrize("example", EXAMPLES)
def test_an_example_is_a_message_of_the_schema(example: str) -> None:
    kind = json.loads(example)["type"]
    if kind in CLIENT:
        message = messages.decode(example)
        assert type(message) is CLIENT[kind]
    else:
        server = msgspec.json.decode(example, type=messages.ServerMessage)
        assert json.loads(messages.encode(server)) == json.loads(example)
    jsonschema.validate(json.loads(example), SCHEMA)


def test_every_message_has_an_example() -> None:
    shown = {json.loads(example)["type"] for example in EXAMPLES}
    assert shown == CLIENT.keys() | SERVER.keys()


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
    assert messages.decode('{"type": "leave", "mood": "good"}') == messages.Leave()


@given(st.one_of(st.text(max_size=200), st.binary(max_size=200)))
def test_any_text_is_a_message_or_refused(text: str | bytes) -> None:
    with contextlib.suppress(ProtocolError):
        messages.decode(text)
