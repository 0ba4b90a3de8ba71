"""The host around a container, as far as it bears the container's name: to compare before and after an operation."""

from __future__ import annotations

import contextlib
import dataclasses
import os
from pathlib import Path
from typing import TYPE_CHECKING

from conformance.facts import mountinfo

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conformance.container import Container


@dataclasses.dataclass(frozen=True)
class Environment:
    """What there is of a container. Mounts are mount points; processes are (ID, start time); files have their kind,
    mode, owner and size.
    """

    mounts: frozenset[str]
    cgroups: frozenset[str]
    processes: frozenset[tuple[int, int]]
    runtime_files: frozenset[str]
    bundle_files: frozenset[tuple[str, int, int, int, int]]
    state: str

    def differences(self, after: Environment) -> list[str]:
        """What is new, and what is gone, one line for each; empty if nothing changed."""
        found = []
        for field in dataclasses.fields(self):
            old, new = getattr(self, field.name), getattr(after, field.name)
            name = field.name.replace("_", " ")
            if isinstance(old, str):
                found += [f"{name} was {old} and is {new}"] if old != new else []
            else:
                found += [f"{name}: {thing} is new" for thing in sorted(new - old)]
                found += [f"{name}: {thing} is gone" for thing in sorted(old - new)]
        return found


def observe(container: Container) -> Environment:
    """The environment now."""
    marks = (container.identifier, str(container.directory))
    return Environment(
        mounts=frozenset(mount.mount_point for mount in mounts_of(*marks)),
        cgroups=frozenset(cgroups_of(container.identifier)),
        processes=frozenset(processes_of(*marks)),
        runtime_files=frozenset(_runtime_files(container)),
        bundle_files=frozenset(_bundle_files(container)),
        state=_state(container),
    )


def mounts_of(*marks: str) -> list[mountinfo.Mount]:
    """The mounts of the suite's mount namespace whose place or root has one of the marks in it."""
    content = Path("/proc/self/mountinfo").read_text(encoding="utf-8", errors="surrogateescape")
    return [
        mount
        for mount in mountinfo.parse(content)
        if any(mark in mount.mount_point or mark in mount.root for mark in marks)
    ]


def cgroups_of(mark: str) -> Iterator[str]:
    """The cgroup directories, in all hierarchies, whose name has the mark in it."""
    for directory, names, _ in os.walk("/sys/fs/cgroup"):
        for name in names:
            if mark in name:
                yield os.path.join(directory, name)


def processes_of(*marks: str) -> Iterator[tuple[int, int]]:
    """The processes that bear one of the marks in their environment, their cgroup, their arguments if they have no
    terminal, or their root directory if it is in another mount namespace; with their start times.
    """
    own_namespace = os.readlink("/proc/self/ns/mnt")
    encoded = [os.fsencode(mark) for mark in marks]
    for name in os.listdir("/proc"):
        if not name.isdigit() or int(name) == os.getpid():
            continue
        with contextlib.suppress(OSError):
            if _bears(f"/proc/{name}", encoded, own_namespace):
                yield int(name), start_time(int(name))


def start_time(pid: int) -> int:
    """The start time of a process, in clock ticks since boot; 0 for one that is gone (proc(5))."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_bytes()
    except OSError:
        return 0
    fields = stat.rpartition(b")")[2].split()
    return 0 if fields[0] in (b"Z", b"X") else int(fields[19])


def _bears(process: str, marks: list[bytes], own_namespace: str) -> bool:
    for file in ("environ", "cgroup"):
        content = Path(process, file).read_bytes()
        if any(mark in content for mark in marks):
            return True
    # A path of the suite in the arguments of a process with a terminal: somebody is looking at it.
    if _terminal(process) == 0 and any(mark in Path(process, "cmdline").read_bytes() for mark in marks):
        return True
    if os.readlink(f"{process}/ns/mnt") == own_namespace:
        return False
    # Field 4 of the line for `/` is the directory that is the process's root.
    for line in Path(process, "mountinfo").read_bytes().splitlines():
        fields = line.split(b" ")
        if fields[4] == b"/" and any(mark in fields[3] for mark in marks):
            return True
    return False


def _terminal(process: str) -> int:
    return int(Path(process, "stat").read_bytes().rpartition(b")")[2].split()[4])


def _runtime_files(container: Container) -> Iterator[str]:
    """The runtime's own files about a container, as far as its state directory is known."""
    root = container.runtime.root
    if root is None:
        return
    for directory, directories, files in os.walk(root):
        for name in (*directories, *files):
            path = os.path.join(directory, name)
            # An empty file, such as a lock, holds no state.
            if container.identifier in path and (name in directories or os.path.getsize(path)):
                yield path


def _bundle_files(container: Container) -> Iterator[tuple[str, int, int, int, int]]:
    for directory, directories, files in os.walk(container.bundle.path):
        for name in (*directories, *files):
            path = os.path.join(directory, name)
            with contextlib.suppress(OSError):
                found = os.lstat(path)
                size = found.st_size if name in files else 0
                yield path, found.st_mode, found.st_uid, found.st_gid, size


def _state(container: Container) -> str:
    invocation = container.attempt("state")
    if not invocation.ok:
        return "absent"
    document = container.parsed_state(invocation)
    return f"status {document.get('status')}, pid {document.get('pid')}, bundle {document.get('bundle')}"
