"""Builds the native egress where a compiler and OpenSSL's headers are; all else is declared in
pyproject.toml. Without it the server runs the same, slower.

With ``SFU_COMPILE=1`` and mypy installed, the wire formats and the bandwidth estimation are
compiled from the same Python as well (docs/decisions/0009-compiled-python.md). Not for a checkout
that is worked on: what is compiled hides the file that it was made from.
"""

import os
from pathlib import Path

from setuptools import Extension, setup

_FOLDER = "sfu/transport/native"
_MEASURES = "sfu/congestion/native"
_SOURCES = (
    *("egress", "decide", "field", "receive", "parse", "batch", "sender", "srtp", "inbound"),
    "cipher",
)
# What runs for every packet and every feedback: here compiled code gains most. (A dataclass whose
# fields are of types that are imported for type checkers alone cannot be compiled.)
_MEDIA = (
    *("drop_reason", "forwarder", "keyframes", "layer_filter", "loss_tracker", "numbering"),
    *("packet_cache", "published_track", "receive_stream", "run", "send_stream", "sender_clock"),
    *("sent_frames", "sent_log", "source", "subscribed_track"),
)
_COMPILED = ("sfu/congestion/*", "sfu/rtp/*", "sfu/rtp/codecs/*")
_HEADERS = (
    *("decide", "field", "receive", "parse", "batch", "sender", "srtp", "inbound", "cipher"),
    "packet_index",
)


def _compiled() -> list[Extension]:
    if os.environ.get("SFU_COMPILE") != "1":
        return []
    from mypyc.build import mypycify

    files = [path for names in _COMPILED for path in sorted(Path().glob(f"{names}.py"))]
    files += [Path(f"sfu/media/{name}.py") for name in _MEDIA]
    modules = mypycify([str(path) for path in files if path.stem != "__init__"], opt_level="2")
    assert isinstance(modules, list)
    return modules


setup(
    ext_modules=[
        Extension(
            "sfu.transport._egress",
            sources=[f"{_FOLDER}/{name}.c" for name in _SOURCES],
            depends=[f"{_FOLDER}/{name}.h" for name in _HEADERS],
            libraries=["crypto"],
            extra_compile_args=["-std=c11", "-O2", "-Wall", "-Wextra"],
            optional=True,
        ),
        Extension(
            "sfu.congestion._measures",
            sources=[
                f"{_MEASURES}/{name}.c"
                for name in ("module", "send_history", "measures", "delay_gradient", "dispersion")
            ],
            depends=[f"{_MEASURES}/measures.h", f"{_MEASURES}/ring.h"],
            extra_compile_args=["-std=c11", "-O2", "-Wall", "-Wextra"],
            optional=True,
        ),
        *_compiled(),
    ]
)
