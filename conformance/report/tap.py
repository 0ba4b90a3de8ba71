"""TAP version 14, written as the checks end; it is valid TAP 13 too but for its first line.

    ok 1 - ID
    not ok 2 - ID            a failure, an error, or an unexpected pass
    not ok 3 - ID # TODO ... a failure that does not count: advisory or expected
    ok 4 - ID # SKIP ...

The plan comes last, when the number of checks is known.
"""

from __future__ import annotations

import itertools
import json
import re
import shlex
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from conformance.report.records import CheckRecord
    from conformance.session import Session


class TapWriter:
    """Write one stream of TAP."""

    def __init__(self, stream: TextIO) -> None:
        self.stream = stream
        self.count = 0
        self._line("TAP version 14")

    def comment(self, text: str) -> None:
        """Write a comment."""
        for line in text.splitlines():
            self._line(f"# {_plain(line)}")

    def check(self, record: CheckRecord, session: Session) -> None:
        """Write a test point, with its diagnostics if it is not ok."""
        self.count += 1
        ok = "ok" if record.outcome in ("pass", "skip") else "not ok"
        self._line(f"{ok} {self.count} - {_description(record.id)}{_directive(record)}")
        if record.outcome not in ("pass", "skip"):
            for line in _diagnostics(record, session):
                self._line(f"  {line}")
        self.stream.flush()

    def finish(self) -> None:
        """Write the plan."""
        self._line(f"1..{self.count}" if self.count else "1..0 # SKIP no check was selected")
        self.stream.flush()

    def bail_out(self, reason: str) -> None:
        """Say that the run ended before its time."""
        self._line(f"Bail out! {_plain(reason)}")
        self.stream.flush()

    def _line(self, line: str) -> None:
        self.stream.write(f"{line}\n")


def _directive(record: CheckRecord) -> str:
    if record.outcome == "skip":
        return f" # SKIP {_plain(': '.join(filter(None, (record.need, record.message))))}"
    if record.outcome == "xfail":
        return f" # TODO known deviation: {_plain(record.reason or '')}"
    if record.outcome == "advisory":
        return " # TODO advisory: not binding at this compliance level"
    return ""


def _diagnostics(record: CheckRecord, session: Session) -> list[str]:
    requirements = [session.register[name] for name in record.requirements]
    fields = {
        "outcome": record.outcome,
        "requirements": record.requirements,
        "level": record.level,
        "references": [requirement.reference(session.spec_version) for requirement in requirements],
        "notes": [requirement.note for requirement in requirements if requirement.note],
        "message": record.message,
        "expected": record.expected,
        "actual": record.actual,
        "commands": [shlex.join(argv) for argv, _ in itertools.groupby(command.argv for command in record.commands)],
    }
    return ["---", *(f"{name}: {_yaml(value)}" for name, value in fields.items()), "..."]


def _yaml(value: object) -> str:
    """A value as one line of YAML, in printable ASCII; so nothing that a runtime wrote can break the block."""
    # It is JSON, but for what lies beyond 16 bits: YAML does not make one character of two escapes.
    return "".join(
        character if " " <= character <= "~" else f"\\U{ord(character):08x}"
        for character in json.dumps(value, ensure_ascii=False)
    )


def _description(text: str) -> str:
    escaped = _plain(text).replace("\\", "\\\\").replace("#", "\\#")
    # To a parser that does not know escapes, a directive is one all the same.
    return re.sub(r"#(?=\s*(?:skip|todo))", "#-", escaped, flags=re.IGNORECASE)


def _plain(text: str) -> str:
    return "".join(character if character.isprintable() else " " for character in text)
