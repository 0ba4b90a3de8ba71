"""What a rule says of a document.

The reference runtime imports this for every container, so it imports nothing.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Literal

    Severity = Literal["error", "warning", "note"]

    Span = tuple[int, int]

ERROR: Severity = "error"
WARNING: Severity = "warning"
NOTE: Severity = "note"


class Fault:
    """Something that a document should not have, or lacks.

    `path` is the JSON path of the value, such as ``$.mounts[2].destination``, or the one that it would have; `problem`
    goes on where the path ends, as in "is required". `allowed` are the values that would do, or one text that
    describes them. `suggestion` is what may be meant. `at_name` says that the fault is in the name of the member and
    not in its value. `related` are other places that one has to know: each a text, and a JSON path or a span.

    A `span` is offsets of the first character and of the one after the last in the text of the document; where there is
    none, it is found by the path.

    A rule leaves `rule` and `severity` to its decorator, and `requirements` too, unless only some of its requirements
    are broken.
    """

    __slots__ = (
        "allowed",
        "at_name",
        "path",
        "problem",
        "related",
        "requirements",
        "rule",
        "severity",
        "span",
        "suggestion",
    )

    def __init__(
        self,
        path: str,
        problem: str,
        *,
        allowed: Sequence[str] = (),
        suggestion: str | None = None,
        at_name: bool = False,
        related: Sequence[tuple[str, str | Span]] = (),
        requirements: Sequence[str] = (),
        rule: str = "",
        severity: Severity = ERROR,
        span: Span | None = None,
    ) -> None:
        self.path = path
        self.problem = problem
        self.allowed = tuple(allowed)
        self.suggestion = suggestion
        self.at_name = at_name
        self.related = tuple(related)
        self.requirements = tuple(requirements)
        self.rule = rule
        self.severity = severity
        self.span = span

    def __repr__(self) -> str:
        return f"Fault({self.path!r}, {self.problem!r}, rule={self.rule!r})"
