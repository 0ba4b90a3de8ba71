"""`oci-conform run`: pytest on the checks, with defaults; here, or in a lane."""

from __future__ import annotations

import argparse
import contextlib
import os
import shutil
import sys
from typing import TYPE_CHECKING

from conformance import options
from conformance.plugin import CHECKS, SELECTION

if TYPE_CHECKING:
    from pathlib import Path

_STATUS_OF_PYTEST = {4: 2, 5: 2}
"""What pytest has for a wrong command line and for an empty selection."""


_OUTPUTS = ("--conformance-report=", "--tap-report=", "--write-expectations=", "--junit-xml=", "--junitxml=")
"""Options, of the suite and of pytest, whose value is a file that a run writes."""


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser], epilog: str) -> None:
    """Add the command to the command line."""
    from conformance.lanes.lane import HOST, NAMES

    parser = commands.add_parser(
        "run",
        help="run the checks on a runtime",
        description="Run the checks on a runtime, one worker for each core. Every other word is given to pytest: "
        "-k, -m, -n, -x, node IDs, and the IDs of checks as reports have them.",
        epilog=epilog,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    options.add_to_command(parser)
    parser.add_argument("--lane", choices=NAMES, default=HOST, help="where to run: the host as it is, by default")


def run(namespace: argparse.Namespace, others: list[str]) -> int:
    """Run the checks; returns the exit status. Raises `UsageError` and `SetupError`."""
    from conformance.lanes.lane import HOST

    if namespace.lane != HOST:
        return _run_in_lane(namespace, others)
    return _run_here(namespace, others)


def _run_in_lane(namespace: argparse.Namespace, others: list[str]) -> int:
    from conformance.lanes import entering

    lane = entering.LANES[namespace.lane]
    words = [*options.words(namespace), *others]
    if namespace.conformance_runtime_timeout is None:
        words.append(f"--runtime-timeout={lane.seconds:g}")
    with entering.directory(keep_bundles=bool(namespace.conformance_keep_bundles)) as files:
        # The user of the lane may not, or cannot, write where the caller can.
        inside = [_moved(word, files) for word in words]
        status, _ = entering.run(lane, [sys.executable, "-m", "conformance", "run", *inside], files)
        for word, moved in zip(words, inside, strict=True):
            if word != moved:
                with contextlib.suppress(FileNotFoundError):
                    shutil.copyfile(moved.partition("=")[2], word.partition("=")[2])
    return status


def _moved(word: str, directory: Path) -> str:
    name, _, value = word.partition("=")
    if not word.startswith(_OUTPUTS) or value in ("", "-"):
        return word
    return f"{name}={directory / name.strip('-')}"


def _run_here(namespace: argparse.Namespace, others: list[str]) -> int:
    import pytest

    words = [*options.words(namespace), *others]
    # So that the node IDs are the IDs of the checks.
    words += ["-p", SELECTION, f"--rootdir={CHECKS}"]
    if not any(word.startswith(("-n", "--numprocesses")) or word.endswith("no:xdist") for word in others):
        # Commands of a runtime wait for the kernel a third of their time.
        words += ["-n", str(max(2, len(os.sched_getaffinity(0)) * 3 // 2))]
    # The command line is what imported it.
    words += ["-W", "ignore:Module already imported so cannot be rewritten; conformance"]
    # One check that is changed says nothing about the next run, and the directory may be anybody's.
    words += ["-p", "no:cacheprovider"]
    # No check wants a directory of pytest's, which stays.
    words += ["-p", "no:tmpdir"]
    status = int(pytest.main(words))
    return _STATUS_OF_PYTEST.get(status, status)
