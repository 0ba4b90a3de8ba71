"""What a plan has to know of the host. Reading it changes nothing."""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable


class Hierarchy:
    """A mounted cgroup hierarchy: its mount point, `cgroup` or `cgroup2`, its v1 controllers or name, and whether the
    runtime can make cgroups in it.
    """

    def __init__(self, mount_point: str, type_: str, controllers: tuple[str, ...], writable: bool = True) -> None:
        self.mount_point = mount_point
        self.type = type_
        self.controllers = controllers
        self.writable = writable


class Host:
    """The host as a plan sees it; a test makes one of its own. `privileged` says whether the runtime is run by root."""

    def __init__(
        self,
        hierarchies: list[Hierarchy],
        exists: Callable[[str], bool] = os.path.exists,
        privileged: bool = True,
    ) -> None:
        self.hierarchies = hierarchies
        self.exists = exists
        self.privileged = privileged


_MOUNT_FLAGS = frozenset(("rw", "ro", "xattr", "clone_children", "noprefix", "cpuset_v2_mode"))


def detect() -> Host:
    """The host that this process runs on."""
    hierarchies = []
    privileged = os.geteuid() == 0
    with open("/proc/self/mountinfo", encoding="utf-8", errors="surrogateescape") as file:
        for line in file:
            # proc(5): after the separator come the type, the source and the superblock's options.
            fields, _, rest = line.partition(" - ")
            type_, _, options = rest.split(" ", 2)
            if type_ not in ("cgroup", "cgroup2"):
                continue
            controllers = tuple(
                option.removeprefix("name=")
                for option in options.strip().split(",")
                if option not in _MOUNT_FLAGS and not option.startswith("release_agent=")
            )
            mount_point = fields.split(" ")[4]
            writable = privileged or os.access(mount_point, os.W_OK)
            hierarchies.append(Hierarchy(mount_point, type_, controllers if type_ == "cgroup" else (), writable))
    return Host(hierarchies, privileged=privileged)
