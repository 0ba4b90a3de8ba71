"""Whether the kernel maps the IDs of a mount (mount_setattr(2)): that depends on the filesystem, too."""

from __future__ import annotations

import os
from pathlib import Path

from reference_runtime import syscalls

_NEW_USER_NAMESPACE = 0x10000000


def is_possible(directory: Path) -> bool:
    """Whether a mount of this directory can have its IDs mapped. The mount that is tried with is never attached."""
    opened = []
    try:
        opened.append(_user_namespace())
        opened.append(syscalls.open_tree(syscalls.AT_FDCWD, str(directory), syscalls.OPEN_TREE_CLONE))
        namespace, tree = opened
        syscalls.mount_setattr(tree, set_=syscalls.MOUNT_ATTR_IDMAP, user_namespace=namespace)
    except OSError:
        return False
    finally:
        for descriptor in opened:
            os.close(descriptor)
    return True


def _user_namespace() -> int:
    """A descriptor of a new user namespace, in which 0 is the host's 1. Raises `OSError`."""
    ready_reading, ready_writing = os.pipe()
    end_reading, end_writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(end_writing)
        try:
            syscalls.unshare(_NEW_USER_NAMESPACE)
            os.close(ready_writing)
            os.read(end_reading, 1)
        finally:
            os._exit(0)
    os.close(ready_writing)
    os.close(end_reading)
    try:
        os.read(ready_reading, 1)
        for kind in ("uid", "gid"):
            Path(f"/proc/{child}/{kind}_map").write_text("0 1 1\n", encoding="ascii")
        return os.open(f"/proc/{child}/ns/user", os.O_RDONLY | os.O_CLOEXEC)
    finally:
        os.close(ready_reading)
        os.close(end_writing)
        os.waitpid(child, 0)
