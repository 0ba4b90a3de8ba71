"""The container's cgroup in every hierarchy: made where it does not exist, and removed again if it was made."""

from __future__ import annotations

import errno
import os
import time

from reference_runtime import kernel_files, signals
from reference_runtime.cgroups import v1
from reference_runtime.errors import SyscallFailed, call
from reference_runtime.processes import signal_process, start_time
from reference_runtime.steps import RUNTIME, Step

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from reference_runtime.config import Config
    from reference_runtime.context import Context
    from reference_runtime.host import Hierarchy, Host

_WHY = "config_linux.cgroups_path.created"
_PLACE = "$.linux.cgroupsPath"

# Seconds that killed processes may take to leave.
_PATIENCE = 10


def path_of(config: Config) -> str:
    """The path below a hierarchy's mount point; without `cgroupsPath`, and for a relative one, at its top."""
    names = (config.linux.get("cgroupsPath") or config.identifier).split("/")
    return "/".join(name for name in names if name not in ("", ".", ".."))


def directory(config: Config, hierarchy: Hierarchy) -> str:
    """The container's cgroup in one hierarchy."""
    return os.path.join(hierarchy.mount_point, path_of(config))


def hierarchies(config: Config, host: Host) -> list[Hierarchy]:
    """Those in which the container gets a cgroup: an ordinary user who asks for none does without the others' ones."""
    if config.linux.get("cgroupsPath") or config.linux.get("resources"):
        return host.hierarchies
    return [hierarchy for hierarchy in host.hierarchies if host.privileged or hierarchy.writable]


def plan(config: Config, host: Host) -> Iterator[Step]:
    """Make the cgroups that do not exist."""
    for hierarchy in hierarchies(config, host):
        *parents, name = path_of(config).split("/")
        path = hierarchy.mount_point
        for parent in parents:
            path = os.path.join(path, parent)
            if not host.exists(path):
                undo = "cgroups.groups.remove_if_empty"
                yield Step("cgroups.groups.make_parent", _WHY, _PLACE, where=RUNTIME, undo=undo, path=path)
                yield from v1.plan_new(hierarchy, path)
        path = os.path.join(path, name)
        if not host.exists(path):
            yield Step("cgroups.groups.make", _WHY, _PLACE, where=RUNTIME, undo="cgroups.groups.remove", path=path)
            yield from v1.plan_new(hierarchy, path)


def plan_attachment(config: Config, host: Host) -> Iterator[Step]:
    """Move the container's process there; what it forks is born there."""
    for hierarchy in hierarchies(config, host):
        path = directory(config, hierarchy)
        yield Step("cgroups.groups.attach", "config_linux.cgroups_path.attached", _PLACE, where=RUNTIME, path=path)


def make(context: Context, path: str) -> None:
    """Make the container's cgroup."""
    call(os.mkdir, path, 0o755)


def make_parent(context: Context, path: str) -> None:
    """Make a cgroup above it, which other containers may be making as well."""
    try:
        make(context, path)
    except SyscallFailed as error:
        if error.errno != errno.EEXIST:
            raise


def remove_if_empty(context: Context, path: str) -> None:
    """Remove a cgroup above the container's, unless it is of use to somebody else by now."""
    try:
        call(os.rmdir, path)
    except SyscallFailed as error:
        if error.errno not in (errno.EBUSY, errno.ENOTEMPTY, errno.ENOENT):
            raise


def attach(context: Context, path: str) -> None:
    """Move the container's process into a cgroup."""
    kernel_files.write(f"{path}/cgroup.procs", str(context.pid))


def remove(context: Context, path: str) -> None:
    """Remove a cgroup, with those that the container made below it and whatever still runs there."""
    deadline = time.monotonic() + _PATIENCE
    while os.path.isdir(path):
        for entry in os.scandir(path):
            if entry.is_dir():
                remove(context, entry.path)
        _kill_all(path)
        try:
            call(os.rmdir, path)
        except SyscallFailed as error:
            if error.errno != errno.EBUSY or time.monotonic() > deadline:
                raise


def _kill_all(path: str) -> None:
    with open(f"{path}/cgroup.procs", "rb") as file:
        pids = [int(line) for line in file]
    for pid in pids:
        signal_process(pid, start_time(pid), signals.KILL, wait=True)
