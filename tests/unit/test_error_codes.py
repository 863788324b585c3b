"""Every code that the protocol and the API can answer is described, raised and provoked."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
CODE = r"`([a-z]+(?:-[a-z]+)*)`"


def section(page: str, title: str, end: str) -> str:
    return (ROOT / "docs" / page).read_text().partition(title)[2].partition(end)[0]


def rows(text: str) -> set[str]:
    """What the first column of its tables names."""
    return set(re.findall(rf"^\| {CODE} \|", text, re.MULTILINE))


SIGNALING, _, ON_CHANNELS = section("protocol.md", "## Error codes", "\n## ").partition(
    "On data channels"
)
CLOSING = section("protocol.md", "## Close codes", "\nA client that closes")
DOCUMENTED = {
    "signaling": rows(SIGNALING),
    "channel": rows(ON_CHANNELS),
    "close": rows(CLOSING),
    "before": set(re.findall(rf"\d{{3}} {CODE}", CLOSING.partition("Before the upgrade")[2]))
    | {"server-stopping"},
    "api": {
        *re.findall(rf"{CODE} \(\d{{3}}", section("api.md", "Errors look like", "\n\n")),
        *re.findall(rf"404 {CODE}", section("api.md", "A room that this server did", "\n")),
    },
}
EVERY = sorted({code for codes in DOCUMENTED.values() for code in codes})


def strings(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def trees(folder: str) -> Iterator[tuple[Path, ast.Module]]:
    for path in sorted((ROOT / folder).rglob("*.py")):
        if path != Path(__file__):
            yield path, ast.parse(path.read_text())


def expectations(function: ast.AST) -> Iterator[ast.AST]:
    """What a test compares with: its assertions, what has to be raised, and its parameters."""
    for node in ast.walk(function):
        is_call = isinstance(node, ast.Call)
        if isinstance(node, ast.Assert) or (is_call and "parametrize" in ast.dump(node.func)):
            yield node
        elif isinstance(node, ast.With | ast.AsyncWith):
            yield from (item.context_expr for item in node.items)


@pytest.fixture(scope="module")
def provoked() -> dict[str, set[str]]:
    """Tests by the strings that they expect."""
    found: dict[str, set[str]] = {}
    for path, tree in trees("tests"):
        for function in ast.walk(tree):
            if isinstance(
                function, ast.FunctionDef | ast.AsyncFunctionDef
            ) and function.name.startswith("test_"):
                for expected in expectations(function):
                    for text in strings(expected):
                        found.setdefault(text, set()).add(f"{path.stem}.{function.name}")
    return found


@pytest.fixture(scope="module")
def written() -> set[str]:
    """Every string in the server."""
    return {text for _, tree in trees("sfu") for text in strings(tree)}


def test_the_tables_are_found() -> None:
    assert {name: len(codes) >= 4 for name, codes in DOCUMENTED.items()} == dict.fromkeys(
        DOCUMENTED, True
    )
    assert {"bad-message", "server-busy"} <= DOCUMENTED["signaling"]
    assert {"too-large", "no-such-file"} <= DOCUMENTED["channel"]
    assert "slow-reader" in DOCUMENTED["close"]
    assert {"wrong-origin", "too-many-connections"} <= DOCUMENTED["before"]
    assert {"unauthorized", "not-found", "too-late"} <= DOCUMENTED["api"]


@pytest.mark.parametrize("code", EVERY)
def test_a_code_is_in_the_server_and_some_test_provokes_it(code, written, provoked) -> None:
    assert code in written
    assert provoked.get(code), f"no test expects {code}"


def test_every_code_that_is_raised_is_described() -> None:
    raised = {
        node.args[0].value
        for _, tree in trees("sfu")
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and getattr(node.func, "id", "") in ("Refused", "ProtocolError", "Denied", "Dismissed")
        and node.args
        and isinstance(node.args[0], ast.Constant)
    }
    assert len(raised) > 20
    assert raised <= set(EVERY)
