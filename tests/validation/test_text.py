"""Reports for people: the line, the mark below what is wrong, and nothing that harms a terminal."""

from __future__ import annotations

import dataclasses
import json
import re
import unicodedata
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from conformance.validation import Report, text, validate
from conformance.validation.schemas import KINDS
from tests.validation import corpus, generation

if TYPE_CHECKING:
    from conformance.validation import Kind


def rendered(content: bytes | str, kind: Kind | None = None, width: int = 100) -> str:
    report = validate(content if isinstance(content, bytes) else content.encode(), kind, name="a.json")
    return text.render([report], width=width)


def alone(content: str, rule: str) -> list[str]:
    """The lines on the one finding of a rule."""
    report = validate(content.encode(), "config", name="a.json")
    (finding,) = (one for one in report.findings if one.rule == rule)
    return text.render([dataclasses.replace(report, findings=(finding,))]).partition("\n\n")[0].splitlines()


def columns(shown: str) -> int:
    """How wide a terminal shows it."""
    return sum(
        0 if unicodedata.combining(one) else 2 if unicodedata.east_asian_width(one) in "WF" else 1 for one in shown
    )


def test_finding_is_shown_with_its_line_and_what_would_do() -> None:
    content = """{
  "ociVersion": "1.3.0",
  "root": {"path": "rootfs"},
  "linux": {"namespaces": [{"type": "net"}]}
}
"""
    address = "https://github.com/opencontainers/runtime-spec/blob/v1.3.0/config-linux.md#configLinuxNamespaces"
    assert rendered(content) == (
        "a.json:4:37: error: $.linux.namespaces[0].type: 'net' is none of pid, network, mount, ipc, uts, user, cgroup, "
        "time [schema.enum] (config_linux.namespaces.type.known)\n"
        '     4 |   "linux": {"namespaces": [{"type": "net"}]}\n'
        "       |                                     ^^^^^\n"
        "  perhaps: network\n"
        f"  see: {address}\n"
        "\n"
        "1 document: 0 valid, 1 invalid; 1 error"
    )


def test_both_places_are_shown() -> None:
    first, *others = alone('{\n\t"a": 1,\n\t"a": 2\n}', "json.unique_names")
    assert first.startswith("a.json:3:2: error: $.a: is there twice in one object [json.unique_names] (glossary.json.")
    assert others[:5] == [
        '     3 |     "a": 2',
        "       |     ^^^",
        "  the first one, in line 2, column 2:",
        '     2 |     "a": 1,',
        "       |     ^^^",
    ]


def test_what_cannot_be_read_has_no_line() -> None:
    shown = text.render([validate("/does/not/exist"), validate(b"")])
    assert shown == (
        "/does/not/exist: error: there is no such file [file.readable]\n"
        "\n"
        "(bytes):1:1: error: the document is empty [json.syntax]\n"
        "     1 |\n"
        "       | ^\n"
        "\n"
        "2 documents: 0 valid, 1 invalid, 1 not read; 2 errors"
    )


def test_nothing_found_is_said() -> None:
    assert rendered('{"ociVersion": "1.3.0", "id": "a", "status": "stopped", "bundle": "/a"}') == (
        "1 document: 1 valid, 0 invalid; nothing found"
    )


def test_summary_counts_by_severity() -> None:
    reports = [validate(case.content, case.kind) for case in corpus.warned()[:40]]
    reports += [validate(case.content, case.kind) for case in corpus.invalid()[:30]]
    last = text.render(reports).splitlines()[-1]
    severities = [one.severity for report in reports for one in report.findings]
    warnings, notes = severities.count("warning"), severities.count("note")
    kinds = [f"{warnings} warnings" if warnings else "", f"{notes} notes" if notes else ""]
    assert last == f"70 documents: 40 valid, 30 invalid; {', '.join(['30 errors', *filter(None, kinds)])}"


def test_more_than_is_shown_is_said() -> None:
    content = json.dumps({"ociVersion": "1.3.0", "root": {"path": "a"}, "mounts": [5] * 1001}).encode()
    assert "\n\na.json: there is more to find than is shown\n\n" in rendered(content)


@pytest.mark.parametrize("position", [0, 30, 5000, 9990])
def test_long_line_is_cut_around_the_mark(position: int) -> None:
    entries = ['"aaaa"'] * 10_000
    entries[position] = "5"
    content = (
        f'{{"ociVersion": "1.3.0", "root": {{"path": "a"}}, "process": {{"cwd": "/", "args": [{",".join(entries)}]}}}}'
    )
    _, line, mark, *_ = alone(content, "schema.type")
    assert len(line) <= 110
    assert line[mark.index("^")] == "5"
    assert mark.count("^") == 1
    assert line.startswith("     1 | ...")
    assert line.endswith("...")


