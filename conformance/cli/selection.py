"""What `oci-conform run` collects: a pytest plugin of its own, because pytest alone knows which words are paths."""

from __future__ import annotations

import os

import pytest

from conformance.plugin import CHECKS


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Take the IDs of checks for their paths; where nothing is named, collect all checks."""
    named = config.args if config.args_source is config.ArgsSource.ARGS else [CHECKS]
    config.args = [word if config.option.pyargs else _path(word) for word in named]


def _path(word: str) -> str:
    for path in (os.path.join(CHECKS, word), word):
        if os.path.exists(path.partition("::")[0]):
            return path
    raise pytest.UsageError(f"there is no check and no file {word}")
