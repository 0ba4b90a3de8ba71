"""Files of procfs, sysfs and cgroups, by which the kernel is told something."""

from __future__ import annotations

import os

from reference_runtime.errors import SyscallFailed, call


def read(path: str) -> str:
    """The content of a file. Raises `SyscallFailed`."""
    descriptor = call(os.open, path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        content = b""
        while chunk := call(os.read, descriptor, 1 << 16):
            content += chunk
    finally:
        os.close(descriptor)
    return content.decode()


def write(path: str, content: str) -> None:
    """Write a file in one write(2), for each is one request to the kernel. Raises `SyscallFailed`."""
    descriptor = call(os.open, path, os.O_WRONLY | os.O_CLOEXEC)
    try:
        os.write(descriptor, content.encode())
    except OSError as error:
        raise SyscallFailed("write", error.errno or 0, path) from error
    finally:
        os.close(descriptor)
