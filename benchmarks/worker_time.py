"""Where the time of a run goes: how much of it is the runtime's, and how much a check takes besides.

python -m benchmarks.worker_time [words for `oci-conform run`, such as --runtime=runc -n 2]

The run's own report has no command of a check that passed, and none of the clean-up; so this is a pytest plugin, too,
with which every worker notes what its commands and its checks take.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Generator

    from conformance.runtime.invocation import Invocation

_DIRECTORY = "OCI_CONFORM_WORKER_TIME"

_RUN = [sys.executable, "-c", "import sys; from conformance.cli import main; sys.exit(main())", "run"]


class Clock:
    """What one process of a run notes: its life, its commands, and for each check (all of it, of which commands)."""

    def __init__(self) -> None:
        self.began = time.monotonic()
        self.commands = 0.0
        self.checks: list[tuple[float, float]] = []

    def document(self) -> dict[str, Any]:
        """As JSON, in seconds."""
        return {"life": time.monotonic() - self.began, "commands": self.commands, "checks": self.checks}


_CLOCK = Clock()


def pytest_configure() -> None:
    """Note what every command of the runtime takes."""
    from conformance.runtime.invocation import Running

    original = Running.finish

    def finish(running: Running, deadline: float) -> Invocation:
        invocation = original(running, deadline)
        _CLOCK.commands += invocation.seconds
        return invocation

    Running.finish = finish  # type: ignore[method-assign, assignment]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol() -> Generator[None, object, object]:
    """Note what a check takes, from its set-up to the end of its clean-up."""
    began, commands = time.monotonic(), _CLOCK.commands
    result = yield
    _CLOCK.checks.append((time.monotonic() - began, _CLOCK.commands - commands))
    return result


def pytest_unconfigure() -> None:
    """Leave the notes of this process."""
    path = Path(os.environ[_DIRECTORY]) / f"{os.getpid()}.json"
    path.write_text(json.dumps(_CLOCK.document()), encoding="ascii")


def main() -> int:
    """Measure, and print; returns the exit status."""
    parser = argparse.ArgumentParser(description="The share of the runtime in the time of a run.")
    _, words = parser.parse_known_args()
    with tempfile.TemporaryDirectory() as directory:
        environment = {**os.environ, _DIRECTORY: directory}
        command = [*_RUN, "-p", "benchmarks.worker_time", *words]
        began = time.monotonic()
        result = subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False, env=environment
        )
        seconds = time.monotonic() - began
        notes = [json.loads(path.read_text(encoding="ascii")) for path in Path(directory).iterdir()]
    # A runtime that is not conformant takes its time like any other.
    if result.returncode not in (0, 1):
        print(f"the run ended with status {result.returncode}:\n{result.stdout[-2000:]}{result.stderr[-2000:]}")
        return 1
    workers = [note for note in notes if note["checks"]]
    checks = [tuple(entry) for note in workers for entry in note["checks"]]
    life = sum(note["life"] for note in workers)
    own = sorted((total - commands) * 1000 for total, commands in checks)
    print(f"`oci-conform run {' '.join(words)}`: {seconds:.1f} s, {len(checks)} checks, {len(workers)} workers")
    print(f"worker time         {life:8.1f} s")
    print(f"in checks           {sum(total for total, _ in checks):8.1f} s")
    print(f"in the runtime      {sum(commands for _, commands in checks):8.1f} s")
    print(f"the runtime's share {sum(commands for _, commands in checks) / life:8.0%}")
    print(f"a check besides     {statistics.median(own):8.1f} ms (median), {own[len(own) * 9 // 10]:.1f} ms (9 of 10)")
    return 0


if __name__ == "__main__":
    sys.exit(main())
