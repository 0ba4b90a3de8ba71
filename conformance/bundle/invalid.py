"""Invalid configurations, each one change away from a valid one."""

from __future__ import annotations

import copy
import dataclasses
import enum
from typing import TYPE_CHECKING, Any, Final

from conformance import needs, requirement
from conformance.validation.positions import steps

if TYPE_CHECKING:
    from _pytest.mark.structures import ParameterSet

    from conformance.bundle.config import Document


class Absence(enum.Enum):
    """The value of what is not there."""

    ABSENT = "absent"


ABSENT: Final = Absence.ABSENT


@dataclasses.dataclass(frozen=True)
class Invalid:
    """A configuration that is invalid in one place.

    With the changes `valid`, the base configuration is a valid one. In that, `value` is put at `place`, a JSON path such
    as ``$.process.rlimits[0].soft``. The index after the last one appends an entry; `ABSENT` removes what is there.
    """

    valid: Document
    place: str
    value: Any

    @property
    def of_process(self) -> bool:
        """Whether it is in the part of the configuration that need not be applied before `start`."""
        return steps(self.place)[:1] == ("process",)

    def spoil(self, document: Document) -> Document:
        """A copy of a valid configuration, made invalid."""
        spoilt = copy.deepcopy(document)
        *way, last = steps(self.place)
        inside: Any = spoilt
        for step in way:
            inside = inside[step]
        if self.value is ABSENT:
            del inside[last]
        elif isinstance(inside, list) and last == len(inside):
            inside.append(self.value)
        else:
            inside[last] = self.value
        return spoilt


def case(
    identifier: str, name: str, valid: Document, place: str, value: Any = ABSENT, *, need: str | None = None
) -> ParameterSet:
    """The parameter of a check: an invalid configuration, the requirement that it breaks, and what it needs."""
    import pytest

    marks = [requirement(identifier), *([needs(need)] if need else [])]
    return pytest.param(Invalid(valid, f"$.{place}", value), id=name, marks=marks)
