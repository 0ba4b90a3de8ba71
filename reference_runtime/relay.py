"""The messages between the runtime's process and the container's while a container is created.

The runtime conducts: it tells the container's process to go on with its next group of steps, and waits for the
answer. The messages are `go`, and back `warning`, `pid`, which wants another `go`, `done` or `error`; a socket that ends
says that the other side is gone.
"""

from __future__ import annotations

import _socket
import os

from reference_runtime.errors import call, from_document

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

# A message carries at the most the text of one error.
_LARGEST = 1 << 16


class PeerGone(Exception):
    """The other process ended without a word."""


class Relay:
    """One end of the connection; a message is a small JSON object."""

    def __init__(self, descriptor: int) -> None:
        self.descriptor = descriptor

    @staticmethod
    def pair() -> tuple[Relay, Relay]:
        """The runtime's end and the container's."""
        kind = _socket.SOCK_SEQPACKET | _socket.SOCK_CLOEXEC
        ours, theirs = call(_socket.socketpair, _socket.AF_UNIX, kind, 0)
        return Relay(ours.detach()), Relay(theirs.detach())

    def close(self) -> None:
        """End the connection."""
        os.close(self.descriptor)

    def send(self, **message: Any) -> None:
        """Send a message. Raises `PeerGone`."""
        from reference_runtime.documents import encode

        try:
            os.write(self.descriptor, encode(message).encode()[:_LARGEST])
        except OSError:
            raise PeerGone from None

    def receive(self) -> dict[str, Any]:
        """The next message. Raises the error that the other side reports, or `PeerGone`."""
        from reference_runtime.documents import decode

        try:
            content = os.read(self.descriptor, _LARGEST)
        except OSError:
            content = b""
        if not content:
            raise PeerGone
        message: dict[str, Any] = decode(content, "message")
        if "error" in message:
            raise from_document(message["error"])
        return message
