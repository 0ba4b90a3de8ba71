"""The records of a report: one JSON object a line, a header, one for each check and each requirement, a footer.

`schemas/report.schema.json` says the same to other programs.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Literal

import msgspec

from conformance.runtime.invocation import readable

if TYPE_CHECKING:
    from conformance.runtime.invocation import Invocation

FORMAT = 1
"""The version of the format; it changes when a record changes in a way that readers have to know."""

Outcome = Literal["pass", "fail", "advisory", "error", "skip", "xfail", "xpass"]

Verdict = Literal["conformant", "not conformant", "error", "interrupted", "nothing checked"]

WORST_FIRST: tuple[Outcome, ...] = ("fail", "error", "xpass", "advisory", "xfail", "pass", "skip")
"""The outcome of a requirement is the first of these that one of its checks has."""


class _Text(msgspec.Struct, frozen=True, kw_only=True):
    """What is safe to show and to write: control characters, and bytes that are no text, become escapes."""

    def __post_init__(self) -> None:
        for name in self.__struct_fields__:
            value = getattr(self, name)
            if isinstance(value, str):
                msgspec.structs.force_setattr(self, name, _escaped(value))
            elif isinstance(value, list) and all(isinstance(entry, str) for entry in value):
                msgspec.structs.force_setattr(self, name, [_escaped(entry) for entry in value])
            elif isinstance(value, (list, dict)):
                msgspec.structs.force_setattr(self, name, as_text(value))


def as_text(value: Any) -> Any:
    """The same value, but that what is no text in it, which Python has as surrogates, becomes escapes."""
    if isinstance(value, str):
        return value.encode("utf-8", "backslashreplace").decode()
    if isinstance(value, dict):
        return {as_text(name): as_text(entry) for name, entry in value.items()}
    if isinstance(value, (list, tuple)):
        return type(value)(as_text(entry) for entry in value)
    return value


def _escaped(text: str) -> str:
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() or c in "\n\t" else c.encode("unicode_escape").decode() for c in text)


class Command(_Text, frozen=True, kw_only=True):
    """A command of the runtime: `status` is negative for a signal, null if it was killed at the deadline."""

    argv: list[str]
    cwd: str
    status: int | None
    seconds: float
    stdout: str
    stderr: str

    @classmethod
    def of(cls, invocation: Invocation) -> Command:
        """The record of an invocation."""
        return cls(
            argv=list(invocation.argv),
            cwd=invocation.cwd,
            status=invocation.status,
            seconds=round(invocation.seconds, 3),
            stdout=readable(invocation.stdout),
            stderr=readable(invocation.stderr),
        )


class _Record(_Text, frozen=True, kw_only=True, tag_field="record"):
    def to_dict(self) -> dict[str, Any]:
        """As a JSON object."""
        found: dict[str, Any] = msgspec.to_builtins(self)
        return found

    def line(self) -> bytes:
        """As a line of the report."""
        # In ASCII, for to some readers there are more ends of lines than one.
        return json.dumps(self.to_dict()).encode("ascii") + b"\n"


class HeaderRecord(_Record, frozen=True, kw_only=True, tag="header"):
    """What was tested, on what, and by which rules. `lane` is where: `host`, unless the run entered another."""

    format: int
    suite: str
    spec_version: str
    spec_version_source: str
    runtime: str
    runtime_arguments: list[str]
    runtime_version: str
    compliance_level: str
    kernel: str
    machine: str
    cgroup_mode: str
    uid: int
    unmet_needs: dict[str, str]
    started: str
    lane: str = "host"


class CheckRecord(_Record, frozen=True, kw_only=True, tag="check"):
    """The outcome of a check. `need` names the unmet need of a skip; `reason` is that of the expectation file. A check that
    did not pass has the `commands` that were run, and the config.json of each container (`configs`).
    """

    id: str
    outcome: Outcome
    requirements: list[str]
    level: str
    need: str | None
    seconds: float
    message: str
    expected: str
    actual: str
    reason: str | None
    commands: list[Command]
    configs: list[dict[str, Any]]


class RequirementRecord(_Record, frozen=True, kw_only=True, tag="requirement"):
    """The outcome of a requirement: the worst of its checks', or `untested`. `untestable` is the reason why no check
    can see it.
    """

    id: str
    level: str
    outcome: Literal[Outcome, "untested"]
    checks: list[str]
    text: str
    reference: str
    note: str | None
    untestable: str | None


class FooterRecord(_Record, frozen=True, kw_only=True, tag="footer"):
    """The counts of checks by outcome and of requirements by outcome, and the verdict; `problem` is why there is none."""

    checks: dict[str, int]
    requirements: dict[str, int]
    seconds: float
    verdict: Verdict
    exit_status: int
    problem: str | None = None


def worst(outcomes: list[Outcome]) -> Outcome | Literal["untested"]:
    """The outcome of a requirement with checks of these outcomes."""
    return next((outcome for outcome in WORST_FIRST if outcome in outcomes), "untested")
