#!/bin/sh
# Builds the native code with AddressSanitizer and UndefinedBehaviorSanitizer, apart from the
# installed one, and feeds it broken input: scripts/fuzz_native.sh [seconds] [seed]
set -eu
cd "$(dirname "$0")/.."
python=${PYTHON:-python3}
built=$(mktemp -d)
trap 'rm -rf "$built"' EXIT
include=$("$python" -c 'import sysconfig; print(sysconfig.get_paths()["include"])')
build() { # what, its sources and libraries
    output=$built/$1
    shift
    "${CC:-gcc}" -shared -fPIC -std=c11 -O1 -g -Wall -Wextra -Werror -fno-omit-frame-pointer \
        -fsanitize=address,undefined -fno-sanitize-recover=all -I"$include" "$@" -o "$output"
}
build _egress.so -DLAST_INDEX=4 sfu/transport/native/*.c -lcrypto -lm
build _measures.so sfu/congestion/native/*.c -lm
runtime=$("${CC:-gcc}" -print-file-name=libasan.so)
# The interpreter leaves memory behind on purpose; with its own allocator nobody sees an overrun.
LD_PRELOAD=$runtime PYTHONMALLOC=malloc PYTHONPATH=. \
    ASAN_OPTIONS=detect_leaks=0:abort_on_error=1 \
    "$python" -m tests.fuzz.native "$built" "${1:-60}" "${2:-0}"
