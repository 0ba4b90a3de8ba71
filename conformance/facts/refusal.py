"""Was an operation that has to be refused without effect?

The specification does not say how an error is shown, or that it is. So what is judged is the effect; that the command
also exits with another status than 0 is a matter of the command line interface, and a check of its own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from conformance.facts.environment import observe
from conformance.verdict.findings import Finding

if TYPE_CHECKING:
    from conformance.container import Container
    from conformance.runtime.invocation import Invocation


def attempt_without_effect(container: Container, operation: str, *arguments: str) -> Invocation:
    """Attempt an operation, and compare the container's environment before and after. Raises a `Finding`."""
    before = observe(container)
    invocation = container.attempt(operation, *arguments)
    differences = before.differences(observe(container))
    if differences:
        raise Finding(
            f"`{operation}` leaves everything as it was",
            f"it {invocation.outcome}, and {'; '.join(differences[:8])}",
        )
    return invocation


def create_without_effect(container: Container, *options: str) -> Invocation:
    """Attempt to create a container, after which there must be nothing of it. Raises a `Finding`."""
    before = observe(container)
    invocation = container.attempt_create(*options)
    # What the caller asked for by name, and what the runtime made in the root filesystem on its way, are no container.
    differences = [
        line
        for line in before.differences(observe(container))
        if not line.startswith("bundle files") and str(container.pid_file) not in line
    ]
    if differences:
        raise Finding(
            "`create` is refused and leaves nothing behind",
            f"it {invocation.outcome}, and {'; '.join(differences[:8])}",
        )
    return invocation
