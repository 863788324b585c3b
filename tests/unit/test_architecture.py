"""The map in ARCHITECTURE.md names every module, and nothing that is not there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
MAP = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
# Paths are given from here or from one of these.
FOLDERS = [
    *(".", "sfu", "sfu/media", "sfu/rtp", "sfu/sdp", "sfu/congestion", "sfu/transport"),
    *("sfu/room", "sfu/signaling", "sfu/server", "loadtest"),
    *("web/src/sdk", "web/src/elements", "web/src/app", "web/src/embed"),
]


def test_every_file_that_is_named_exists() -> None:
    named = {path for path in re.findall(r"`([\w*][\w./*-]*)`", MAP) if re.search(r"[./]", path)}
    assert len(named) > 50
    missing = [path for path in named if not any(any((ROOT / f).glob(path)) for f in FOLDERS)]
    assert missing == []


@pytest.mark.parametrize("package", ["media", "room", "server"])
def test_every_module_is_in_its_group(package: str) -> None:
    found = re.search(rf"files in `sfu/{package}` \|\n\|---\|---\|\n((?:\|.*\n)+)", MAP)
    assert found is not None
    named = set(re.findall(r"`(\w+)`", found[1])) - {"sfu"}
    modules = {path.stem for path in (ROOT / "sfu" / package).glob("*.py")} - {"__init__"}
    # What ``sfu doctor`` looks at is many modules of one kind.
    assert named == {name for name in modules if not name.endswith("_checks")}
