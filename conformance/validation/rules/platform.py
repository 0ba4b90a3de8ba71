"""The objects of platforms, and what is for some of them only."""

from __future__ import annotations

from conformance.validation import platforms
from conformance.validation.fault import NOTE, Fault
from conformance.validation.rule import rule

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any


@rule("platform.several", severity=NOTE)
def platform_is_one(config: Any) -> Iterator[Fault]:
    """A config is for one platform; but Linux runs on Windows, too."""
    listed = platforms.listed(config)
    if len(listed) > 1 and listed != ["linux", "windows"]:
        yield Fault(f"$.{listed[-1]}", f"is for another platform than {listed[0]}, which is there, too", at_name=True)


@rule("platform.hooks", severity=NOTE)
def hooks_are_not_on_windows(config: Any) -> Iterator[Fault]:
    """There are no hooks on Windows."""
    if platforms.is_windows(config) and config.get("hooks"):
        yield Fault("$.hooks", "is for POSIX platforms only", at_name=True)
