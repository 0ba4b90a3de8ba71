"""The container cannot change the program of the runtime.

Until it executes the program of the container, the container process is one of this interpreter. A program, or the
interpreter of a script, that is a link to `/proc/self/exe` would execute the interpreter of the host in the container,
with libraries of the container's choice; and from there, the file could be opened for writing (CVE-2019-5736).
"""

from __future__ import annotations

import errno
import os
import sys

from reference_runtime import syscalls
from reference_runtime.errors import SyscallFailed

_SELF = "/proc/self/exe"


def execute_read_only() -> None:
    """Execute this command again, from a read-only mount of the interpreter that is nowhere in the file tree."""
    if os.statvfs(_SELF).f_flag & os.ST_RDONLY:
        return
    try:
        interpreter = syscalls.open_tree(syscalls.AT_FDCWD, _SELF, syscalls.OPEN_TREE_CLONE)
    except SyscallFailed as error:
        # Whoever may not mount cannot make a container either, and will hear of that from its first step.
        if error.errno == errno.EPERM:
            return
        raise
    syscalls.mount_setattr(interpreter, set_=syscalls.MOUNT_ATTR_RDONLY)
    os.execve(f"/proc/self/fd/{interpreter}", sys.orig_argv, os.environ)  # noqa: S606 - that is what it does
