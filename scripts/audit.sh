#!/usr/bin/env bash
# Asks the advisory database of PyPI about every pinned version. Not part of `make check`: it says
# something else every day, and has to reach that database. Fails when that cannot be asked.
set -euo pipefail
cd "$(dirname "$0")/.."
tools=$(mktemp -d)
trap 'rm -rf "$tools"' EXIT
.venv/bin/python -m venv "$tools"
"$tools/bin/pip" install --quiet pip-audit
"$tools/bin/pip-audit" --strict --disable-pip --require-hashes --requirement requirements.lock
