"""Cgroup ownership (config-linux.md, Cgroup ownership): a cgroup of v2 is given to the user of the container."""

from __future__ import annotations

import errno
import os

from reference_runtime import kernel_files
from reference_runtime.cgroups import groups
from reference_runtime.errors import SyscallFailed, call
from reference_runtime.steps import RUNTIME, Step

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from reference_runtime.config import Config
    from reference_runtime.context import Context
    from reference_runtime.host import Host

_DELEGATE = "/sys/kernel/cgroup/delegate"

_FALLBACK = "cgroup.procs\ncgroup.subtree_control\ncgroup.threads\n"


def plan(config: Config, host: Host) -> Iterator[Step]:
    """Delegation is for cgroup v2, in a cgroup namespace of its own, with a filesystem of cgroups to write to."""
    place = _writable_mount(config)
    uid = _host_uid(config)
    if not host.hierarchies or any(hierarchy.type != "cgroup2" for hierarchy in host.hierarchies):
        return
    if place is None or uid is None or not config.creates("cgroup"):
        return
    for hierarchy in host.hierarchies:
        path = groups.directory(config, hierarchy)
        why = "config_linux.cgroup_ownership.changed"
        yield Step("cgroups.ownership.give", why, place, where=RUNTIME, path=path, uid=uid)


def _writable_mount(config: Config) -> str | None:
    for index, mount in enumerate(config.document.get("mounts", ())):
        at_its_place = mount.get("source") == "cgroup" and os.path.normpath(mount["destination"]) == "/sys/fs/cgroup"
        if at_its_place and "ro" not in mount.get("options", ()):
            return f"$.mounts[{index}]"
    return None


def _host_uid(config: Config) -> int | None:
    uid: int = config.process.get("user", {}).get("uid", 0)
    if config.namespace("user") is None:
        return uid
    for entry in config.linux.get("uidMappings", ()):
        first: int = entry["containerID"]
        if first <= uid < first + entry["size"]:
            return uid - first + int(entry["hostID"])
    return None


def give(context: Context, path: str, uid: int) -> None:
    """Change the owner of a cgroup, and of those of its files that are safe to delegate (cgroups(7))."""
    call(os.chown, path, uid, -1)
    for name in _delegated():
        try:
            call(os.chown, f"{path}/{name}", uid, -1)
        except SyscallFailed as error:
            # The list is of all kernels' and controllers' files, and no cgroup has all of them.
            if error.errno != errno.ENOENT:
                raise


def _delegated() -> list[str]:
    try:
        return kernel_files.read(_DELEGATE).split()
    except SyscallFailed as error:
        if error.errno != errno.ENOENT:
            raise
        return _FALLBACK.split()
