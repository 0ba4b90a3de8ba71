"""The caller's end of a container's terminal: the socket of --console-socket, and the master that comes through it."""

from __future__ import annotations

import contextlib
import os
import select
import socket
import time
from typing import TYPE_CHECKING, Self

from conformance.verdict.findings import Finding, Hung

if TYPE_CHECKING:
    from pathlib import Path

# Room for a message of any runtime; nothing in it is of interest here.
_MESSAGE = 1 << 16


class ConsoleSocket:
    """A listening socket in a directory; `path` is the value for --console-socket."""

    def __init__(self, directory: Path) -> None:
        # A socket's name has little room (unix(7)), and the directory of a container may be deep.
        self._link = directory / "console"
        self._descriptor = os.open(directory, os.O_PATH | os.O_DIRECTORY)
        self.path = str(self._link)
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._socket.bind(f"/proc/self/fd/{self._descriptor}/console")
        self._socket.listen(1)
        self._master = -1

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()
        os.close(self._descriptor)
        if self._master >= 0:
            os.close(self._master)

    def master(self, deadline: float) -> int:
        """The master of the pseudoterminal. Raises a `Finding` if none comes within `deadline` seconds."""
        if self._master < 0:
            self._socket.settimeout(deadline)
            try:
                connection, _ = self._socket.accept()
                with connection:
                    connection.settimeout(deadline)
                    _, descriptors, _, _ = socket.recv_fds(connection, _MESSAGE, 4)
            except TimeoutError:
                raise Hung("the master of the terminal is passed through --console-socket", "none came") from None
            if not descriptors:
                raise Finding("a message with the master comes through --console-socket", "it had no descriptor")
            self._master = descriptors[0]
            for other in descriptors[1:]:
                os.close(other)
        return self._master

    def read_to_end(self, deadline: float) -> bytes:
        """All that the container writes to its terminal, until nobody has it open any more.

        Raises `Hung`, and `Finding` if nothing came: the program writes, so the terminal is not its own.
        """
        master = self.master(deadline)
        end = time.monotonic() + deadline
        content = b""
        # The end of a terminal is an error of reading its master.
        with contextlib.suppress(OSError):
            while True:
                ready, _, _ = select.select([master], [], [], max(0.0, end - time.monotonic()))
                if not ready:
                    raise Hung("the container process ends", "its terminal was still open at the deadline")
                chunk = os.read(master, 1 << 16)
                if not chunk:
                    break
                content += chunk
        if not content:
            raise Finding("what the program writes comes through the terminal", "nothing came")
        return content
