"""What a person needs to understand a failure, and to see it again."""

from __future__ import annotations

import itertools
import json
import shlex
from typing import TYPE_CHECKING, Any

from conformance.bundle.config import base as base_config
from conformance.bundle.config import difference, merge
from conformance.lanes.lane import HOST, current

if TYPE_CHECKING:
    from collections.abc import Sequence

    from conformance.collection import Check
    from conformance.report.records import CheckRecord, Command
    from conformance.session import Session


# Characters of a configuration that a person reads.
_SHOWN = 600


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
    for config in record.configs:
        lines += [f"config:   {described(config, session.spec_version)}"]
    if record.commands:
        lines += ["what was run:", *(f"  {line}" for line in transcript(record.commands))]
    if session.options.keep_bundles:
        lines.append(f"the bundle is kept below {session.directory}")
    lines += ["to see it again:", f"  {again(record, session)}"]
    return "\n".join(lines)


def described(config: dict[str, Any], version: str) -> str:
    """A config.json, as what it changes in the base configuration."""
    base = merge(base_config(), {"ociVersion": version})
    changes = difference(base, config)
    linux = changes.get("linux")
    if isinstance(linux, dict):
        linux.pop("cgroupsPath", None)
        if not linux:
            del changes["linux"]
    text = json.dumps(changes, ensure_ascii=False)
    if not changes:
        return "the base configuration"
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}..."


def transcript(commands: Sequence[Command]) -> list[str]:
    """Commands as a shell would be given them, and how they ended; one that is run many times in a row stands there
    once.
    """
    lines = []
    for _, group in itertools.groupby(commands, lambda command: (command.argv, command.status, command.stdout)):
        same = list(group)
        ended = _ended(same[0].status)
        times = f", {len(same)} times" if len(same) > 1 else ""
        lines += [f"$ {shlex.join(same[0].argv)}", f"  # {ended}{times}"]
        lines += [f"  # {line}" for line in same[0].stderr.splitlines()[:8]]
    return lines


def _ended(status: int | None) -> str:
    if status is None:
        return "was killed at the deadline"
    return f"exit status {status}" if status >= 0 else f"was killed by signal {-status}"


def again(record: CheckRecord, session: Session) -> str:
    """The command that makes this check alone, and leaves its bundle."""
    words = ["oci-conform", "run"]
    words += [f"--lane={current()}"] if current() != HOST else []
    if session.options.runtime:
        words.append(f"--runtime={session.options.runtime}")
    words += [f"--runtime-arg={argument}" for argument in session.runtime.arguments]
    words += [f"--spec-version={session.options.spec_version}"] if session.options.spec_version else []
    return shlex.join([*words, "--keep-bundles", record.id])


def _indented(text: str) -> str:
    return text.replace("\n", "\n          ")
