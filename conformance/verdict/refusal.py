"""Was an operation that has to be refused without effect?

The specification does not say how an error is shown, or that it is. So what is judged is the effect; that the command
also exits with another status than 0 is a matter of the command line interface, and a check of its own.
"""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from conformance.facts.environment import BUNDLE_FILE, changes_since, observe
from conformance.verdict.findings import Advisory, Crashed, Finding, Hung

if TYPE_CHECKING:
    from collections.abc import Callable

    from conformance.bundle.invalid import Invalid
    from conformance.container import Container
    from conformance.fixtures import MakeContainer
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


def demand_no_container(container: Container) -> None:
    """Attempt to create a container, after which there must be none. Raises a `Finding`.

    What else a `create` that fails may leave is said of errors in general, and has checks of its own.
    """
    invocation = container.attempt_create()
    if container.attempt("state").ok:
        raise Finding("`create` is refused", f"it {invocation.outcome}, and there is a container")


def demand_no_run(container: Container) -> None:
    """Attempt to create a container and to start it, one of which must be refused. Raises a `Finding`."""
    if not container.attempt_create().ok:
        return
    invocation = container.attempt("start")
    if not invocation.ok:
        with contextlib.suppress(ProcessLookupError):
            container.kill_process()
    container.wait_for_output_end()
    if container.runs:
        raise Finding("`create` or `start` is refused", f"the program ran; `start` {invocation.outcome}")
    if invocation.ok:
        raise Advisory("`create` or `start` reports an error", "both succeed, though the program did not run")


def demand_refusal(make: MakeContainer, invalid: Invalid, kind: type[Finding] = Finding) -> None:
    """Demand that a container with an invalid configuration is not made, or, if it is `process` that is invalid, not run.

    The properties of `process` may be applied by `start` (runtime.md, Create). Raises a finding of a kind, and an
    `Advisory` if the program did not run and no error was reported.
    """
    container = make()
    container.configure(**invalid.valid)
    container.replace_config(invalid.spoil(container.config))
    try:
        (demand_no_run if invalid.of_process else demand_no_container)(container)
    except (Advisory, Crashed, Hung):
        raise
    except Finding as finding:
        raise kind(finding.expected, finding.actual) from None


def refused_among(values: list[str], attempt: Callable[[list[str]], Invocation]) -> list[str]:
    """Those of some values that `attempt` is refused with: each alone, or, if only together, all of them.

    They are attempted together, and one by one only if that is refused, so that it takes no longer than it has to.
    """
    if not values or attempt(values).ok:
        return []
    return [value for value in values if not attempt([value]).ok] or values


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
