"""Paths of the container, resolved inside its root and never out of it.

The root filesystem is not trusted: any component may be a symbolic link. Every path is resolved by the kernel with
`openat2(RESOLVE_IN_ROOT)`, and what follows works on the descriptor.
"""

from __future__ import annotations

import errno
import os

from reference_runtime import syscalls
from reference_runtime.errors import SyscallFailed, call

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator


class Opened:
    """A descriptor that is closed at the end of a ``with``."""

    def __init__(self, descriptor: int) -> None:
        self.descriptor = descriptor

    def __enter__(self) -> int:
        return self.descriptor

    def __exit__(self, *_: object) -> None:
        os.close(self.descriptor)


def resolve(root: int, path: str, *, follow: bool = True) -> Opened:
    """An `O_PATH` descriptor of `path` inside `root`. Raises `SyscallFailed`."""
    flags = os.O_PATH | (0 if follow else os.O_NOFOLLOW)
    resolution = syscalls.RESOLVE_IN_ROOT | syscalls.RESOLVE_NO_MAGICLINKS
    return Opened(syscalls.openat2(root, path.lstrip("/") or ".", flags, resolution))


def exists(root: int, path: str) -> bool:
    """Whether `path` leads to something inside `root`."""
    try:
        with resolve(root, path):
            return True
    except SyscallFailed as error:
        if error.errno in (errno.ENOENT, errno.ENOTDIR):
            return False
        raise


def make_directories(root: int, path: str) -> Opened:
    """`path` inside `root` as a directory, made with all its parents (mode 0755) where there is none."""
    try:
        return resolve(root, path)
    except SyscallFailed as error:
        if error.errno != errno.ENOENT:
            raise
    parent, name = _split(path)
    with make_directories(root, parent) as directory:
        call(os.mkdir, name, 0o755, dir_fd=directory)
    return resolve(root, path)


def make_file(root: int, path: str) -> Opened:
    """`path` inside `root`; where there is nothing, an empty file is made there."""
    try:
        return resolve(root, path)
    except SyscallFailed as error:
        if error.errno != errno.ENOENT:
            raise
    parent, name = _split(path)
    with make_directories(root, parent) as directory:
        flags = os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
        os.close(call(os.open, name, flags, 0o644, dir_fd=directory))
    return resolve(root, path)


def parent_of(root: int, path: str) -> tuple[Opened, str]:
    """The directory in which `path` lies, made where it is missing, and the last component."""
    parent, name = _split(path)
    return make_directories(root, parent), name


def through_proc(descriptor: int) -> str:
    """A path for the calls that take no descriptor; it needs a `/proc`, so it is of use before `pivot_root` only."""
    return f"/proc/self/fd/{descriptor}"


def components(path: str) -> Iterator[str]:
    """The names in `path`, without empty ones."""
    return (name for name in path.split("/") if name not in ("", "."))


def _split(path: str) -> tuple[str, str]:
    names = list(components(path))
    if not names or names[-1] == "..":
        raise SyscallFailed("mkdir", errno.EINVAL, path)
    return "/".join(names[:-1]), names[-1]
