#!/usr/bin/env bash
# Makes .venv with a pip that knows dependency groups; a second run changes nothing.
set -euo pipefail
cd "$(dirname "$0")/.."

python=${PYTHON:-python3}
if ! "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then
  echo "Parley needs Python 3.11 or newer; $("$python" --version) was found. Set PYTHON=…" >&2
  exit 1
fi
if [ ! -x .venv/bin/pip ]; then
  if ! "$python" -c 'import ensurepip' 2>/dev/null; then
    # Debian keeps venv in a package of its own.
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
      apt-get update -qq
      apt-get install -y -qq python3-venv >/dev/null
    else
      echo "Python's venv is missing. Install it: sudo apt-get install python3-venv" >&2
      exit 1
    fi
  fi
  echo "Making .venv …"
  "$python" -m venv .venv
fi
.venv/bin/pip install --quiet --upgrade 'pip>=25.1'
