"""Was an operation that has to be refused without effect?

The specification does not say how an error is shown, or that it is. So what is judged is the effect; that the command
also exits with another status than 0 is a matter of the command line interface, and a check of its own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from conformance.facts.environment import BUNDLE_FILE, changes_since, observe
from conformance.verdict.findings import Finding

if TYPE_CHECKING:
    from collections.abc import Callable

    from conformance.container import Container
    from conformance.runtime.invocation import Invocation

# As many differences as a person reads.
_SHOWN = 8


def attempt_without_effect(container: Container, operation: str) -> Invocation:
    """Attempt an operation, and compare the container's environment before and after. Raises a `Finding`."""
    return _compared(container, lambda: container.attempt(operation))


def kill_without_effect(container: Container, signal_name: str) -> Invocation:
    """The same for `kill` with a signal."""
    return _compared(container, lambda: container.attempt_kill(signal_name))


def create_without_effect(container: Container, *, bundle: str | None = None) -> Invocation:
    """Attempt to create a container, after which there must be nothing of it. Raises a `Finding`."""
    before = observe(container)
    invocation = container.attempt_create(bundle=bundle)
    # What the runtime made in the root filesystem on its way, such as places to mount on, is no container.
    differences = changes_since(before, container, BUNDLE_FILE, succeeded=invocation.ok)
    if differences:
        raise Finding("`create` is refused and leaves nothing behind", told(invocation, differences))
    return invocation


def _compared(container: Container, attempt: Callable[[], Invocation]) -> Invocation:
    before = observe(container)
    invocation = attempt()
    differences = changes_since(before, container, succeeded=invocation.ok)
    if differences:
        raise Finding(f"`{invocation.operation}` leaves everything as it was", told(invocation, differences))
    return invocation


def told(invocation: Invocation, differences: list[str]) -> str:
    """What happened, for a person: how a command ended, and what is not as it was before."""
    return f"it {invocation.outcome}; {'; '.join(differences[:_SHOWN])}"
