"""What a plan has to know of the host. Reading it changes nothing."""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable


class Hierarchy:
    """A mounted cgroup hierarchy: its mount point, `cgroup` or `cgroup2`, and its controllers, or its name if it has none."""

    def __init__(self, mount_point: str, type_: str, controllers: tuple[str, ...]) -> None:
        self.mount_point = mount_point
        self.type = type_
        self.controllers = controllers


class Host:
    """The host as a plan sees it; a test makes one of its own. `resctrl` is a mount point, None if there is none."""

    def __init__(
        self,
        hierarchies: list[Hierarchy],
        exists: Callable[[str], bool] = os.path.exists,
        resctrl: str | None = None,
    ) -> None:
        self.hierarchies = hierarchies
        self.exists = exists
        self.resctrl = resctrl

    def hierarchy(self, type_: str, controller: str) -> Hierarchy | None:
        """The hierarchy of a type that has a controller."""
        return next(
            (found for found in self.hierarchies if found.type == type_ and controller in found.controllers), None
        )


_MOUNT_FLAGS = frozenset(("rw", "ro", "xattr", "clone_children", "noprefix", "cpuset_v2_mode"))


def detect() -> Host:
    """The host that this process runs on."""
    hierarchies = []
    resctrl = None
    with open("/proc/self/mountinfo", encoding="utf-8", errors="surrogateescape") as file:
        for line in file:
            # proc(5): after the separator come the type, the source and the superblock's options.
            fields, _, rest = line.partition(" - ")
            type_, _, options = rest.split(" ", 2)
            if type_ == "resctrl":
                resctrl = fields.split(" ")[4]
            if type_ not in ("cgroup", "cgroup2"):
                continue
            mount_point = fields.split(" ")[4]
            if type_ == "cgroup2":
                hierarchies.append(Hierarchy(mount_point, type_, _available(mount_point)))
                continue
            controllers = tuple(
                option.removeprefix("name=")
                for option in options.strip().split(",")
                if option not in _MOUNT_FLAGS and not option.startswith("release_agent=")
            )
            hierarchies.append(Hierarchy(mount_point, type_, controllers))
    return Host(hierarchies, resctrl=resctrl)


def _available(mount_point: str) -> tuple[str, ...]:
    with open(f"{mount_point}/cgroup.controllers", encoding="ascii") as file:
        return tuple(file.read().split())
