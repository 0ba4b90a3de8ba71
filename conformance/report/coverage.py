"""One figure of several reports: those of the same runtime, by the same rules, in different lanes."""

from __future__ import annotations

import collections
import dataclasses
import itertools
from typing import TYPE_CHECKING

import msgspec

from conformance.errors import InvalidUse
from conformance.report import summing
from conformance.report.records import FooterRecord, HeaderRecord, worst

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from conformance.report.reading import Report
    from conformance.report.records import CheckRecord, RequirementRecord
    from conformance.requirements.register import Register

UNKNOWN = ("untested", "skip", "error")
"""The outcomes of a requirement of which nothing is known."""

UNSUPPORTED = "value.supported"
"""The need that the runtime does not meet, and not the surroundings: in another lane, it would not either."""


@dataclasses.dataclass(frozen=True)
class Coverage:
    """What the lanes show together. Of each check, there is the record that says most; `lacking` has the needs, by
    requirement, for want of which a requirement was not seen in any lane.
    """

    reports: Sequence[Report]
    checks: Mapping[str, CheckRecord]
    requirements: Sequence[RequirementRecord]
    lacking: Mapping[str, Sequence[str]]

    @property
    def observable(self) -> list[RequirementRecord]:
        """The requirements that a check can see."""
        return [record for record in self.requirements if record.untestable is None]

    @property
    def tested(self) -> list[RequirementRecord]:
        """The requirements of which something is known."""
        return [record for record in self.observable if record.outcome not in UNKNOWN]

    @property
    def figure(self) -> str:
        """The figure, in words."""
        version = self.reports[0].header.spec_version
        return f"{len(self.tested)} of {len(self.observable)} requirements of OCI runtime-spec {version} tested"

    def records(self) -> Iterator[HeaderRecord | CheckRecord | RequirementRecord | FooterRecord]:
        """The records of one report that says the same as all of them.

        What its header says of the host is of the first lane, but that the unmet needs are those that no lane meets.
        """
        headers = [report.header for report in self.reports]
        unmet = {
            name: reason
            for name, reason in headers[0].unmet_needs.items()
            if all(name in header.unmet_needs for header in headers)
        }
        yield msgspec.structs.replace(
            headers[0], lane=", ".join(dict.fromkeys(header.lane for header in headers)), unmet_needs=unmet
        )
        yield from self.checks.values()
        yield from self.requirements
        counts = collections.Counter[str](record.outcome for record in self.checks.values())
        verdict, status = summing.verdict(counts)
        yield FooterRecord(
            checks=dict(counts),
            requirements=dict(collections.Counter[str](record.outcome for record in self.requirements)),
            seconds=round(sum(report.footer.seconds for report in self.reports if report.footer), 3),
            verdict=verdict,
            exit_status=status,
        )


def merge(reports: Sequence[Report], register: Register) -> Coverage:
    """What reports show together. Raises `InvalidUse` if they are not about the same."""
    for what, values in (
        ("versions of the specification", [report.header.spec_version for report in reports]),
        ("runtimes", [report.header.runtime_version or report.header.runtime for report in reports]),
    ):
        if len(set(values)) > 1:
            shown = ", ".join(sorted({value.partition("\n")[0] for value in values}))
            raise InvalidUse(f"the reports are of different {what}: {shown}")
    checks = _said_most(reports)
    requirements = summing.of_requirements(register, reports[0].header.spec_version, checks.values())
    needs: dict[str, set[str]] = collections.defaultdict(set)
    for record in itertools.chain.from_iterable(report.checks.values() for report in reports):
        if record.need:
            needs[record.id].add(record.need)
    lacking = {
        record.id: sorted(set().union(*(needs[check] for check in record.checks)))
        for record in requirements
        if record.outcome == "skip"
    }
    return Coverage(reports, checks, requirements, lacking)


def skipped(reports: Iterable[Report]) -> set[str]:
    """The checks that were skipped in all of these reports that have them, for a need that another lane may meet."""
    found = _said_most(reports).values()
    return {record.id for record in found if record.outcome == "skip" and record.need != UNSUPPORTED}


def _said_most(reports: Iterable[Report]) -> dict[str, CheckRecord]:
    """Of each check, the record that says most: a failure in one lane is one, a skip is nothing beside what else there
    is.
    """
    found: dict[str, list[CheckRecord]] = collections.defaultdict(list)
    for report in reports:
        for identifier, record in report.checks.items():
            found[identifier].append(record)
    said_most = {}
    for identifier, records in found.items():
        outcome = worst([record.outcome for record in records])
        said_most[identifier] = next(record for record in records if record.outcome == outcome)
    return said_most
