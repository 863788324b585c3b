"""Builds the native egress where a compiler and OpenSSL's headers are; all else is declared in
pyproject.toml. Without it the server runs the same, slower.
"""

from setuptools import Extension, setup

_FOLDER = "sfu/transport/native"
_SOURCES = ("egress", "receive", "batch", "sender", "srtp", "inbound", "cipher")
_HEADERS = ("receive", "batch", "sender", "srtp", "inbound", "cipher", "packet_index")

setup(
    ext_modules=[
        Extension(
            "sfu.transport._egress",
            sources=[f"{_FOLDER}/{name}.c" for name in _SOURCES],
            depends=[f"{_FOLDER}/{name}.h" for name in _HEADERS],
            libraries=["crypto"],
            extra_compile_args=["-std=c11", "-O2", "-Wall", "-Wextra"],
            optional=True,
        )
    ]
)
