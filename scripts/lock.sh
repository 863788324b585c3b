#!/usr/bin/env bash
# Pins what is installed: requirements.lock (to run it) and requirements-dev.lock (to test it), each
# package with its version and the hashes of its files. To take newer ones: scripts/lock.sh --upgrade
set -euo pipefail
cd "$(dirname "$0")/.."
tools=$(mktemp -d)
trap 'rm -rf "$tools"' EXIT
"${PYTHON:-python3}" -m venv "$tools"
"$tools/bin/pip" install --quiet uv
# For every system and every Python from the oldest on, so that all install the same.
options=(--universal --python-version 3.11 --generate-hashes --no-annotate --quiet
  --custom-compile-command "make lock" "$@")
"$tools/bin/uv" pip compile pyproject.toml "${options[@]}" --output-file requirements.lock
"$tools/bin/uv" pip compile pyproject.toml "${options[@]}" --group dev \
  --constraints requirements.lock --output-file requirements-dev.lock
