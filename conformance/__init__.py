"""A conformance suite for OCI container runtimes: a pytest plugin, the checks, the verdicts and the reports.

What a check needs of it stands here; the rest is imported when there is a runtime to test.
"""

from __future__ import annotations

# Not from `typing`: importing that takes longer than all that the reference runtime imports of this package.
TYPE_CHECKING = False
if TYPE_CHECKING:
    import pytest

__version__ = "0.1.0"


def requirement(*identifiers: str) -> pytest.MarkDecorator:
    """Mark a check with the IDs of the requirements that it observes."""
    import pytest

    return pytest.mark.requirement(*identifiers)


def needs(*names: str) -> pytest.MarkDecorator:
    """Mark a check with what the host, or the runtime, must have for it; see `conformance.host.needs`."""
    import pytest

    return pytest.mark.needs(*names)
