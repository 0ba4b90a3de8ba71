"""Words for the probe, as the program of a container and as its hooks."""

from __future__ import annotations

import dataclasses
import os
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from conformance.bundle.builder import Bundle

LOG = "/log"
"""The log of hooks and program, in the root filesystem: both the host and the container can append to it."""

LOGGING = (f"--log={LOG}", "--name=program")
"""Words that make the program note in the log that it ran."""

IN_CONTAINER = ("startContainer",)
"""The kinds of hooks whose path is one of the container's."""


def attempting(*operations: Sequence[str], user: int | None = None) -> list[str]:
    """Attempt operations, each a list of words such as ``["read", "/etc/passwd"]``, as a user of that ID."""
    words = ["try"] + ([f"--user={user}"] if user is not None else [])
    for index, operation in enumerate(operations):
        words += [",", *operation] if index else operation
    return words


def calling(name: str, *arguments: int, how: str = "call") -> list[str]:
    """The operation of `attempting` that makes a system call; arguments that are not given are 0.

    `how` is ``call`` for the program itself, ``in-process`` and ``in-thread`` for one that is made for it, and
    ``traced`` for a process that is traced.
    """
    return [how, name, *(str(argument) for argument in (*arguments, *(0,) * (6 - len(arguments))))]


def holding(*, exit_on: int = 0, status: int = 0) -> list[str]:
    """Stay and report signals; end at one of them with an exit status."""
    return ["hold", *LOGGING, f"--exit-on={exit_on}", f"--status={status}"]


@dataclasses.dataclass(frozen=True)
class Hook:
    """A hook that is the probe; `name` is what the log calls it.

    `status` is its exit status. With `waits`, it ends when `Container.release` says so. With `inspects`, it looks at
    the process whose ID it is told. `properties` are those of the entry that are to be as they are here, such as
    `timeout` and `env`.
    """

    name: str
    status: int = 0
    waits: bool = False
    inspects: bool = False
    properties: dict[str, Any] = dataclasses.field(default_factory=dict)

    def entry(self, kind: str, bundle: Bundle, probe: Path) -> dict[str, Any]:
        """The entry in config.json for a hook of this kind."""
        inside = kind in IN_CONTAINER
        words = ["hook-of-the-suite", "hook", f"--name={self.name}", f"--status={self.status}"]
        words.append(f"--log={LOG if inside else bundle.inside(LOG)}")
        if self.waits:
            os.mkfifo(fifo(bundle, self.name))
            words.append(f"--wait={_fifo_inside(self.name) if inside else fifo(bundle, self.name)}")
        if self.inspects:
            words.append("--inspect=yes")
        return {"path": "/probe" if inside else str(probe), "args": words, **self.properties}


def fifo(bundle: Bundle, name: str) -> Path:
    """The FIFO at which a hook waits."""
    return bundle.inside(_fifo_inside(name))


def _fifo_inside(name: str) -> str:
    return f"/{name}.fifo"
