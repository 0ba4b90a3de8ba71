"""What a person needs to understand a failure, and to see it again."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from conformance.collection import Check
    from conformance.report.records import CheckRecord, Command
    from conformance.session import Session


def explain(record: CheckRecord, check: Check, session: Session) -> str:
    """The requirement, its place in the specification, what was expected and what was seen, and the commands."""
    lines = []
    for requirement in check.requirements:
        lines.append(f"{requirement.id} ({requirement.level}): {requirement.text}")
        lines.append(f"  {requirement.reference(session.spec_version)}")
        lines += [f"  {requirement.note}"] if requirement.note else []
    lines += [f"expected: {_indented(record.expected)}", f"actual:   {_indented(record.actual)}"]
    if record.reason:
        lines.append(f"known:    {_indented(record.reason)}")
    if record.commands:
        lines += ["what was run:", *(f"  {line}" for command in record.commands for line in shown(command))]
    if session.options.keep_bundles:
        lines.append(f"the bundle is kept below {session.directory}")
    lines += ["to see it again:", f"  {again(record, session)}"]
    return "\n".join(lines)


def shown(command: Command) -> list[str]:
    """A command as a shell would be given it, and how it ended."""
    ended = "was killed at the deadline" if command.status is None else f"exit status {command.status}"
    return [
        f"$ {shlex.join(command.argv)}",
        f"  # {ended}",
        *(f"  # {line}" for line in command.stderr.splitlines()[:8]),
    ]


def again(record: CheckRecord, session: Session) -> str:
    """The command that makes this check alone, and leaves its bundle."""
    words = ["oci-conform", "run"]
    if session.options.runtime:
        words.append(f"--runtime={session.options.runtime}")
    words += [f"--runtime-arg={argument}" for argument in session.runtime.arguments]
    words += [f"--spec-version={session.options.spec_version}"] if session.options.spec_version else []
    return shlex.join([*words, "--keep-bundles", record.id])


def _indented(text: str) -> str:
    return text.replace("\n", "\n          ")
