"""The operations (runtime.md, Operations), each as the steps of the plan and what the state has to be for it.

The plan is made once, by create; what makes and performs it is imported where that is done.
"""

from __future__ import annotations

import os
import select

from reference_runtime import documents, signals
from reference_runtime.errors import (
    HookFailed,
    NoSuchContainer,
    RuntimeFault,
    StepFailed,
    UsageError,
    WrongStatus,
    from_document,
)
from reference_runtime.processes import signal_process
from reference_runtime.state import CREATED, EXECUTING, RUNNING, STOPPED, StateDirectory
from reference_runtime.steps import CREATE, DELETE, RUNTIME, START, function

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from reference_runtime.context import Context

_STOP_SIGNAL = "org.opencontainers.image.stopSignal"


def create(
    root: str, identifier: str, bundle: str, console_socket: str | None = None, pid_file: str | None = None
) -> Context:
    """Create a container: all but its program (runtime.md, Create)."""
    from reference_runtime import config as configs
    from reference_runtime import execution, host, plan
    from reference_runtime.context import Context

    state = StateDirectory(root, identifier)
    config, content = configs.load(bundle, identifier)
    if config.terminal and console_socket is None:
        raise UsageError("process.terminal is set, so --console-socket must say where the terminal goes")
    context = Context(config, state)
    context.console_socket = console_socket
    signals.interrupt_on_request()
    state.make()
    try:
        documents.write(state.file("config.json"), content)
        state.record(config, 0, creating=True)
        context.steps = plan.build(config, host.detect())
        state.keep(context.steps)
        execution.conduct((step for step in context.steps if step.when == CREATE), context)
        if pid_file is not None:
            documents.write(pid_file, str(context.pid).encode(), 0o644)
        state.record(config, context.pid, creating=False)
    except BaseException as error:
        try:
            destroy(context, state.undo)
        except StepFailed as failure:
            context.warn(f"something of the container is left, which delete --force may remove: {failure}")
        if isinstance(error, HookFailed):
            run_poststop_hooks(context)
        raise
    return context


def start(root: str, identifier: str) -> Context:
    """Run the program (runtime.md, Start)."""
    context, recorded = _load(root, identifier)
    try:
        _require(context.state, recorded, "start", CREATED)
        if not context.config.process:
            raise UsageError("there is nothing to start: process is not set in config.json")
        _release(context)
        os.unlink(context.state.file("exec.fifo"))
        _run_poststart_hooks(context)
    except HookFailed:
        # runtime.md, Lifecycle: stop the container and continue at step 12.
        destroy(context, context.state.journaled())
        run_poststop_hooks(context)
        raise
    finally:
        context.state.unlock()
    return context


def kill(root: str, identifier: str, signal: int) -> None:
    """Send a signal to the container process (runtime.md, Kill)."""
    state = StateDirectory(root, identifier)
    recorded = state.recorded()
    _require(state, recorded, "kill", CREATED, RUNNING)
    if not signal_process(recorded["pid"], recorded["started"], signal):
        raise WrongStatus(identifier, "kill", STOPPED, (CREATED, RUNNING))


def stop_signal(root: str, identifier: str) -> int:
    """The signal that kills a container if the caller names none: that of its image (config.md, Annotations), or TERM."""
    name = report(root, identifier).get("annotations", {}).get(_STOP_SIGNAL, "TERM")
    return signals.number(name) or signals.TERM


def delete(root: str, identifier: str, *, force: bool = False) -> None:
    """Undo what create did (runtime.md, Delete); with `force`, whatever the container is doing."""
    if force:
        if _forget_what_never_began(StateDirectory(root, identifier)):
            return
        _kill_whatever_it_does(StateDirectory(root, identifier))
    try:
        context, recorded = _load(root, identifier)
    except NoSuchContainer:
        if not force:
            raise
        # The `create` or `run` whose process was killed has undone everything.
        return
    try:
        if not force:
            _require(context.state, recorded, "delete", STOPPED)
        # The process of a killed create may still be at work.
        signal_process(context.pid, context.started, signals.KILL, wait=True)
        destroy(context, context.state.journaled())
        run_poststop_hooks(context)
    finally:
        context.state.unlock()


