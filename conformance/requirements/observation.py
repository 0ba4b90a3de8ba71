"""The checks of each requirement, found as pytest finds them: by collecting, which runs nothing."""

from __future__ import annotations

import collections
import contextlib
import functools
import io
import os
from typing import TYPE_CHECKING

import pytest

from conformance.collection import KEY
from conformance.errors import DamagedData
from conformance.plugin import CHECKS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


class _Collector:
    def __init__(self) -> None:
        self.checks: dict[str, collections.Counter[str]] = collections.defaultdict(collections.Counter)

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        self._take(session.items)

    def pytest_deselected(self, items: Iterable[pytest.Item]) -> None:
        # What is not in force in the newest version of the specification has checks all the same.
        self._take(items)

    def _take(self, items: Iterable[pytest.Item]) -> None:
        for item in items:
            check = item.stash[KEY]
            for requirement in check.requirements:
                self.checks[requirement.id][check.id.partition("[")[0]] += 1


@functools.cache
def checks() -> Mapping[str, Mapping[str, int]]:
    """By requirement, the functions that observe it, each with the number of its parameter sets.

    Those of every version of the specification are among them. Raises `DamagedData` if the checks cannot be collected.
    """
    collector = _Collector()
    output = io.StringIO()
    # No configuration of whoever asks.
    words = ["--collect-only", "-c", os.devnull, "-p", "no:cacheprovider", "-p", "no:terminal", "--pyargs"]
    runtime = os.environ.pop("RUNTIME", None)
    try:
        with contextlib.redirect_stdout(output), contextlib.redirect_stderr(output):
            status = pytest.main([*words, "conformance.checks"], plugins=[collector])
    finally:
        if runtime is not None:
            os.environ["RUNTIME"] = runtime
    if status != pytest.ExitCode.OK:
        raise DamagedData(CHECKS, f"the checks cannot be collected: {status!r}\n{output.getvalue()}")
    return collector.checks
