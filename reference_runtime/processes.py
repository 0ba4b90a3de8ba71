"""Processes, told from others that got the same ID later by the time at which they started."""

from __future__ import annotations

import os
import select

from reference_runtime import signals
from reference_runtime.errors import call


def start_time(pid: int) -> int | None:
    """The start time of a process, in clock ticks since boot; None for one that is gone or a zombie (proc(5))."""
    try:
        with open(f"/proc/{pid}/stat", "rb") as file:
            fields = file.read().rpartition(b")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return None
    return None if fields[0] in (b"Z", b"X") else int(fields[19])


def signal_process(pid: int, started: int | None, number: int, *, wait: bool = False) -> bool:
    """Send a signal to the process that started at that time; false if it is gone.

    With `wait`, until it has ended and, if it is a child of this process, been reaped.
    """
    if not pid:
        return False
    try:
        descriptor = os.pidfd_open(pid)
    except OSError:
        return False
    try:
        if started is None or start_time(pid) != started:
            return False
        call(signals.send, descriptor, number)
        if wait:
            select.select([descriptor], [], [])
            _reap(pid)
    finally:
        os.close(descriptor)
    return True


def _reap(pid: int) -> None:
    try:
        os.waitpid(pid, 0)
    except ChildProcessError:
        return
