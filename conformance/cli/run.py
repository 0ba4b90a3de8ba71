"""`oci-conform run`: pytest on the checks, with defaults."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from conformance import options
from conformance.plugin import CHECKS

if TYPE_CHECKING:
    import argparse

_STATUS_OF_PYTEST = {4: 2, 5: 2}
"""What pytest has for a wrong command line and for an empty selection."""


def run(namespace: argparse.Namespace, others: list[str]) -> int:
    """Run the checks; returns the exit status."""
    import pytest

    selected = [_check_path(word) for word in others]
    words = [*options.words(namespace), *selected]
    if selected == others and not any(_is_path(word) for word in others):
        words += ["--pyargs", "conformance.checks"]
    if not any(word.startswith(("-n", "--numprocesses", "-p")) for word in others):
        # Commands of a runtime wait for the kernel a third of their time.
        words += ["-n", str(max(2, len(os.sched_getaffinity(0)) * 3 // 2))]
    # The command line is what imported it.
    words += ["-W", "ignore:Module already imported so cannot be rewritten; conformance"]
    # One check that is changed says nothing about the next run, and the directory may be anybody's.
    words += ["-p", "no:cacheprovider"]
    status = int(pytest.main(words))
    return _STATUS_OF_PYTEST.get(status, status)


def _check_path(word: str) -> str:
    """The path of a check that is named by its ID; any other word as it is."""
    path = os.path.join(CHECKS, word)
    return path if not word.startswith("-") and os.path.exists(path.partition("::")[0]) else word


def _is_path(word: str) -> bool:
    return not word.startswith("-") and os.path.exists(word.partition("::")[0]) and ("/" in word or "::" in word)
