"""What a worker tells the main process. Only text can be sent, and one error with other bytes would end the run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from conformance.report.records import as_text

if TYPE_CHECKING:
    from collections.abc import Generator


@pytest.hookimpl(wrapper=True)
def pytest_report_to_serializable() -> Generator[None, Any, Any]:
    """Escape what is no text."""
    return as_text((yield))
