"""The register of mutants, and the program of each.

This is imported by every process of a mutant, so it imports as little as the runtime itself.
"""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from reference_runtime.steps import Step

    Transformation = Callable[[list[Step]], list[Step]]

MODULES = tuple(
    sorted(
        name.removesuffix(".py")
        for name in os.listdir(os.path.dirname(os.path.abspath(__file__)))
        if name.endswith(".py") and name not in ("__init__.py", "mutant.py")
    )
)
"""The modules of this package that have mutants."""


class Mutant:
    """A way to break the runtime: what it `breaks` are IDs of requirements, one of which a check must find broken."""

    def __init__(self, name: str, area: str, what: str, breaks: tuple[str, ...], apply: Callable[[], None]) -> None:
        self.name = name
        self.area = area
        self.what = what
        self.breaks = breaks
        self.apply = apply


REGISTERED: dict[str, Mutant] = {}


def mutant(*breaks: str) -> Callable[[Callable[[], None]], Callable[[], None]]:
    """Register a function that breaks the runtime; its docstring says what is broken."""

    def register(apply: Callable[[], None]) -> Callable[[], None]:
        area = apply.__module__.rpartition(".")[2]
        what = (apply.__doc__ or "").strip()
        REGISTERED[apply.__name__] = Mutant(apply.__name__, area, what, breaks, apply)
        return apply

    return register


def transform_plan(transformation: Transformation) -> None:
    """Have every plan transformed before it is kept and performed."""
    from reference_runtime import plan

    original = plan.build

    plan.build = lambda config, host: transformation(original(config, host))


def without(action: str, **arguments: object) -> None:
    """Leave out the steps of an action, as far as they have these arguments."""
    transform_plan(lambda steps: [step for step in steps if not matches(step, action, arguments)])


def changed(action: str, **changes: object) -> None:
    """Change arguments of the steps of an action."""

    def change(steps: list[Step]) -> list[Step]:
        for step in steps:
            if step.action == action:
                step.arguments.update(changes)
        return steps

    transform_plan(change)


def matches(step: Step, action: str, arguments: dict[str, object]) -> bool:
    """Whether a step is of an action, and has these arguments."""
    return step.action == action and all(step.arguments.get(name) == value for name, value in arguments.items())


def load() -> dict[str, Mutant]:
    """All mutants, by name."""
    for module in MODULES:
        __import__(f"conformance.mutants.{module}")
    return REGISTERED


def write_program(name: str, directory: Path) -> Path:
    """Make the executable of a mutant in a directory; returns its path."""
    root = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    program = directory / name
    program.write_text(
        f"#!{sys.executable} -IS\n"
        f"import os, sys\n"
        f"sys.path.insert(0, {root!r})\n"
        f"from conformance.mutants.mutant import run\n"
        f"run({name!r})\n",
        encoding="utf-8",
    )
    program.chmod(0o755)
    return program


def run(name: str) -> None:
    """Be a mutant."""
    from reference_runtime import cli

    load()[name].apply()
    status = cli.main()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)