def report(root: str, identifier: str) -> dict[str, Any]:
    """The state of a container (runtime.md, Query State)."""
    return StateDirectory(root, identifier).report()


def destroy(context: Context, undo: list[dict[str, Any]]) -> None:
    """Undo steps, last one first, and forget the container.

    An undo that fails does not keep the others from being done; then the container is not forgotten, so that delete
    can be called again. Raises the first failure.
    """
    failures: list[StepFailed] = []
    for entry in reversed(undo):
        try:
            function(entry["action"])(context, **entry["arguments"])
        except (OSError, RuntimeFault) as error:
            failures.append(StepFailed(entry["action"], "$", str(error)))
    if failures:
        raise failures[0]
    context.state.remove()


def run_poststop_hooks(context: Context) -> None:
    """Run the poststop hooks; one that fails is a warning (runtime.md, Lifecycle, step 13)."""
    from reference_runtime import execution

    for step in context.steps:
        if step.when == DELETE:
            try:
                execution.perform(step, context)
            except StepFailed as error:
                context.warn(str(error))


def _run_poststart_hooks(context: Context) -> None:
    from reference_runtime import execution

    for step in context.steps:
        if step.when == START and step.where == RUNTIME:
            try:
                execution.perform(step, context)
            except HookFailed as error:
                # Up to version 1.2.1 of the specification this was a warning.
                if context.config.version >= (1, 3):
                    raise
                context.warn(str(error))


def _load(root: str, identifier: str) -> tuple[Context, dict[str, Any]]:
    from reference_runtime.config import Config
    from reference_runtime.context import Context

    state = StateDirectory(root, identifier)
    state.lock()
    recorded = state.recorded()
    context = Context(Config(state.config(), recorded["bundle"], identifier), state)
    context.pid = recorded["pid"]
    context.started = recorded["started"]
    context.steps = state.kept()
    return context, recorded


def _require(state: StateDirectory, recorded: dict[str, Any], operation: str, *allowed: str) -> None:
    status = state.status(recorded)
    if status not in allowed:
        raise WrongStatus(state.identifier, operation, status, allowed)


def _forget_what_never_began(state: StateDirectory) -> bool:
    """Forget a container of which there is no more than the directory: the runtime was killed before its first step, or
    after it had undone the last one.
    """
    if state.began():
        return False
    state.lock()
    try:
        # Whoever had the lock has perhaps begun.
        began = state.began()
        if not began:
            state.remove()
    finally:
        state.unlock()
    return not began


def _kill_whatever_it_does(state: StateDirectory) -> None:
    try:
        recorded = state.recorded()
    except NoSuchContainer:
        return
    signal_process(recorded["pid"], recorded["started"], signals.KILL, wait=True)


def _release(context: Context) -> None:
    """Let the container process go on, and wait until it has executed the program.

    Opening the FIFO is the permission; its end without an error, after the announcement, is the success.
    """
    # Before the permission is given: a short program has ended, and been reaped, a moment after.
    try:
        process = os.pidfd_open(context.pid)
    except ProcessLookupError:
        raise _died_too_early() from None
    fifo = os.open(context.state.file("exec.fifo"), os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    said = b""
    try:
        while True:
            ready, _, _ = select.select([fifo, process], [], [])
            if fifo in ready:
                chunk = os.read(fifo, 1 << 16)
                said += chunk
                if not chunk:
                    break
            elif process in ready:
                break
    finally:
        os.close(fifo)
        os.close(process)
    failure = said.removeprefix(EXECUTING)
    if failure:
        raise from_document(documents.decode(failure, "message"))
    if not said:
        raise _died_too_early()


def _died_too_early() -> StepFailed:
    return StepFailed("process.execute", "$.process", "the container process died before it got there")
