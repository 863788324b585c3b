"""Says what of pyproject.toml the pinned versions do not satisfy; exits 1 when there is anything.

It asks nobody: ``make lock`` writes the files, this only compares them.
"""

from __future__ import annotations

import re
import sys
import tomllib
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).resolve().parent.parent
RUN, DEVELOP = "requirements.lock", "requirements-dev.lock"
_PIN = re.compile(r"([A-Za-z0-9._-]+)==(\S+?)(?: ; (.+?))? \\$")


def pins(text: str) -> dict[str, list[tuple[Version, str]]]:
    """The versions of each package in a lock, with the condition for each; without hashes: none."""
    found: dict[str, list[tuple[Version, str]]] = {}
    hashed = True
    for line in text.splitlines():
        if pin := _PIN.match(line):
            name, version, condition = pin.groups()
            found.setdefault(canonicalize_name(name), []).append(
                (Version(version), condition or "")
            )
        elif line and not line.startswith(("#", "    --hash=sha256:", "    #")):
            hashed = False
    return found if hashed else {}


def problems(project: str, run: str, develop: str) -> list[str]:
    """What the texts of ``pyproject.toml`` and of the two locks do not agree on, in sentences."""
    described = tomllib.loads(project)
    wanted = described["project"]["dependencies"]
    more = described["dependency-groups"]["dev"]
    locks = {RUN: (pins(run), wanted), DEVELOP: (pins(develop), [*wanted, *more])}
    found = []
    for file, (pinned, requirements) in locks.items():
        for each in map(Requirement, requirements):
            versions = pinned.get(canonicalize_name(each.name), [])
            if not versions:
                found.append(f"{file} has no {each.name}, or lines without hashes.")
            found += [
                f"{file} has {each.name} {version}, and pyproject.toml wants {each.specifier}."
                for version, _ in versions
                if version not in each.specifier
            ]
    developed = pins(develop)
    found += [
        f"{DEVELOP} has another {name} than {RUN}."
        for name, versions in pins(run).items()
        if {version for version, _ in versions} != {v for v, _ in developed.get(name, [])}
    ]
    return found


def main() -> int:
    """Print them."""
    texts = [(ROOT / name).read_text() for name in ("pyproject.toml", RUN, DEVELOP)]
    found = problems(*texts)
    for sentence in found:
        sys.stderr.write(f"{sentence} Run: make lock\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
