"""Namespaces of the suite's own, so that what a check makes there, or a runtime breaks there, is not the host's.

They are those of the thread, and of what it starts: the runtime, to which they are the runtime namespaces.
"""

from __future__ import annotations

import contextlib
import os
from typing import TYPE_CHECKING

from reference_runtime import syscalls

if TYPE_CHECKING:
    from collections.abc import Iterator

_FLAGS = {"ipc": 0x08000000, "net": 0x40000000, "uts": 0x04000000}
"""By their names in /proc/PID/ns; those that one thread can have for itself."""


@contextlib.contextmanager
def private(name: str) -> Iterator[None]:
    """Be in a new namespace. It ends with the last process in it. Raises `OSError`."""
    with _opened("/proc/thread-self", name) as own:
        syscalls.unshare(_FLAGS[name])
        try:
            yield
        finally:
            syscalls.setns(own, _FLAGS[name])


@contextlib.contextmanager
def joined(name: str, pid: int) -> Iterator[None]:
    """Be in the namespace of a process. Raises `OSError`."""
    with _opened("/proc/thread-self", name) as own, _opened(f"/proc/{pid}", name) as other:
        syscalls.setns(other, _FLAGS[name])
        try:
            yield
        finally:
            syscalls.setns(own, _FLAGS[name])


@contextlib.contextmanager
def _opened(process: str, name: str) -> Iterator[int]:
    descriptor = os.open(f"{process}/ns/{name}", os.O_RDONLY | os.O_CLOEXEC)
    try:
        yield descriptor
    finally:
        os.close(descriptor)
