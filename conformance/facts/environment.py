"""The host around a container, as far as it bears the container's name: to compare before and after an operation."""

from __future__ import annotations

import contextlib
import dataclasses
import os
import time
from pathlib import Path
from typing import TYPE_CHECKING

from conformance.host.traces import CGROUPS, cgroups_of, mounts_of, processes_of
from conformance.runtime.invocation import readable

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterator, Mapping

    from conformance.container import Container

    Things = Mapping[Hashable, str]

BUNDLE_FILE = "file of the bundle"

# Seconds that may pass between the end of a command and the end of what it has set in motion, such as the last process
# of a sandbox; and between two looks.
_SETTLING, _PAUSE = 2.0, 0.1


@dataclasses.dataclass(frozen=True)
class Environment:
    """What there is of a container: by kind, each thing by what makes it the same one later, with what to call it."""

    things: Mapping[str, Things]
    state: str

    def differences(self, after: Environment, *but_for: str) -> list[str]:
        """What is new and what is gone, one line for each, but for things of some kinds; empty if nothing changed."""
        found = []
        for kind, before in self.things.items():
            if kind not in but_for:
                now = after.things[kind]
                found += _counted(f"new {kind}", [now[key] for key in now if key not in before])
                found += _counted(f"missing {kind}", [before[key] for key in before if key not in now])
        if self.state != after.state:
            found.append(f"state was {self.state}, and is {after.state}")
        return found


def observe(container: Container) -> Environment:
    """The environment now."""
    marks = (container.identifier, str(container.directory))
    return Environment(
        things={
            "mount": {mount.mount_point: mount.mount_point for mount in mounts_of(*marks)},
            "cgroup": {path: _below_hierarchy(path) for path in cgroups_of(container.identifier)},
            "process": {(pid, started): _command(pid) for pid, started in processes_of(*marks)},
            "file of the runtime": {path: path for path in _runtime_files(container)},
            BUNDLE_FILE: dict(_bundle_files(container)),
        },
        state=_state(container),
    )


def changes_since(before: Environment, container: Container, *but_for: str, succeeded: bool = False) -> list[str]:
    """What differs from `before`, once it has had the time to settle: one line for each difference.

    `succeeded` is whether the operation between them said that it did what it was asked: then another state stays.
    """
    end = time.monotonic() + _SETTLING
    while True:
        after = observe(container)
        differences = before.differences(after, *but_for)
        if not differences or (succeeded and after.state != before.state) or time.monotonic() > end:
            return differences
        # Nothing tells when the last of these things has gone.
        time.sleep(_PAUSE)


def _counted(what: str, names: list[str]) -> list[str]:
    counts = {name: names.count(name) for name in sorted(names)}
    return [f"{what} {name}" + (f" ({count} times)" if count > 1 else "") for name, count in counts.items()]


def _below_hierarchy(path: str) -> str:
    # With cgroup v1, the same cgroup is there once for each hierarchy.
    hierarchy, _, below = path.removeprefix(f"{CGROUPS}/").partition("/")
    return f"/{below}" if os.path.ismount(f"{CGROUPS}/{hierarchy}") else path.removeprefix(CGROUPS)


def _command(pid: int) -> str:
    with contextlib.suppress(OSError):
        words = Path(f"/proc/{pid}/cmdline").read_bytes().rstrip(b"\0").replace(b"\0", b" ")
        return f"{pid} ({readable(words, 80)})"
    return str(pid)


def _runtime_files(container: Container) -> Iterator[str]:
    """The runtime's own files about a container, as far as its state directory is known."""
    root = container.runtime.root
    if root is None:
        return
    for directory, directories, files in os.walk(root):
        for name in (*directories, *files):
            path = os.path.join(directory, name)
            with contextlib.suppress(OSError):
                # An empty file, such as a lock, holds no state.
                if container.identifier in path and (name in directories or os.path.getsize(path)):
                    yield path


def _bundle_files(container: Container) -> Iterator[tuple[Hashable, str]]:
    for directory, directories, files in os.walk(container.bundle.path):
        for name in (*directories, *files):
            path = os.path.join(directory, name)
            with contextlib.suppress(OSError):
                found = os.lstat(path)
                size = found.st_size if name in files else 0
                yield (path, found.st_mode, found.st_uid, found.st_gid, size), path


def _state(container: Container) -> str:
    invocation = container.attempt("state")
    if not invocation.ok:
        return "absent"
    document = container.parsed_state(invocation)
    return f"status {document.get('status')}, pid {document.get('pid')}, bundle {document.get('bundle')}"