def test_long_value_is_marked_as_far_as_it_is_shown() -> None:
    content = '{"ociVersion": "' + "x" * 10_000 + '"}'
    _, line, mark, *_ = alone(content, "schema.pattern")
    assert len(line) <= 110
    assert len(mark) <= 110
    assert mark.index("^") == line.index('"xx')


def test_long_path_is_cut() -> None:
    first = rendered(json.dumps({"annotations": {"x" * 100_000: 1}}), "state").splitlines()
    assert max(map(len, first)) < 1400


WIDE = {
    "tab": '{\t"a": 1,\t"a": 2}',
    "wide letters": '{"漢字": 1, "a": 1, "a": 2}',
    "combining letters": '{"e\u0301": 1, "a": 1, "a": 2}',
    "emoji": '{"\U0001f600": 1, "a": 1, "a": 2}',
    "invisible": '{"\u200b\u202e": 1, "a": 1, "a": 2}',
    "control": '{"\x7f\x9b": 1, "a": 1, "a": 2}',
    "carriage return": '{"b": 1,\r\n"a": 1, "a": 2}\r\n',
}


@pytest.mark.parametrize("content", WIDE.values(), ids=list(WIDE))
def test_mark_is_below_what_it_marks(content: str) -> None:
    _, line, mark, *_ = alone(content, "json.unique_names")
    before = line[: line.rindex('"a"')]
    assert columns(before) == mark.index("^")
    assert mark.count("^") == 3


def test_what_would_change_the_terminal_is_escaped() -> None:
    shown = rendered('{"ociVersion": "\\u001b[31m\\u0007", "\x7f\x9b\u202e": 1, "ociversion\u202e": 2', "config")
    assert [one for one in shown if not one.isprintable() and one != "\n"] == []


def test_name_of_a_file_cannot_change_the_terminal() -> None:
    shown = text.render([validate(b"[", name="\x1b[31m\n.json")])
    assert shown.startswith("\\x1b[31m\\n.json:1:2: error:")


def test_colours_change_nothing_else() -> None:
    reports = [validate(case.content, case.kind) for case in corpus.invalid()[:20]]
    coloured = text.render(reports, colours=True)
    assert "\x1b[31m" in coloured
    assert re.sub(r"\x1b\[\d+m", "", coloured) == text.render(reports)


def test_width_is_kept_but_for_words_and_first_lines() -> None:
    for case in corpus.invalid()[::9]:
        for line in text.render([validate(case.content, case.kind)], width=60).splitlines()[1:]:
            # A mark is at most as long as a line of the document, which has some room.
            assert len(line) <= 95 or " " not in line.strip().removeprefix("see: "), line


def lines_of(report: Report) -> list[tuple[str, str]]:
    """Each shown line with the mark below it."""
    lines = text.render([report]).splitlines()
    marks = [index for index, line in enumerate(lines) if line.startswith("       | ") and set(line[9:]) <= {" ", "^"}]
    return [(lines[index - 1], lines[index]) for index in marks]


@pytest.mark.parametrize("kind", KINDS)
@given(data=st.data())
@settings(max_examples=40, deadline=None, derandomize=True, database=None, suppress_health_check=[HealthCheck.too_slow])
def test_every_finding_has_its_mark_below_it(kind: Kind, data: st.DataObject) -> None:
    content = data.draw(generation.documents(kind).flatmap(generation.mistaken))
    report = validate(content.encode(), kind)
    places: list[Any] = [place for one in report.findings for place in (one, *one.related)]
    shown = lines_of(report)
    assert len(shown) == len(places)
    for place, (line, mark) in zip(places, shown, strict=True):
        written = content.split("\n")[place.line - 1]
        assert line.startswith(f"{place.line:>6} |")
        marked = mark[9:].strip()
        assert marked
        assert set(marked) == {"^"}
        first = written[place.column - 1 : place.column]
        if first.isascii() and first.isprintable() and first:
            start = mark.index("^")
            # What is wide takes two columns, so that the place of a character is not its index.
            at = next((i for i in range(len(line) + 1) if columns(line[:i]) == start), None)
            assert at is not None
            assert line[at] == first
