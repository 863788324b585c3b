#!/usr/bin/env bash
# Installs what the checks and browser tests need from outside of Python: Chromium, Firefox ESR,
# promtool, nginx, Caddy, coturn, nftables, Node with TypeScript and puppeteer-core, and what the
# native egress is built with. What cannot be installed is said; tests that need it are then
# reported as not run.
set -euo pipefail
cd "$(dirname "$0")/.."

packages=()
command -v chromium >/dev/null || packages+=(chromium)
command -v firefox-esr >/dev/null || packages+=(firefox-esr)
command -v promtool >/dev/null || packages+=(prometheus)
PATH=$PATH:/usr/sbin command -v nginx >/dev/null || packages+=(nginx-light)
command -v caddy >/dev/null || packages+=(caddy)
PATH=$PATH:/usr/sbin command -v ip >/dev/null || packages+=(iproute2)
PATH=$PATH:/usr/sbin command -v nft >/dev/null || packages+=(nftables)
command -v turnserver >/dev/null || packages+=(coturn)
command -v node >/dev/null || packages+=(nodejs)
command -v npm >/dev/null || packages+=(npm)
native='import sfu.transport._egress'
if ! .venv/bin/python -c "$native" 2>/dev/null; then
  packages+=(gcc libc6-dev libssl-dev)
  # A Python that Debian did not install has its own headers.
  [ "$(readlink -f .venv/bin/python | cut -d/ -f1-3)" != /usr/bin ] || packages+=(python3-dev)
fi

if [ ${#packages[@]} -gt 0 ]; then
  if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    echo "Installing ${packages[*]} …"
    export DEBIAN_FRONTEND=noninteractive
    apt-get update -qq
    apt-get install -y -qq --no-install-recommends "${packages[@]}" >/dev/null
  else
    echo "Not installed: ${packages[*]}. Tests that need them will be reported as not run." >&2
    echo "To install them: sudo apt-get install ${packages[*]}" >&2
  fi
fi
if ! .venv/bin/python -c "$native" 2>/dev/null; then
  .venv/bin/pip install --quiet --editable .
  .venv/bin/python -c "$native" 2>/dev/null ||
    echo "The native egress could not be built: its tests will be reported as not run." >&2
fi
if command -v npm >/dev/null; then
  npm ci --silent --no-audit --no-fund
fi
