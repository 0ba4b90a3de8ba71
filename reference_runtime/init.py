"""The container's process, from the fork to the wait for `start`.

Two forks: the first child moves into the namespaces; its child is the first process *in* the new pid and time
namespaces, and becomes the container process. The first then ends, and the second belongs to whoever reaps the
runtime's orphans.
"""

from __future__ import annotations

import os

from reference_runtime import execution, signals
from reference_runtime.errors import StepFailed, call
from reference_runtime.processes import signal_process, start_time
from reference_runtime.relay import PeerGone, Relay
from reference_runtime.steps import CONTAINER, CREATE, RUNTIME, START, Step

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from reference_runtime.context import Context


def plan_fifo() -> Iterator[Step]:
    """Make the FIFO at which the container process waits for `start`."""
    yield Step("init.make_fifo", "runtime.create.args_not_applied", where=RUNTIME)


def plan_fork() -> Iterator[Step]:
    """Make the process that will be the container's."""
    yield Step("init.fork", "runtime.create.creates", where=RUNTIME, undo="init.kill")


def plan_second_fork() -> Iterator[Step]:
    """Make the container process itself."""
    yield Step("init.enter", "config_linux.namespaces.pid.isolated", "$.linux.namespaces")


def make_fifo(context: Context) -> None:
    """Make exec.fifo, and keep a descriptor that leads the container's process to it, wherever its root is."""
    path = context.state.file("exec.fifo")
    call(os.mkfifo, path)
    # The process may be any user by then; the directory is the runtime's alone.
    call(os.chmod, path, 0o622)
    context.descriptors["fifo"] = call(os.open, path, os.O_PATH | os.O_CLOEXEC)


def fork(context: Context) -> None:
    """Make the container's side; in the child, this does not return."""
    ours, theirs = Relay.pair()
    pid = call(os.fork)
    if pid == 0:
        ours.close()
        context.relay = theirs
        _be_the_container(context)
    theirs.close()
    context.relay = ours
    context.pid = pid
    context.started = start_time(pid)
    # It does nothing before it hears of the runtime, and so never anything that nobody could stop.
    context.state.record(context.config, pid, creating=True)


def enter(context: Context) -> None:
    """Fork the container process into the new pid and time namespaces; only the child returns."""
    assert context.relay is not None
    pid = call(os.fork)
    if pid:
        context.relay.send(pid=pid)
        os._exit(0)
    # The runtime has written this process's ID down by then, and the parent has ended.
    context.relay.receive()
    # Through this, the FIFO can be opened when the container has no /proc, or one that lies.
    context.descriptors["own"] = call(os.open, "/proc/self/fd", os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)


def kill(context: Context) -> None:
    """Kill the container's process and wait until it has ended. No error if there is none."""
    if context.relay is not None:
        context.relay.close()
        context.relay = None
    signal_process(context.pid, context.started, signals.KILL, wait=True)


def _be_the_container(context: Context) -> None:
    try:
        signals.restore_defaults()
        # The lock is the operation's, which ends before this process does.
        context.state.unlock()
        context.in_container = True
        # What the runtime makes has the mode that it says.
        context.caller_umask = os.umask(0)
        if _create(context):
            _start(context)
    except PeerGone:
        # The runtime gave up or was killed: there is nobody left to report to.
        pass
    finally:
        os._exit(1)


def _create(context: Context) -> bool:
    relay = context.relay
    assert relay is not None
    try:
        execution.follow((step for step in context.steps if step.when == CREATE), context)
    except Exception as error:
        relay.send(error=_as_failure(error).document())
        return False
    relay.close()
    context.relay = None
    return True


def _start(context: Context) -> None:
    # This blocks until `start` opens the other end.
    name = str(context.descriptors["fifo"])
    own = context.descriptors.pop("own")
    fifo = os.open(name, os.O_WRONLY | os.O_CLOEXEC, dir_fd=own)
    # From here, programs of the container run, and this directory leads out of its root.
    os.close(own)
    context.descriptors["start"] = fifo
    try:
        for step in context.steps:
            if step.when == START and step.where == CONTAINER:
                execution.perform(step, context)
    except Exception as error:
        from reference_runtime.documents import encode

        os.write(fifo, encode(_as_failure(error).document()).encode())


def _as_failure(error: Exception) -> StepFailed:
    # The container's process has nobody above it who would see a traceback.
    return error if isinstance(error, StepFailed) else StepFailed("init", "$", repr(error))
