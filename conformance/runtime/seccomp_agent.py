"""The seccomp agent of a container: it listens at `listenerPath`, and answers the system calls that it is told of."""

from __future__ import annotations

import contextlib
import dataclasses
import fcntl
import json
import os
import select
import socket
import struct
import sys
import time
from typing import TYPE_CHECKING, Any, Self

from conformance.facts.reports import state_in
from conformance.verdict.findings import Finding, Hung

if TYPE_CHECKING:
    from pathlib import Path

# What is read at once, and room for more descriptors than there are names for.
_PART, _DESCRIPTORS = 1 << 16, 16

# linux/seccomp.h: the requests, struct seccomp_notif and struct seccomp_notif_resp.
_NOTIF_RECV, _NOTIF_SEND, _NOTIF_ID_VALID = 0xC0502100, 0xC0182101, 0x40082102
_NOTIFICATION = struct.Struct("=QII iIQ6Q")
_RESPONSE = struct.Struct("=QqiI")


@dataclasses.dataclass
class Delivery:
    """What came through one connection, in parts, each with its descriptors, and whether the connection ended.

    The first part is one byte: the kernel adds what has no descriptors to what comes after, and descriptors are those of
    the first message if, and only if, they come with its first byte.
    """

    parts: list[tuple[bytes, list[int]]]
    ended: bool

    @property
    def descriptors(self) -> list[int]:
        """All descriptors, in order."""
        return [descriptor for _, descriptors in self.parts for descriptor in descriptors]

    @property
    def state(self) -> dict[str, Any]:
        """The container process state. Raises a `Finding` if what came is anything but one JSON object."""
        return state_in(b"".join(content for content, _ in self.parts), "what comes through `listenerPath`")

    @property
    def names(self) -> list[object]:
        """The names of the descriptors. Raises a `Finding` if they are no array."""
        names = self.state.get("fds")
        if not isinstance(names, list):
            raise Finding("`fds` is an array of names", f"it is {json.dumps(names)}")
        return names

    @property
    def listener(self) -> int:
        """The descriptor that is called seccompFd. Raises a `Finding` if there is none."""
        names = self.names
        if "seccompFd" not in names or names.index("seccompFd") >= len(self.descriptors):
            raise Finding("there is a descriptor named seccompFd", f"{len(self.descriptors)} came, and are {names}")
        return self.descriptors[names.index("seccompFd")]


class SeccompAgent:
    """A listening socket in a directory; `path` is the value for `listenerPath`."""

    def __init__(self, directory: Path, kind: int = socket.SOCK_STREAM) -> None:
        self.path = str(directory / "agent")
        self._deliveries: list[Delivery] = []
        self._socket = socket.socket(socket.AF_UNIX, kind)
        # A socket's name has little room (unix(7)), and the directory of a container may be deep.
        self._descriptor = os.open(directory, os.O_PATH | os.O_DIRECTORY)
        self._socket.bind(f"/proc/self/fd/{self._descriptor}/agent")
        if kind != socket.SOCK_DGRAM:
            self._socket.listen(8)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()
        os.close(self._descriptor)
        for delivery in self._deliveries:
            for descriptor in delivery.descriptors:
                os.close(descriptor)

    @property
    def waiting(self) -> bool:
        """Whether somebody has connected, or sent something, and was not listened to."""
        return bool(select.select([self._socket], [], [], 0)[0])

    def receive(self, end: float) -> Delivery:
        """All that comes through the next connection until it ends, or the time `end`. Raises `Hung` without one."""
        self._socket.settimeout(max(0.001, end - time.monotonic()))
        try:
            connection, _ = self._socket.accept()
        except TimeoutError:
            raise Hung("the container process state is sent to `listenerPath`", "nobody connected") from None
        delivery = Delivery([], ended=False)
        self._deliveries.append(delivery)
        with connection, contextlib.suppress(TimeoutError):
            while not delivery.ended:
                connection.settimeout(max(0.001, end - time.monotonic()))
                size = _PART if delivery.parts else 1
                content, descriptors, _, _ = socket.recv_fds(connection, size, _DESCRIPTORS)
                delivery.ended = not content
                if content or descriptors:
                    delivery.parts.append((content, descriptors))
        return delivery


def next_call(listener: int, end: float) -> tuple[int, tuple[int, ...]]:
    """The next system call that a listener is told of: its ID and its arguments. Raises a `Finding` if there is none."""
    poll = select.poll()
    poll.register(listener, select.POLLIN)
    ready = poll.poll(max(1.0, (end - time.monotonic()) * 1000))
    if not ready or not ready[0][1] & select.POLLIN:
        raise Hung("the listener is told of a system call", "it was not")
    buffer = bytearray(_NOTIFICATION.size)
    try:
        fcntl.ioctl(listener, _NOTIF_RECV, buffer)
    except OSError as error:
        raise Finding("the listener is told of a system call", f"{error}") from error
    identifier, _, _, _, _, _, *arguments = _NOTIFICATION.unpack(buffer)
    return identifier, tuple(arguments)


def is_waited_for(listener: int, identifier: int) -> bool:
    """Whether a system call still waits for its answer."""
    try:
        fcntl.ioctl(listener, _NOTIF_ID_VALID, identifier.to_bytes(8, sys.byteorder))
    except FileNotFoundError:
        return False
    return True


def answer(listener: int, identifier: int, errno: int) -> bool:
    """Have a system call fail with an errno; false if nobody waits for the answer any more."""
    try:
        fcntl.ioctl(listener, _NOTIF_SEND, bytearray(_RESPONSE.pack(identifier, 0, -errno, 0)))
    except FileNotFoundError:
        return False
    return True
