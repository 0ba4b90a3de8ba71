"""`oci-conform run`: pytest on the checks, with defaults."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from conformance import options
from conformance.plugin import CHECKS, SELECTION

if TYPE_CHECKING:
    import argparse

_STATUS_OF_PYTEST = {4: 2, 5: 2}
"""What pytest has for a wrong command line and for an empty selection."""


def run(namespace: argparse.Namespace, others: list[str]) -> int:
    """Run the checks; returns the exit status."""
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
