"""`run`: the whole lifecycle in one process."""

from __future__ import annotations

import os

from reference_runtime import lifecycle, signals, syscalls
from reference_runtime.errors import NoSuchContainer


def run(root: str, identifier: str, bundle: str, console_socket: str | None, pid_file: str | None) -> int:
    """Create, start, wait, delete; signals go to the container. Returns the status of its process, 128 + N for a
    signal.
    """
    # The container process is a grandchild, and becomes a child by this.
    syscalls.prctl(syscalls.PR_SET_CHILD_SUBREAPER, 1)
    context = lifecycle.create(root, identifier, bundle, console_socket, pid_file)
    process = os.pidfd_open(context.pid)
    try:
        context.state.unlock()
        for number in signals.FORWARDED:
            signals.handle(number, lambda received: _forward(process, received))
        lifecycle.start(root, identifier)
        signals.wait_while_handling(process)
        _, status = os.waitpid(context.pid, 0)
    finally:
        try:
            lifecycle.delete(root, identifier, force=True)
        except NoSuchContainer:
            # A hook failed, and start has undone everything.
            pass
        # Not before: until then, signals are forwarded through it.
        os.close(process)
    code = os.waitstatus_to_exitcode(status)
    return code if code >= 0 else 128 - code


def _forward(process: int, number: int) -> None:
    try:
        signals.send(process, number)
    except ProcessLookupError:
        return
