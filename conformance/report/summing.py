"""What the outcomes of checks amount to: for each requirement, and for the runtime."""

from __future__ import annotations

import collections
from typing import TYPE_CHECKING

from conformance.report.records import CheckRecord, RequirementRecord, Verdict, worst

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from conformance.requirements.register import Register


def of_requirements(register: Register, version: str, records: Iterable[CheckRecord]) -> list[RequirementRecord]:
    """The records of all requirements of a version of the specification."""
    checks: dict[str, list[CheckRecord]] = collections.defaultdict(list)
    for record in records:
        for name in record.requirements:
            checks[name].append(record)
    return [
        RequirementRecord(
            id=requirement.id,
            level=requirement.level,
            outcome=worst([record.outcome for record in checks[requirement.id]]),
            checks=sorted(record.id for record in checks[requirement.id]),
            text=requirement.text,
            reference=requirement.reference(version),
            note=requirement.note,
            untestable=requirement.untestable,
        )
        for requirement in register.in_force(version)
    ]


def verdict(counts: Mapping[str, int]) -> tuple[Verdict, int]:
    """What so many checks of each outcome mean, and the exit status that says it."""
    if counts.get("error"):
        return "error", 3
    if counts.get("fail") or counts.get("xpass"):
        return "not conformant", 1
    if not counts.keys() - {"skip"}:
        return "nothing checked", 2
    return "conformant", 0
