"""`oci-conform coverage`: what runs in several lanes have shown together."""

from __future__ import annotations

import argparse
import collections
import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from conformance.report.coverage import Coverage
    from conformance.report.reading import Report

_EXIT_STATUSES = """exit statuses of coverage:
  0  merged
  2  wrong usage, or a file is no report, or the reports are not of one runtime and one version of the specification"""


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command to the command line."""
    parser = commands.add_parser(
        "coverage",
        help="merge the reports of several lanes into one figure",
        description="Merge reports of one runtime: how many requirements were tested in one of the lanes, and which were "
        "not, with what was missing.",
        epilog=_EXIT_STATUSES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("reports", metavar="REPORT", nargs="+", help="a file that --conformance-report has written")
    parser.add_argument("--format", choices=("text", "json", "markdown"), default="text", help="text by default")
    parser.add_argument("--write", metavar="FILE", help="write them as one report, a JSON object a line")


def run(namespace: argparse.Namespace) -> int:
    """Merge; returns the exit status. Raises `UsageError`."""
    from conformance.report.coverage import merge
    from conformance.report.reading import read
    from conformance.report.stream import ReportWriter
    from conformance.requirements import register

    found = merge([read(name) for name in namespace.reports], register.load())
    if namespace.write:
        report = ReportWriter(namespace.write)
        for record in found.records():
            report.write(record)
        report.close()
    render = {"text": _as_text, "json": _as_json, "markdown": _as_markdown}[namespace.format]
    print(render(found))
    return 0


def _as_text(found: Coverage) -> str:
    from conformance.host.needs import NEEDS

    lines = [_runtime(found)]
    lines += [f"{report.header.lane:10}{_surroundings(report)}" for report in found.reports]
    lines.append(f"{found.figure}: {_outcomes(found)}")
    for needs, identifiers in _groups(found):
        lines.append(f"not met in any lane: {needs}")
        lines += [f"  {NEEDS[need].lack}" for need in needs.split(", ") if need in NEEDS]
        lines += [f"    {identifier}" for identifier in identifiers]
    return "\n".join(lines)


def _as_markdown(found: Coverage) -> str:
    lines = [f"**{found.figure}**: {_outcomes(found)}. {_runtime(found)}.", "", "| lane | |", "|---|---|"]
    lines += [f"| {report.header.lane} | {_surroundings(report)} |" for report in found.reports]
    groups = _groups(found)
    if groups:
        lines += ["", "| not met in any lane | requirements |", "|---|---|"]
        lines += [f"| {needs} | {', '.join(f'`{name}`' for name in identifiers)} |" for needs, identifiers in groups]
    return "\n".join(lines)


def _as_json(found: Coverage) -> str:
    header = found.reports[0].header
    document = {
        "figure": {"tested": len(found.tested), "observable": len(found.observable), "all": len(found.requirements)},
        "spec_version": header.spec_version,
        "runtime": header.runtime,
        "runtime_version": header.runtime_version,
        "lanes": [
            {"lane": report.header.lane, "surroundings": _surroundings(report), "ended": report.footer is not None}
            for report in found.reports
        ],
        "requirements": {record.id: record.outcome for record in found.requirements},
        "lacking": found.lacking,
        "untested": [record.id for record in found.observable if record.outcome == "untested"],
    }
    return json.dumps(document, indent=2)


def _runtime(found: Coverage) -> str:
    header = found.reports[0].header
    version = f" ({header.runtime_version.splitlines()[0]})" if header.runtime_version else ""
    return f"{header.runtime}{version}, rules of runtime-spec {header.spec_version}"


def _surroundings(report: Report) -> str:
    header = report.header
    made = sum(record.outcome != "skip" for record in report.checks.values())
    end = "" if report.footer else ", and did not end"
    return (
        f"Linux {header.kernel} {header.machine}, cgroup {header.cgroup_mode}, uid {header.uid}: "
        f"made {made} of {len(report.checks)} checks{end}"
    )


def _outcomes(found: Coverage) -> str:
    from conformance.report.records import WORST_FIRST

    counts = collections.Counter[str](record.outcome for record in found.observable)
    return ", ".join(f"{counts[outcome]} {outcome}" for outcome in (*WORST_FIRST, "untested") if counts[outcome])


def _groups(found: Coverage) -> Sequence[tuple[str, list[str]]]:
    """The requirements that were not seen for want of something, by what was missing."""
    groups: dict[str, list[str]] = collections.defaultdict(list)
    for identifier, needs in found.lacking.items():
        groups[", ".join(needs)].append(identifier)
    return sorted(groups.items())
