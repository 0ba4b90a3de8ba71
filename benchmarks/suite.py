"""How long a whole run takes: with one worker against the number that `oci-conform run` chooses.

python -m benchmarks.suite [--pairs=1] [words for `oci-conform run`, such as --runtime=runc]
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import time

from benchmarks.pairs import alternate, table

_RUN = [sys.executable, "-c", "import sys; from conformance.cli import main; sys.exit(main())", "run"]


class RunFailed(Exception):
    """A run that says nothing about the runtime, and so took no time that means anything."""


def main() -> int:
    """Measure, and print a table; returns the exit status."""
    parser = argparse.ArgumentParser(description="A run with -n 1 against one with the default, in pairs.")
    parser.add_argument("--pairs", type=int, default=1)
    given, words = parser.parse_known_args()
    try:
        samples = alternate(lambda: seconds_of([*words, "-n", "1"]), lambda: seconds_of(words), given.pairs)
    except RunFailed as error:
        print(error, file=sys.stderr)
        return 1
    print(f"pairs: {given.pairs}, of `{' '.join(['oci-conform run', *words])}`; A with -n 1, B with the default")
    print(table(("A", "B"), samples))
    return 0


def seconds_of(words: list[str]) -> dict[str, float]:
    """The wall time of one run. Raises `RunFailed`."""
    began = time.perf_counter()
    result = subprocess.run([*_RUN, *words], stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    seconds = time.perf_counter() - began
    # A runtime that is not conformant takes its time like any other.
    if result.returncode not in (0, 1):
        raise RunFailed(
            f"the run ended with status {result.returncode}:\n{result.stdout[-2000:]}{result.stderr[-2000:]}"
        )
    return {"run": seconds}


if __name__ == "__main__":
    sys.exit(main())
