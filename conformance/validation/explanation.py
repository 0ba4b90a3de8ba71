"""Everything that a schema has to say of a document: what it refuses, and what is new or looks misspelt.

The functions that judge are those of `reference_runtime.validation`, which stops at the first fault.

Besides the keywords of JSON Schema, a schema may have, in each of its parts:

x-requirements
    IDs of the requirements that are broken where this part refuses something. Either a list, for any keyword, or an
    object of lists by keyword: ``{"pattern": [...], "required": [...]}``. `required` stands in the part of the property
    that is required; `items`, `additionalProperties` and `propertyNames` are for what refuses the entries, the members
    or the names.
x-since
    The version of the specification in which the property came; or an object of versions by value, for an `enum`.
x-allowed
    What is allowed, for people, where the keywords do not say it well; for example instead of a pattern.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from conformance import versions
from conformance.validation.fault import NOTE, WARNING, Fault
from conformance.validation.positions import steps
from conformance.validation.schemas import referred
from conformance.validation.spelling import nearest, typo_of
from reference_runtime.errors import InvalidConfig
from reference_runtime.validation import ABSOLUTE, ANNOTATIONS, KEYWORDS, Validator, member, shown

if TYPE_CHECKING:
    from conformance.validation.gathered import Gathered
    from reference_runtime.validation import Keyword

_MOST_UNKNOWN = 1000
"""Names that are compared with those of the specification at the most, which takes time."""

_SAME_VALUE = ("$ref", "anyOf")
"""Keywords whose schemas judge the very value."""


def explain(schema: dict[str, Any], document: Any, gathered: Gathered, defining: str | None = None) -> None:
    """Gather the faults of a document, at most one error for a value. Raises `gathered.Enough`.

    `defining` is the newest version whose properties it may have, by default that by which it is judged.
    """
    _Explainer(schema, gathered, defining or gathered.version).check(schema, document, "$")


class _Frame:
    """A schema that is being applied to a value, which of its keywords it is at, and whether it refused the value."""

    __slots__ = ("keyword", "refused", "schema", "value")

    def __init__(self, schema: dict[str, Any], value: Any) -> None:
        self.schema = schema
        self.value = value
        self.keyword = ""
        self.refused = False


class _Explainer(Validator):
    def __init__(self, schema: dict[str, Any], gathered: Gathered, defining: str) -> None:
        super().__init__(schema, load=referred)
        self.gathered = gathered
        self.version = versions.key(defining)
        self.unknown = 0
        self.frames: list[_Frame] = []
        self.keywords: dict[str, Keyword] = {**KEYWORDS, **_OURS}
        self.skipped = ANNOTATIONS - _OURS.keys()

    def check(self, schema: dict[str, Any], value: Any, place: str) -> None:
        """Judge one value by one schema, up to the first fault of the value itself."""
        frame = _Frame(schema, value)
        self.frames.append(frame)
        for keyword, argument in schema.items():
            if keyword in self.skipped:
                continue
            frame.keyword = keyword
            self.keywords[keyword](self, argument, value, place)
            if frame.refused:
                break
        self.frames.pop()
        if frame.refused and self.frames and self.frames[-1].keyword in _SAME_VALUE:
            self.frames[-1].refused = True

    def refuse(self, place: str, problem: str) -> None:
        """Add a fault."""
        frame = self.frames[-1]
        suggestion = None
        if frame.keyword == "enum" and isinstance(frame.value, str):
            suggestion = nearest(frame.value, (value for value in frame.schema["enum"] if isinstance(value, str)))
        counts = self.gathered.add(
            Fault(
                place,
                problem,
                rule=f"schema.{frame.keyword}",
                requirements=self.requirements(place),
                allowed=self._allowed(),
                suggestion=suggestion,
                at_name=self._via() == "propertyNames",
            )
        )
        # What is missing is not this value, which may have other faults.
        frame.refused = counts and frame.keyword != "required"

    def _via(self) -> str:
        """The keyword by which the schema came to the value that is being judged."""
        above = (frame.keyword for frame in reversed(self.frames[:-1]))
        return next((keyword for keyword in above if keyword not in _SAME_VALUE), "")

    def requirements(self, place: str) -> tuple[str, ...]:
        """The requirements that are broken by what the innermost schema says of this place."""
        innermost = self.frames[-1]
        if innermost.keyword == "required":
            missing = innermost.schema.get("properties", {}).get(steps(place)[-1], {})
            found = _chosen(missing, "required")
            if found:
                return found
        broken = ""
        for frame in reversed(self.frames):
            if frame.keyword not in _SAME_VALUE:
                broken = frame.keyword
            if broken == "properties":
                break
            found = _chosen(frame.schema, broken)
            if found:
                return found
        return ()

    def _allowed(self) -> tuple[str, ...]:
        for frame in reversed(self.frames):
            if frame is not self.frames[-1] and frame.keyword not in _SAME_VALUE:
                break
            if "x-allowed" in frame.schema:
                return (frame.schema["x-allowed"],)
        schema, keyword = self.frames[-1].schema, self.frames[-1].keyword
        if keyword == "enum":
            return tuple(value if isinstance(value, str) else shown(value) for value in schema["enum"])
        if keyword in ("minimum", "maximum"):
            return (f"{schema.get('minimum', 'any')} to {schema.get('maximum', 'any')}",)
        if keyword == "pattern" and schema["pattern"] != ABSOLUTE:
            return (f"what matches {schema['pattern']}",)
        return ()


def _chosen(schema: dict[str, Any], keyword: str) -> tuple[str, ...]:
    requirements = schema.get("x-requirements", ())
    return tuple(requirements.get(keyword, ()) if isinstance(requirements, dict) else requirements)


def _properties(explainer: _Explainer, argument: dict[str, Any], value: Any, place: str) -> None:
    KEYWORDS["properties"](explainer, argument, value, place)
    if not isinstance(value, dict) or "additionalProperties" in explainer.frames[-1].schema:
        return
    for name in value:
        if name not in argument and explainer.unknown < _MOST_UNKNOWN:
            explainer.unknown += 1
            meant = typo_of(name, (known for known in argument if known not in value))
            if meant is not None:
                problem = "is no property of the specification, so it is ignored"
                rule = "names.spelling"
                explainer.gathered.add(
                    Fault(member(place, name), problem, rule=rule, severity=WARNING, suggestion=meant, at_name=True)
                )


def _any_of(explainer: _Explainer, argument: list[dict[str, Any]], value: Any, place: str) -> None:
    for alternative in argument[:-1]:
        try:
            Validator(explainer.within, load=referred).check(alternative, value, place)
        except InvalidConfig:
            continue
        explainer.check(alternative, value, place)
        return
    explainer.check(argument[-1], value, place)


def _since(explainer: _Explainer, argument: str | dict[str, str], value: Any, place: str) -> None:
    version = argument if isinstance(argument, str) else argument.get(value) if isinstance(value, str) else None
    if version is not None and versions.key(version) > explainer.version:
        what = "" if isinstance(argument, str) else f"{shown(value)} "
        problem = f"{what}came in version {version} of the specification, and this document is of an older one"
        explainer.gathered.add(Fault(place, problem, rule="version.newer", severity=WARNING, at_name=not what))


def _deprecated(explainer: _Explainer, argument: bool, _: Any, place: str) -> None:
    if argument:
        rule, requirements = "schema.deprecated", explainer.requirements(place)
        fault = Fault(place, "is deprecated", rule=rule, requirements=requirements, severity=NOTE, at_name=True)
        explainer.gathered.add(fault)


_OURS: dict[str, Any] = {
    "properties": _properties,
    "anyOf": _any_of,
    "x-since": _since,
    "deprecated": _deprecated,
}
"""What is done otherwise here, or only here."""
