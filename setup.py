"""Builds the native egress where a compiler and OpenSSL's headers are; all else is declared in
pyproject.toml. Without it the server runs the same, slower.
"""

from setuptools import Extension, setup

_FOLDER = "sfu/transport/native"
_MEASURES = "sfu/congestion/native"
_SOURCES = (
    *("egress", "intake", "vp8", "decide", "field", "receive", "parse", "batch", "sender", "srtp"),
    *("block", "inbound", "control", "cipher"),
)
_HEADERS = (
    *("intake", "vp8", "decide", "slots", "field", "receive", "parse", "batch", "sender", "srtp"),
    *("block", "inbound", "control", "replay", "cipher", "packet_index"),
)

setup(
    ext_modules=[
        Extension(
            "sfu.transport._egress",
            sources=[f"{_FOLDER}/{name}.c" for name in _SOURCES],
            depends=[f"{_FOLDER}/{name}.h" for name in _HEADERS],
            libraries=["crypto", "m"],
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
    ]
)
