"""Whether the kernel maps the IDs of a mount (mount_setattr(2)): that depends on the filesystem, too."""

from __future__ import annotations

import contextlib
import ctypes
import os
from pathlib import Path

_OPEN_TREE, _MOUNT_SETATTR = 428, 442
_AT_FDCWD, _AT_EMPTY_PATH = -100, 0x1000
_OPEN_TREE_CLONE = 1
_IDMAP = 0x00100000
_NEW_USER_NAMESPACE = 0x10000000

_libc = ctypes.CDLL(None, use_errno=True)
_libc.syscall.restype = ctypes.c_long


def is_possible(directory: Path) -> bool:
    """Whether a mount of this directory can have its IDs mapped. The mount that is tried with is never attached."""
    with contextlib.ExitStack() as opened:
        try:
            namespace = _user_namespace()
            opened.callback(os.close, namespace)
        except OSError:
            return False
        tree = _syscall(_OPEN_TREE, _AT_FDCWD, os.fsencode(directory), _OPEN_TREE_CLONE | os.O_CLOEXEC)
        if tree < 0:
            return False
        opened.callback(os.close, tree)
        # struct mount_attr: what to set, what to clear, propagation, user namespace.
        attributes = (ctypes.c_uint64 * 4)(_IDMAP, 0, 0, namespace)
        return _syscall(_MOUNT_SETATTR, tree, b"", _AT_EMPTY_PATH, attributes, ctypes.sizeof(attributes)) == 0


def _user_namespace() -> int:
    """A descriptor of a new user namespace, in which 0 is the host's 1. Raises `OSError`."""
    ready_reading, ready_writing = os.pipe()
    end_reading, end_writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(end_writing)
        if _libc.unshare(_NEW_USER_NAMESPACE) == 0:
            os.write(ready_writing, b".")
        os.close(ready_writing)
        os.read(end_reading, 1)
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


def _syscall(number: int, *arguments: object) -> int:
    words = [ctypes.c_long(argument) if isinstance(argument, int) else argument for argument in arguments]
    return int(_libc.syscall(ctypes.c_long(number), *words))
