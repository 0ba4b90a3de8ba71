"""A pipe to read what a process writes, for as long as anybody holds the other end."""

from __future__ import annotations

import contextlib
import fcntl
import os
import select
import time

KEPT = 4 << 20
"""Bytes that are kept of a stream; what comes after them is read and forgotten."""

_PIPE_SIZE = 1 << 20


class Stream:
    """A pipe, its writing end to be given away.

    `ended` is true when the last process that had the writing end is gone: that is how the end of a container is seen.
    """

    def __init__(self) -> None:
        self.reading, self.writing = os.pipe()
        os.set_blocking(self.reading, False)
        # A report fits in, so that no probe ever waits for the suite. It may be more than an unprivileged user gets.
        with contextlib.suppress(PermissionError):
            fcntl.fcntl(self.writing, fcntl.F_SETPIPE_SZ, _PIPE_SIZE)
        self.content = bytearray()
        self.ended = False

    @property
    def length(self) -> int:
        """How much is kept so far."""
        return len(self.content)

    def since(self, offset: int) -> bytes:
        """What came after the first `offset` bytes."""
        return bytes(self.content[offset:])

    def close_writing(self) -> None:
        """Give up the own writing end: from now on, only the processes that got it hold it."""
        if self.writing >= 0:
            os.close(self.writing)
            self.writing = -1

    def close(self) -> None:
        """Give up both ends."""
        self.close_writing()
        if self.reading >= 0:
            os.close(self.reading)
            self.reading = -1

    def pump(self) -> None:
        """Read what is there, without waiting."""
        while not self.ended:
            try:
                chunk = os.read(self.reading, 1 << 16)
            except BlockingIOError:
                return
            if not chunk:
                self.ended = True
            elif len(self.content) < KEPT:
                self.content += chunk[: KEPT - len(self.content)]

    def wait(self, end: float) -> bool:
        """Wait until more has come, or the end; false if neither happened before `end` (of `time.monotonic`)."""
        if self.ended:
            return True
        ready, _, _ = select.select([self.reading], [], [], max(0.0, end - time.monotonic()))
        self.pump()
        return bool(ready)

    def wait_for_end(self, end: float) -> bool:
        """Wait until the last writer is gone; false if it is not before `end`."""
        while not self.ended:
            if not self.wait(end):
                return False
        return True
