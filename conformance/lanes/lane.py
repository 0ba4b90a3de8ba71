"""A lane: what it is, what it takes, and how a command gets into it."""

from __future__ import annotations

import dataclasses
import os
import shutil
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

HOST = "host"
"""The lane that is entered by doing nothing: the machine as it is."""

NAMES = (HOST, "cgroup1", "cgroup2", "rootless", "vm")
"""The names of all lanes; a command line needs them, and nothing else of lanes."""

VARIABLE = "OCI_CONFORM_LANE"
"""The environment variable by which a run knows the lane that it is in."""


@dataclasses.dataclass(frozen=True)
class Lane:
    """A way to run a command in other surroundings.

    `obstacle` says why this machine does not have the lane, if so. `entered` makes of a command the one that runs it in
    the lane, as root in a mount and a pid namespace of its own; the directory is for the files of this one run, and is
    removed after it. In the lane, commands of a runtime may take `seconds`.
    """

    name: str
    summary: str
    obstacle: Callable[[], str | None]
    entered: Callable[[list[str], Path], list[str]]
    seconds: float = 30


def current() -> str:
    """The name of the lane that this process is in."""
    return os.environ.get(VARIABLE, HOST)


def lacking(*programs: str) -> str | None:
    """Why nothing can be entered that takes root and these programs, if so."""
    if os.geteuid() != 0:
        return "only root can enter it"
    missing = [program for program in ("setpriv", "unshare", *programs) if shutil.which(program) is None]
    return f"there is no {', '.join(missing)} in PATH" if missing else None
