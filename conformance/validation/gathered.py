"""The faults of a document, as far as they count, and no more of them than anybody wants to read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conformance.validation.fault import ERROR
from conformance.validation.requirements import in_force

if TYPE_CHECKING:
    from conformance.validation.fault import Fault

MOST = 1000
"""Errors that are kept at the most, and as many warnings and notes."""

_ROOM = 1 << 20
"""Characters of their paths and problems at the most, but for the last one: a name may have any length."""


class Enough(Exception):
    """There are more errors than anybody wants to read."""


class Gathered:
    """Faults that a version of the specification has something against.

    Warnings and notes are gathered apart, so that no number of them hides an error. `complete` is False if there was
    more than is kept.
    """

    def __init__(self, version: str) -> None:
        self.version = version
        self.errors: list[Fault] = []
        self.others: list[Fault] = []
        self.complete = True
        self._room = {True: _ROOM, False: _ROOM}

    @property
    def faults(self) -> list[Fault]:
        """All that are kept, the errors first."""
        return self.errors + self.others

    def add(self, fault: Fault) -> bool:
        """Keep a fault, and say whether it counts in this version. Raises `Enough`."""
        if fault.requirements and not any(in_force(identifier, self.version) for identifier in fault.requirements):
            return False
        is_error = fault.severity == ERROR
        kept = self.errors if is_error else self.others
        if len(kept) < MOST and self._room[is_error] > 0:
            kept.append(fault)
            self._room[is_error] -= len(fault.path) + len(fault.problem)
            return True
        self.complete = False
        if is_error:
            raise Enough
        return True
