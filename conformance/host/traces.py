"""What bears a mark on this host: everything that the suite makes, or has a runtime make, has its name in it."""

from __future__ import annotations

import contextlib
import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

from conformance.facts import mountinfo
from conformance.runtime.driver import MARKER

if TYPE_CHECKING:
    from collections.abc import Iterator


PREFIX = "oci-conform-"
"""How everything that the suite makes begins: directories, container IDs, cgroups."""

CGROUPS = "/sys/fs/cgroup"
"""Where the hierarchies of cgroups are."""

# Where `conformance.facts.probe` keeps it: outside of containers, the probe runs as a hook only.
_PROBE = re.compile(r"/oci-conform/probe-[0-9a-f]{16}$")


def bears(path: str, *marks: str) -> bool:
    """Whether one of the components of a path is a mark or begins with one, or a mark is a directory that it is in.

    A name that has a mark somewhere in its middle is another's.
    """
    # On a filesystem of its own, such as a tmpfs on /tmp, a directory has another path.
    own = (mark[max(0, mark.find(PREFIX)) :] for mark in marks)
    return any(re.search(rf"(?:^|/){re.escape(mark)}(?=[-/]|$)", path) for mark in own)


def mounts_of(*marks: str) -> list[mountinfo.Mount]:
    """The mounts of the suite's mount namespace whose place or root bears one of the marks."""
    return [mount for mount in mounts() if bears(mount.mount_point, *marks) or bears(mount.root, *marks)]


def mounts() -> list[mountinfo.Mount]:
    """The mounts of the suite's mount namespace."""
    return mountinfo.parse(Path("/proc/self/mountinfo").read_text(encoding="utf-8", errors="surrogateescape"))


def cgroups_of(mark: str) -> Iterator[str]:
    """The cgroup directories, in all hierarchies, whose name has the mark in it."""
    for directory, names, _ in os.walk(CGROUPS):
        for name in names:
            if mark in name:
                yield os.path.join(directory, name)


def processes_of(*marks: str) -> Iterator[tuple[int, int]]:
    """The processes that were started under one of the marks; with their start times.

    They bear it as the marker in their environment, in their cgroup, or, in another mount namespace, in their root
    directory. Sandboxes and hooks, whose environment may be anything, bear it in their arguments.
    """
    own_namespace = os.readlink("/proc/self/ns/mnt")
    for name in os.listdir("/proc"):
        if not name.isdigit() or int(name) == os.getpid():
            continue
        with contextlib.suppress(OSError):
            if _is_under(f"/proc/{name}", marks, own_namespace):
                yield int(name), start_time(int(name))


def start_time(pid: int) -> int:
    """The start time of a process, in clock ticks since boot; 0 for one that is gone (proc(5))."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_bytes()
    except OSError:
        return 0
    fields = stat.rpartition(b")")[2].split()
    return 0 if fields[0] in (b"Z", b"X") else int(fields[19])


def _is_under(process: str, marks: tuple[str, ...], own_namespace: str) -> bool:
    for entry in _text(process, "environ").split("\0"):
        name, _, value = entry.partition("=")
        if name == MARKER and bears(value, *marks):
            return True
    if any(bears(line.split(":", 2)[-1], *marks) for line in _text(process, "cgroup").splitlines()):
        return True
    elsewhere = os.readlink(f"{process}/ns/mnt") != own_namespace
    if elsewhere and bears(_root(process), *marks):
        return True
    # A terminal: somebody looks at something of the suite.
    may_be_sandbox = elsewhere and _terminal(process) == 0
    if may_be_sandbox or _PROBE.search(os.readlink(f"{process}/exe")):
        return any(mark in _text(process, "cmdline") for mark in marks)
    return False


def _root(process: str) -> str:
    # Field 4 of the line for `/` is the directory that is the process's root.
    content = _text(process, "mountinfo").splitlines()
    return next((fields[3] for line in content if (fields := line.split(" "))[4] == "/"), "")


def _terminal(process: str) -> int:
    return int(Path(process, "stat").read_bytes().rpartition(b")")[2].split()[4])


def _text(process: str, file: str) -> str:
    return Path(process, file).read_text(encoding="utf-8", errors="surrogateescape")
