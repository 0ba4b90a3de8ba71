"""What `oci-conform run` collects: a pytest plugin of its own, because pytest alone knows which words are paths."""

from __future__ import annotations

import os

import pytest

from conformance.plugin import CHECKS

_REPORT_CHARACTERS = "fE"
"""What pytest lists at its end unless -r says otherwise: failures and errors."""


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Take the IDs of checks for their paths; where nothing is named, collect all checks."""
    named = config.args if config.args_source is config.ArgsSource.ARGS else [CHECKS]
    if getattr(config.option, "reportchars", None) == _REPORT_CHARACTERS:
        # The suite's own summary names what has failed.
        config.option.reportchars = ""
    config.args = [word if config.option.pyargs else _path(word) for word in named]


def _path(word: str) -> str:
    for path in (os.path.join(CHECKS, word), word):
        if os.path.exists(path.partition("::")[0]):
            return path
    raise pytest.UsageError(f"there is no check and no file {word}")
