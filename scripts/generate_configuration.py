"""Writes docs/configuration.md from the settings' own descriptions.

``--check`` writes nothing and exits 1 when the file is stale.
"""

from __future__ import annotations

import sys
from pathlib import Path

from sfu.config import SCHEMA
from sfu.settings_file import toml_value

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "configuration.md"

_INTRODUCTION = """\
<!-- Generated from sfu/settings by scripts/generate_configuration.py: do not edit. -->

# Settings

Each setting can be given in four places. The first that has it wins:

1. a flag: `sfu serve --http-port 9000` (or `--http-port=9000`)
2. an environment variable: `SFU_HTTP_PORT=9000`
3. a settings file: `http_port = 9000`
4. the default.

The settings file is [TOML](https://toml.io). `sfu serve --config FILE` or the variable
`SFU_CONFIG` says where it is; without either none is read. `sfu config > parley.toml` writes one
with every setting explained and commented out, and `sfu config check parley.toml` names each
mistake with its line. In flags and variables a list has commas between its parts; in the file it
is an array: `["a", "b"]`.

SIGHUP (`systemctl reload`) reads the settings again: log level, keys of tokens and of the API, the
TURN server, limits and the certificate change at once for whoever comes next
([operations.md](operations.md#settings)); the rest waits for a restart, and the log says what that
is. `sfu doctor`, with the same flags, variables and file, says whether they fit this machine.
"""


def page() -> str:
    """The whole page."""
    parts = [_INTRODUCTION]
    for setting in SCHEMA.values():
        parts.append(
            f"## `{setting.name}`\n\n{setting.meaning}\n\n"
            f"Takes {setting.expects}. Default: `{toml_value(setting.default)}`. "
            f"Flag `{setting.flag}`, variable `{setting.variable}`.\n"
        )
    return "\n".join(parts)


def main() -> int:
    """Write the page, or check it."""
    text = page()
    if PAGE.exists() and PAGE.read_text(encoding="utf-8") == text:
        return 0
    if "--check" in sys.argv[1:]:
        sys.stderr.write(f"{PAGE.relative_to(ROOT)} is stale: run `make types`.\n")
        return 1
    PAGE.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
