"""What the terminal shows: the outcomes as they come, and at the end the verdict first."""

from __future__ import annotations

import collections
from typing import TYPE_CHECKING

from conformance.host.needs import NEEDS
from conformance.requirements.levels import LEVELS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pytest

    from conformance.report.records import CheckRecord, FooterRecord, RequirementRecord
    from conformance.session import Session

STATUS = {
    "pass": ("passed", ".", "PASS"),
    "fail": ("failed", "F", "FAIL"),
    "advisory": ("advisory", "A", "ADVISORY"),
    "error": ("error", "E", "ERROR"),
    "skip": ("skipped", "s", "SKIP"),
    "xfail": ("xfailed", "x", "XFAIL"),
    "xpass": ("failed", "X", "XPASS"),
}
"""By outcome: pytest's category, the letter, the word."""

_COLUMNS = ("pass", "fail", "advisory", "error", "xfail", "xpass", "skip", "untested")


def summarize(
    terminal: pytest.TerminalReporter,
    session: Session,
    requirements: Sequence[RequirementRecord],
    records: Mapping[str, CheckRecord],
    footer: FooterRecord,
) -> None:
    """Write the summary."""
    colour = {"green": footer.exit_status == 0, "red": footer.exit_status != 0}
    terminal.section(f"{session.runtime.name}: {footer.verdict}", sep="=", **colour)
    _table(terminal, requirements)
    _list(terminal, "advisories", [r for r in records.values() if r.outcome == "advisory"])
    _list(terminal, "errors", [r for r in records.values() if r.outcome == "error"])
    _list(terminal, "unexpected passes", [r for r in records.values() if r.outcome == "xpass"])
    _list(terminal, "failures", [r for r in records.values() if r.outcome == "fail"])
    needs = collections.Counter(r.need or r.message for r in records.values() if r.outcome == "skip")
    for need, count in sorted(needs.items()):
        lack = f"needs {need}: {NEEDS[need].lack}" if need in NEEDS else need
        terminal.write_line(f"skipped {count}: {lack}")
    tested = sum(1 for r in requirements if r.outcome not in ("untested", "skip"))
    testable = sum(1 for r in requirements if r.untestable is None)
    counts = ", ".join(f"{footer.checks[o]} {o}" for o in _COLUMNS if footer.checks.get(o)) or "none"
    terminal.write_line(
        f"verdict: {footer.verdict}. {len(records)} checks ({counts}) saw {tested} of {testable} requirements "
        f"in {footer.seconds:.1f} s"
    )


def _table(terminal: pytest.TerminalReporter, requirements: Sequence[RequirementRecord]) -> None:
    testable = [r for r in requirements if r.untestable is None]
    counts: dict[tuple[str, str], collections.Counter[str]] = collections.defaultdict(collections.Counter)
    for record in testable:
        counts[record.id.partition(".")[0], record.level][record.outcome] += 1
    used = [column for column in _COLUMNS if any(counter[column] for counter in counts.values())]
    if not used:
        return
    terminal.write_line(f"{'requirements of':16}{'level':>8}" + "".join(f"{column:>10}" for column in used))
    for section in sorted({section for section, _ in counts}):
        for level in LEVELS:
            if (section, level) in counts:
                counter = counts[section, level]
                cells = "".join(f"{counter[column] or '':>10}" for column in used)
                terminal.write_line(f"{section:16}{level:>8}{cells}")


def _list(terminal: pytest.TerminalReporter, title: str, records: list[CheckRecord]) -> None:
    if not records:
        return
    terminal.write_line(f"{title}:")
    for record in sorted(records, key=lambda record: record.id):
        terminal.write_line(f"  {record.id}")
        terminal.write_line(f"    {', '.join(record.requirements)}: {_one_line(record.message)}")


def _one_line(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 160 else f"{line[:157]}..."
