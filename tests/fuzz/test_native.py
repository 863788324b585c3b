"""A short run of the fuzzer over the native code, built with sanitizers."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
COMPILER = shutil.which(os.environ.get("CC", "gcc"))


def has_sanitizers() -> bool:
    """Whether the compiler brings the runtime of AddressSanitizer: a path, not just the name."""
    if COMPILER is None:
        return False
    command = [COMPILER, "-print-file-name=libasan.so"]
    return Path(subprocess.check_output(command, text=True).strip()).is_absolute()


@pytest.mark.skipif(not has_sanitizers(), reason="no compiler with AddressSanitizer")
def test_broken_input_does_no_harm_to_native_code() -> None:
    done = subprocess.run(
        [ROOT / "scripts" / "fuzz_native.sh", "3", "1"],
        env={**os.environ, "PYTHON": sys.executable, "CC": str(COMPILER)},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "nothing found" in done.stdout
