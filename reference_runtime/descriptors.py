"""The descriptors that the caller gave: the standard streams are for hooks and for the container, and no others."""

from __future__ import annotations

import os

from reference_runtime import syscalls


def keep_the_standard_streams() -> None:
    """Have the three standard streams passed on, and nothing else."""
    for stream in (0, 1, 2):
        try:
            os.fstat(stream)
        except OSError:
            # Else the next file that is opened, perhaps the lock, would take its place.
            os.set_inheritable(os.open("/dev/null", os.O_RDWR), True)
    syscalls.close_on_exec_from(3)
