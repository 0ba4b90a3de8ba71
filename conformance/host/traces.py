"""What bears a mark on this host: everything that the suite makes, or has a runtime make, has its name in it."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from typing import TYPE_CHECKING

from conformance.facts import mountinfo

if TYPE_CHECKING:
    from collections.abc import Iterator


CGROUPS = "/sys/fs/cgroup"
"""Where the hierarchies of cgroups are."""


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
    for directory, names, _ in os.walk(CGROUPS):
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
