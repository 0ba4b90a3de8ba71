"""Message queues of System V and of POSIX, made by the suite, to see who else finds them (sysvipc(7), mq_overview(7))."""

from __future__ import annotations

import contextlib
import ctypes
import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_IPC_CREAT, _IPC_EXCL, _IPC_RMID = 0o1000, 0o2000, 0


@contextlib.contextmanager
def system_v(key: int) -> Iterator[None]:
    """A message queue of System V with a key. Raises `OSError`."""
    library = _library()
    identifier = _checked(library.msgget(key, _IPC_CREAT | _IPC_EXCL | 0o666))
    try:
        yield
    finally:
        library.msgctl(identifier, _IPC_RMID, None)


@contextlib.contextmanager
def posix(name: str) -> Iterator[None]:
    """A message queue of POSIX with a name, which begins with a slash. Raises `OSError`."""
    library = _library()
    os.close(_checked(library.mq_open(name.encode(), os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o666, None)))
    try:
        yield
    finally:
        library.mq_unlink(name.encode())


def _library() -> ctypes.CDLL:
    # Until version 2.34 of the C library, mq_open was in a library of its own, which has been there since.
    return ctypes.CDLL("librt.so.1", use_errno=True)


def _checked(result: int) -> int:
    if result == -1:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return result
