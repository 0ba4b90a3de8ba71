"""What the steps of one operation share."""

from __future__ import annotations

import os

from reference_runtime.output import complain
from reference_runtime.processes import start_time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from reference_runtime.config import Config
    from reference_runtime.network import Moved
    from reference_runtime.relay import Relay
    from reference_runtime.state import StateDirectory
    from reference_runtime.steps import Step


class Context:
    """One container, during one operation, in one of its two processes.

    `pid` is the container process's ID in the runtime's pid namespace, 0 before there is one; `started` is its start
    time. `root` is a descriptor of the container's root directory, -1 before it is bound. `descriptors` are those that
    one step leaves to another; `moved` are the network devices that this operation has moved, by their names outside.
    """

    def __init__(self, config: Config, state: StateDirectory) -> None:
        self.config = config
        self.state = state
        self.steps: list[Step] = []
        self.pid = 0
        self.started: int | None = None
        self.root = -1
        self.descriptors: dict[str, int] = {}
        self.moved: dict[str, Moved] = {}
        self.told: dict[str, Any] = {}
        self.console_socket: str | None = None
        self.relay: Relay | None = None
        self.in_container = False
        self.caller_umask = 0o022

    def adopt(self, pid: int) -> None:
        """Learn the container process's ID: the process so far was its parent, and has ended."""
        os.waitpid(self.pid, 0)
        self.pid = pid
        self.started = start_time(pid)
        self.state.record(self.config, pid, creating=True)

    def document(self, status: str, pid: int | None = None) -> dict[str, Any]:
        """The container's state (runtime.md, State), as hooks get it on stdin."""
        return self.state.document(self.config, status, self.pid if pid is None else pid)

    def warn(self, message: str) -> None:
        """Log a warning; it changes nothing about the operation (runtime.md, Warnings)."""
        if self.in_container and self.relay is not None:
            # This process may have another stderr by now, and does not see the log.
            self.relay.send(warning=message)
            return
        complain(f"warning: {message}")
        from reference_runtime import logging

        logging.warn(message)
