"""The pinned versions are those that pyproject.toml allows, and each comes with its hashes."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture
def lock() -> ModuleType:
    spec = importlib.util.spec_from_file_location("check_lock", ROOT / "scripts/check_lock.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def texts() -> list[str]:
    names = ("pyproject.toml", "requirements.lock", "requirements-dev.lock")
    return [(ROOT / name).read_text() for name in names]


def test_what_is_pinned_is_what_is_wanted(lock, texts) -> None:
    assert lock.problems(*texts) == []
    assert len(lock.pins(texts[1])) > 20
    assert len(lock.pins(texts[2])) > 60


def test_a_new_dependency_a_raised_bound_and_a_missing_hash_are_noticed(lock, texts) -> None:
    project, run, develop = texts
    newer = project.replace('"aiohttp>=3.11,<4"', '"aiohttp>=99"')
    assert newer != project
    assert len([each for each in lock.problems(newer, run, develop) if "aiohttp" in each]) == 2
    more = project.replace("dependencies = [\n", 'dependencies = [\n    "left-pad",\n', 1)
    assert lock.problems(more, run, develop) == [
        f"{file} has no left-pad, or lines without hashes." for file in (lock.RUN, lock.DEVELOP)
    ]
    assert lock.problems(project, run + "left-pad==1.0\n", develop)
    other = develop.replace("msgspec==", "msgspec==99.")
    assert any("another msgspec" in each for each in lock.problems(project, run, other))


def test_the_image_and_make_install_what_is_pinned_and_nothing_else() -> None:
    for name in ("Dockerfile", "Makefile"):
        installs = [
            line
            for line in (ROOT / name).read_text().splitlines()
            if "pip install" in line or "pip wheel" in line
        ]
        assert installs
        for line in installs:
            assert "--require-hashes" in line or "--no-deps" in line or "/wheels/" in line, line
