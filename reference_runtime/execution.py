"""Perform a plan: the runtime conducts, the container's process follows."""

from __future__ import annotations

from reference_runtime.errors import StepFailed, SyscallFailed
from reference_runtime.relay import PeerGone
from reference_runtime.steps import CONTAINER, RUNTIME, function

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from reference_runtime.context import Context
    from reference_runtime.steps import Step


def perform(step: Step, context: Context) -> None:
    """Do one step. Raises `StepFailed`."""
    try:
        function(step.action)(context, **step.arguments)
    except SyscallFailed as error:
        raise StepFailed(step.action, step.place, str(error), error.syscall, error.errno) from error
    except (OSError, ValueError, OverflowError) as error:
        raise StepFailed(step.action, step.place, str(error)) from error


def conduct(steps: Iterable[Step], context: Context) -> None:
    """Perform the steps in order, each in its process; the runtime's side.

    What undoes a step is in the journal before the step is done, so that a runtime killed between the two leaves a
    record. Raises `StepFailed`.
    """
    for where, group in groups(steps):
        if where == RUNTIME:
            for step in group:
                context.state.journal(step)
                try:
                    perform(step, context)
                except StepFailed:
                    # A step is one action: when it fails, it has done nothing that could be undone.
                    context.state.forget(step)
                    raise
        else:
            for step in group:
                context.state.journal(step)
            _direct(context, group[-1])


def follow(steps: Iterable[Step], context: Context) -> None:
    """Perform the container's steps, group by group, as the runtime says; the container's side."""
    relay = context.relay
    assert relay is not None
    for where, group in groups(steps):
        if where == CONTAINER:
            relay.receive()
            for step in group:
                perform(step, context)
            relay.send(done=True, **context.told)


def groups(steps: Iterable[Step]) -> Iterator[tuple[str, list[Step]]]:
    """Runs of steps that one process performs without the other; what has to be undone is the last of its group, so
    that it is known whether it was done.
    """
    group: list[Step] = []
    for step in steps:
        if group and (group[-1].where != step.where or group[-1].undo is not None):
            yield group[0].where, group
            group = []
        group.append(step)
    if group:
        yield group[0].where, group


def _direct(context: Context, last: Step) -> None:
    relay = context.relay
    assert relay is not None
    try:
        relay.send(go=True)
        while "done" not in (message := relay.receive()):
            if "warning" in message:
                context.warn(message["warning"])
                continue
            context.adopt(message["pid"])
            relay.send(go=True)
        context.told = message
    except PeerGone:
        raise StepFailed("init", "$", "the container's process died") from None
    except StepFailed:
        context.state.forget(last)
        raise
