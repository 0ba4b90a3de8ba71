"""What the validator answers: findings, and the report that holds those of a document."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from conformance.validation.fault import Severity
    from conformance.validation.source import Source


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Related:
    """Another place in the same document that one has to know."""

    message: str
    line: int
    column: int
    end_column: int


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Something that a document should not have, or lacks.

    `severity` is an error for what breaks a MUST or follows from the text without a keyword, a warning for what breaks
    a SHOULD or looks wrong, a note for what is worth knowing. `rule` is the name of what found it; `requirements` are
    IDs of the register, and `reference` is the address of the section of the first one.

    `path` is the JSON path of the value, or the one that it would have; `message` goes on where the path ends. Lines
    and columns begin with 1, and count characters; `end_column` is one after the last character that is marked, on the
    same line. They are None where there is no text, as for a file that cannot be read.

    `allowed` are the values that would do, or one text that describes them; `suggestion` is what may be meant.
    No text here has a lone surrogate, whatever the document has.
    """

    severity: Severity
    rule: str
    requirements: tuple[str, ...]
    file: str
    path: str
    line: int | None
    column: int | None
    end_column: int | None
    message: str
    allowed: tuple[str, ...] = ()
    suggestion: str | None = None
    reference: str | None = None
    related: tuple[Related, ...] = ()

    @property
    def sentence(self) -> str:
        """Path and message; only the message, if it is about the whole document."""
        return self.message if self.path == "$" else f"{self.path}: {self.message}"

    @property
    def unsaid(self) -> str:
        """What is allowed, unless the message says it."""
        allowed = ", ".join(self.allowed)
        return "" if allowed in self.message else allowed

    @property
    def explained(self) -> str:
        """All of it in one sentence: also where it is, what is allowed, what may be meant, and the requirements."""
        details = [] if self.line is None else [f"line {self.line}, column {self.column}"]
        if self.suggestion is not None:
            details.append(f"perhaps {self.suggestion} is meant")
        if self.unsaid:
            details.append(f"allowed: {self.unsaid}")
        details += self.requirements
        return f"{self.sentence} ({'; '.join(details)})" if details else self.sentence


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What was found in a document, in the order of the text.

    `kind` is what it was judged as, and `spec_version` by the rules of which version; both are None if it was not
    looked at so far. `complete` is False if there was more to find than anybody wants to read. `source` is the text,
    if there was any.
    """

    file: str
    kind: str | None
    spec_version: str | None
    findings: tuple[Finding, ...]
    complete: bool = True
    readable: bool = True
    source: Source | None = dataclasses.field(default=None, repr=False, compare=False)

    @property
    def errors(self) -> tuple[Finding, ...]:
        """The findings for which the document is not valid."""
        return tuple(finding for finding in self.findings if finding.severity == "error")

    @property
    def warnings(self) -> tuple[Finding, ...]:
        """The findings that are warnings."""
        return tuple(finding for finding in self.findings if finding.severity == "warning")

    @property
    def valid(self) -> bool:
        """Whether there is no error."""
        return not self.errors
