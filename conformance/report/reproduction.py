"""What a person needs to understand a failure, and to see it again."""

from __future__ import annotations

import itertools
import shlex
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

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
        lines += ["what was run:", *(f"  {line}" for line in transcript(record.commands))]
    if session.options.keep_bundles:
        lines.append(f"the bundle is kept below {session.directory}")
    lines += ["to see it again:", f"  {again(record, session)}"]
    return "\n".join(lines)


def transcript(commands: Sequence[Command]) -> list[str]:
    """Commands as a shell would be given them, and how they ended; one that is run many times in a row stands there
    once.
    """
    lines = []
    for _, group in itertools.groupby(commands, lambda command: (command.argv, command.status, command.stdout)):
        same = list(group)
        ended = "was killed at the deadline" if same[0].status is None else f"exit status {same[0].status}"
        times = f", {len(same)} times" if len(same) > 1 else ""
        lines += [f"$ {shlex.join(same[0].argv)}", f"  # {ended}{times}"]
        lines += [f"  # {line}" for line in same[0].stderr.splitlines()[:8]]
    return lines


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
