"""Rules that a schema cannot say: a rule is a function of a document that yields its faults.

The reference runtime imports this for every container, so it imports next to nothing.
"""

from __future__ import annotations

from conformance.validation.fault import ERROR
from reference_runtime.validation import member

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import EllipsisType
    from typing import Any, TypeVar

    from conformance.validation.fault import Fault, Severity

    Function = TypeVar("Function")
    Value = TypeVar("Value")

    OfDocument = Callable[[Any], Iterator[Fault]]
    OfBundle = Callable[[Any, str], Iterator[Fault]]
    Step = str | int | EllipsisType


class Rule:
    """A rule: its function, its name, the requirements that it enforces, and the kinds of documents that it is for.

    `severity` is what the level of the requirements makes it: an error for MUST and IMPLIED, a warning for SHOULD.
    A rule of bundles gets the path of the bundle besides the document.
    """

    __slots__ = ("function", "kinds", "name", "of_bundle", "requirements", "severity")

    def __init__(
        self,
        function: Callable[..., Iterator[Fault]],
        name: str,
        requirements: tuple[str, ...],
        kinds: tuple[str, ...],
        severity: Severity,
        of_bundle: bool,
    ) -> None:
        self.function = function
        self.name = name
        self.requirements = requirements
        self.kinds = kinds
        self.severity = severity
        self.of_bundle = of_bundle

    def faults(self, *arguments: Any) -> Iterator[Fault]:
        """The faults that it finds, which know the rule that they are of."""
        for fault in self.function(*arguments):
            fault.rule = self.name
            fault.severity = self.severity
            fault.requirements = fault.requirements or self.requirements
            yield fault


RULES: dict[str, Rule] = {}
"""All rules, by name; `conformance.validation.rules` is what fills it."""


def rule(
    name: str, *requirements: str, kinds: tuple[str, ...] = ("config",), severity: Severity = ERROR
) -> Callable[[OfDocument], OfDocument]:
    """Make a function a rule of documents.

    It gets the document as it was decoded: any JSON value, for a schema may have refused it, too. It must not raise;
    `each` is the way to look at a value only if it is there and is what it should be.
    """
    return lambda function: _register(Rule(function, name, requirements, kinds, severity, of_bundle=False), function)


def bundle_rule(name: str, *requirements: str, severity: Severity = ERROR) -> Callable[[OfBundle], OfBundle]:
    """Make a function a rule of bundles: it gets the config, of which the same is true, and the bundle's path."""
    return lambda function: _register(
        Rule(function, name, requirements, ("config",), severity, of_bundle=True), function
    )


def _register(rule: Rule, function: Function) -> Function:
    if rule.name in RULES:
        raise ValueError(f"there are two rules {rule.name}")
    RULES[rule.name] = rule
    return function


def each(document: Any, *steps: Step, of: type[Value]) -> Iterator[tuple[str, Value]]:
    """The values of type `of` at the end of `steps`, each with its JSON path: none where a document has no such value.

    A step is the name of a member, the index of an entry, or ``...`` for every member and every entry:
    ``each(config, "linux", "namespaces", ..., "type", of=str)``. A boolean is no `int`.
    """
    for path, value in _at(document, steps, "$"):
        if isinstance(value, of) and (of is not int or not isinstance(value, bool)):
            yield path, value


def _at(value: Any, steps: tuple[Step, ...], path: str) -> Iterator[tuple[str, Any]]:
    if not steps:
        yield path, value
        return
    step, rest = steps[0], steps[1:]
    if isinstance(value, dict):
        for name in value if step is ... else (step,):
            if isinstance(name, str) and name in value:
                yield from _at(value[name], rest, member(path, name))
    elif isinstance(value, list):
        for index in range(len(value)) if step is ... else (step,):
            if isinstance(index, int) and index < len(value):
                yield from _at(value[index], rest, f"{path}[{index}]")
