"""Records that no run has made."""

from __future__ import annotations

from typing import Any

from conformance.report.records import CheckRecord


def check(**changes: Any) -> CheckRecord:
    """A check that has failed, but for `changes`."""
    values: dict[str, Any] = {
        "id": "runtime/test_it.py::test_it",
        "outcome": "fail",
        "requirements": ["runtime.state.id.present"],
        "level": "MUST",
        "need": None,
        "seconds": 0.1,
        "message": "that, and not this",
        "expected": "this",
        "actual": "that",
        "reason": None,
        "commands": [],
        "configs": [],
        **changes,
    }
    return CheckRecord(**values)
