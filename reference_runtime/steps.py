"""A step: one thing that is done to the system, said as data."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

RUNTIME = "runtime"
CONTAINER = "container"

CREATE = "create"
START = "start"
DELETE = "delete"


class Step:
    """What is done (`action` with `arguments`), where, when and why, and what undoes it.

    `action` and `undo` name functions of this package, ``module.function``; both get the same arguments.
    `where` is the process that performs it: the runtime's, in the runtime namespaces, or the container's.
    `why` is a requirement's id, `place` the JSON path in config.json that asks for the step.
    """

    __slots__ = ("action", "arguments", "place", "undo", "when", "where", "why")

    def __init__(
        self,
        action: str,
        why: str,
        place: str = "$",
        *,
        where: str = CONTAINER,
        when: str = CREATE,
        undo: str | None = None,
        **arguments: Any,
    ) -> None:
        self.action = action
        self.why = why
        self.place = place
        self.where = where
        self.when = when
        self.undo = undo
        self.arguments = arguments

    @classmethod
    def of(cls, document: dict[str, Any]) -> Step:
        """The inverse of `document`."""
        named = ("action", "why", "place", "where", "when", "undo")
        action, why, place, where, when, undo = (document[name] for name in named)
        return cls(action, why, place, where=where, when=when, undo=undo, **document["arguments"])

    def document(self) -> dict[str, Any]:
        """As JSON."""
        return {
            "when": self.when,
            "where": self.where,
            "action": self.action,
            "arguments": self.arguments,
            "why": self.why,
            "place": self.place,
            "undo": self.undo,
        }

    def __repr__(self) -> str:
        return f"<Step {self.action} {self.arguments}>"


def function(name: str) -> Callable[..., None]:
    """The function that an action's name stands for; its module is imported now, and not earlier."""
    module_name, _, function_name = name.rpartition(".")
    module = __import__(f"reference_runtime.{module_name}", fromlist=[function_name])
    found: Callable[..., None] = getattr(module, function_name)
    return found
