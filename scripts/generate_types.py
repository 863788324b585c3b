"""Writes the protocol's JSON Schema and TypeScript declarations from its message types.

``--check`` writes nothing and exits 1 when a file is stale.
"""

from __future__ import annotations

import inspect
import json
import sys
import typing
from pathlib import Path
from typing import Any

import msgspec

from sfu.signaling.client_messages import ClientMessage
from sfu.signaling.data_messages import DataClientMessage, DataServerMessage
from sfu.signaling.server_messages import ServerMessage

ROOT = Path(__file__).resolve().parent.parent
SCHEMA = ROOT / "docs" / "protocol.schema.json"
TYPES = ROOT / "web" / "src" / "sdk" / "messages.d.ts"

UNIONS = {
    "ClientMessage": ClientMessage,
    "ServerMessage": ServerMessage,
    "DataClientMessage": DataClientMessage,
    "DataServerMessage": DataServerMessage,
}
_SCALARS = {"string": "string", "integer": "number", "number": "number", "boolean": "boolean"}


def schema() -> dict[str, Any]:
    """All messages as one JSON Schema document."""
    unions, definitions = msgspec.json.schema_components(
        list(UNIONS.values()), ref_template="#/$defs/{name}"
    )
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "The signaling protocol",
        "anyOf": [{"$ref": f"#/$defs/{name}"} for name in UNIONS],
        "$defs": {**dict(zip(UNIONS, unions, strict=True)), **definitions},
    }


def declarations(document: dict[str, Any]) -> str:
    """The same as TypeScript."""
    parts = ["// Generated from sfu/signaling/*_messages.py by `make types`: do not edit.\n"]
    for name, definition in document["$defs"].items():
        if name in UNIONS:
            continue
        comment = inspect.cleandoc(definition.get("description", "")).split("\n\n")[0]
        if comment:
            parts.append(f"/** {' '.join(comment.split())} */")
        if "enum" in definition:
            values = " | ".join(json.dumps(value) for value in definition["enum"])
            parts.append(f"export type {name} = {values};\n")
            continue
        parts.append(f"export interface {name} {{")
        required = definition.get("required", [])
        for field, form in definition["properties"].items():
            optional = "" if field in required else "?"
            parts.append(f"  {field}{optional}: {_type(form)};")
        parts.append("}\n")
    for name, union in UNIONS.items():
        names = [each.__name__ for each in typing.get_args(union)]
        parts.append(f"export type {name} =\n  | " + "\n  | ".join(names) + ";\n")
    return "\n".join(parts)


def _type(form: dict[str, Any]) -> str:
    if "$ref" in form:
        return str(form["$ref"]).rpartition("/")[2]
    if "anyOf" in form:
        return " | ".join(_type(each) for each in form["anyOf"])
    if "enum" in form:
        return " | ".join(json.dumps(value) for value in form["enum"])
    if form.get("type") == "null":
        return "null"
    if form.get("type") == "array":
        return f"{_type(form['items'])}[]"
    return _SCALARS[form["type"]]


def main() -> int:
    """Write both files, or check them."""
    document = schema()
    wanted = {
        SCHEMA: json.dumps(document, indent=2, ensure_ascii=False) + "\n",
        TYPES: declarations(document),
    }
    stale = [
        path
        for path, text in wanted.items()
        if not path.exists() or path.read_text(encoding="utf-8") != text
    ]
    if "--check" in sys.argv[1:]:
        for path in stale:
            sys.stderr.write(f"{path.relative_to(ROOT)} is stale: run `make types`.\n")
        return 1 if stale else 0
    for path in stale:
        path.write_text(wanted[path], encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
