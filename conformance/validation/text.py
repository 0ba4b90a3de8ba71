"""Reports for people: each finding with its line, and a mark below what is wrong."""

from __future__ import annotations

import textwrap
import unicodedata
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from conformance.validation.findings import Finding, Report
    from conformance.validation.source import Source

_COLOURS = {"error": "31", "warning": "33", "note": "36"}

_TAB = 4

_BEFORE = 40
"""Columns of a long line that are shown before the mark."""


_LONGEST = 1000
"""Characters of a path and a message at the most."""


def render(reports: Sequence[Report], *, width: int = 100, colours: bool = False) -> str:
    """The findings of all reports, and a summary, in lines of about `width` columns."""
    blocks = [_block(finding, report.source, width, colours) for report in reports for finding in report.findings]
    blocks += [f"{report.file}: there is more to find than is shown" for report in reports if not report.complete]
    return "\n\n".join([*blocks, _summary(reports)])


def _block(finding: Finding, source: Source | None, width: int, colours: bool) -> str:
    place = ":".join(escaped(str(part)) for part in (finding.file, finding.line, finding.column) if part is not None)
    severity = _coloured(f"{finding.severity}:", _COLOURS[finding.severity] if colours else "")
    requirements = f" ({', '.join(finding.requirements)})" if finding.requirements else ""
    place = _coloured(f"{place}:", "1" if colours else "")
    lines = [f"{place} {severity} {_whole(finding.sentence)} [{finding.rule}]{requirements}"]
    if source is not None and finding.line is not None:
        colour = _COLOURS[finding.severity] if colours else ""
        lines += _marked(source, finding.line, finding.column or 1, finding.end_column or 1, width, colour)
        for other in finding.related:
            lines.append(f"  {escaped(other.message)}, in line {other.line}, column {other.column}:")
            lines += _marked(source, other.line, other.column, other.end_column, width, "")
    lines += _detail("allowed", finding.unsaid, width)
    lines += _detail("perhaps", finding.suggestion or "", width)
    lines += _detail("see", finding.reference or "", width)
    return "\n".join(lines)


def _whole(sentence: str) -> str:
    """A sentence, without the middle of one that is too long for a terminal."""
    if len(sentence) > _LONGEST:
        sentence = f"{sentence[: _LONGEST // 2]}...{sentence[-_LONGEST // 2 :]}"
    return escaped(sentence)


def _detail(label: str, text: str, width: int) -> list[str]:
    if not text:
        return []
    return textwrap.wrap(
        escaped(text),
        width,
        initial_indent=f"  {label}: ",
        subsequent_indent="    ",
        break_long_words=False,
        break_on_hyphens=False,
    )


def _marked(source: Source, line: int, column: int, end: int, width: int, colour: str) -> list[str]:
    """A line of the document, cut around a mark, and the mark below it."""
    number = f"{line:>6} | "
    room = max(width - len(number), 2 * _BEFORE)
    first, last = column - 1, min(end - 1, column - 1 + room)
    start = max(0, first - _BEFORE) if len(source.line(line, end=room + 1)) > room else 0
    left = ("..." if start else "") + _visible(source.line(line, start, first))
    marked = _visible(source.line(line, first, last))
    shown = _cut(left + marked + _visible(source.line(line, last, last + room)), room)
    indent = _columns(left)
    mark = "^" * max(1, min(_columns(marked), room - indent))
    return [f"{number}{shown}".rstrip(), f"{'| ':>{len(number)}}{' ' * indent}{_coloured(mark, colour)}"]


def _cut(text: str, room: int) -> str:
    columns = 0
    for index, character in enumerate(text):
        columns += _columns(character)
        if columns > room:
            return f"{text[:index]}..."
    return text


def _visible(text: str) -> str:
    return "".join(" " * _TAB if character == "\t" else escaped(character) for character in text)


def escaped(text: str) -> str:
    """`text` without characters that would do something to the terminal, or that nobody sees."""
    return "".join(character if character.isprintable() else repr(character)[1:-1] for character in text)


def _columns(text: str) -> int:
    """How many columns of a terminal printable text takes."""
    return sum(
        0 if unicodedata.combining(character) else 2 if unicodedata.east_asian_width(character) in "WF" else 1
        for character in text
    )


def _coloured(text: str, colour: str) -> str:
    return f"\x1b[{colour}m{text}\x1b[0m" if colour else text


def _summary(reports: Sequence[Report]) -> str:
    valid = sum(report.valid for report in reports)
    unread = sum(not report.readable for report in reports)
    invalid = len(reports) - valid - unread
    counts = [f"{valid} valid", f"{invalid} invalid"]
    if unread:
        counts.append(f"{unread} not read")
    findings = [finding for report in reports for finding in report.findings]
    kinds = [_count(findings, severity) for severity in ("error", "warning", "note")]
    found = ", ".join(kind for kind in kinds if kind) or "nothing found"
    return f"{_plural(len(reports), 'document')}: {', '.join(counts)}; {found}"


def _count(findings: Iterable[Finding], severity: str) -> str:
    number = sum(finding.severity == severity for finding in findings)
    return _plural(number, severity) if number else ""


def _plural(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"
