"""The long run: ``python -m tests.fuzz --minutes 10``; its exit code is 1 when anything was found.

Each round has another seed, and gives every target its share of the time; ``--inputs`` ends it
when so many inputs were read. What is found is printed with the input, in hexadecimal.
"""

from __future__ import annotations

import argparse
import itertools
import sys
import time

from tests.fuzz.run import fuzz
from tests.fuzz.stateful import stateful
from tests.fuzz.targets import parsers

# Parsers are many times as fast as calls: each gets as long, and so they read most.
_SHARE_SECONDS = 5.0


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--inputs", type=int, default=0, help="end after so many, all together")
    parser.add_argument("--seed", type=int, default=int(time.time()), help="of the first round")
    parser.add_argument("--target", action="append", help="only this one; may be repeated")
    options = parser.parse_args()
    end = time.monotonic() + 60 * options.minutes
    inputs: dict[str, int] = {}
    slowest: dict[str, float] = {}
    found: list[str] = []
    for seed in itertools.count(options.seed):
        for target in [*parsers(), *stateful()]:
            left = end - time.monotonic()
            done = 0 < options.inputs <= sum(inputs.values())
            if left <= 0 or done or len(found) > 20:
                _report(inputs, slowest, found)
                return 1 if found else 0
            if options.target and target.name not in options.target:
                continue
            outcome = fuzz(target, seed, seconds=min(left, _SHARE_SECONDS))
            inputs[target.name] = inputs.get(target.name, 0) + outcome.inputs
            slowest[target.name] = max(slowest.get(target.name, 0.0), outcome.slowest)
            for line in outcome.found:
                sys.stdout.write(f"seed {seed}: {line}\n")
            found += outcome.found
    return 0


def _report(inputs: dict[str, int], slowest: dict[str, float], found: list[str]) -> None:
    lines = [
        f"{name:12} {inputs[name]:>12,} inputs, the slowest {slowest[name] * 1000:.1f} ms"
        for name in inputs
    ]
    lines.append(f"{'all':12} {sum(inputs.values()):>12,} inputs, {len(found)} findings")
    sys.stdout.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    sys.exit(main())
