"""The cgroups of a container, as the host sees them, and what their files say."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from typing import TYPE_CHECKING

from conformance.host import cgroups
from conformance.host.traces import mounts

if TYPE_CHECKING:
    from conformance.container import Container
    from conformance.host.cgroups import Hierarchy

UNLIMITED = -1
"""A limit that is none, as config.json has it."""

# In bytes, cgroup v1 has the largest number of pages; nothing near it is a limit that somebody means.
_ENDLESS = 1 << 60


class Cgroup:
    """A cgroup in every hierarchy: `directories` are by controller, and `unified` is the one of cgroup v2."""

    def __init__(self, places: list[tuple[Hierarchy, Path]]) -> None:
        self.directories: dict[str, Path] = {}
        self.unified: Path | None = None
        for hierarchy, directory in places:
            self.directories.update(dict.fromkeys(hierarchy.controllers, directory))
            if hierarchy.version == 2:
                self.unified = directory
        # A controller is in one version at a time, and what is in v1 is not available in v2.
        self.v1 = {name for hierarchy, _ in places if hierarchy.version == 1 for name in hierarchy.controllers}

    def text(self, *, v1: str = "", v2: str = "") -> str | None:
        """The content of a file by its name in each version, in the hierarchy that has its controller.

        None if there is no such file: the kernel does not have it, or the controller is not enabled for the cgroup.
        """
        controller = v1.partition(".")[0]
        name = v1 if controller in self.v1 else v2
        directory = self.directories.get(name.partition(".")[0])
        if directory is None:
            return None
        return _read(directory / name)

    def in_unified(self, name: str) -> str | None:
        """The content of a file of the cgroup in the hierarchy of cgroup v2, None if there is no such file."""
        return None if self.unified is None else _read(self.unified / name)

    def number(self, *, v1: str = "", v2: str = "") -> int | None:
        """The number in such a file; `UNLIMITED` where the kernel has a limit that is none."""
        text = self.text(v1=v1, v2=v2)
        if text is None:
            return None
        if text == "max":
            return UNLIMITED
        return UNLIMITED if int(text) >= _ENDLESS else int(text)

    def write(self, value: str, *, v1: str = "", v2: str = "") -> None:
        """Write such a file. In cgroup v2, its controller is enabled for the cgroup first."""
        controller = v1.partition(".")[0]
        is_v1 = controller in self.v1
        name = v1 if is_v1 else v2
        directory = self.directories[name.partition(".")[0]]
        if not is_v1:
            (directory.parent / "cgroup.subtree_control").write_text(f"+{name.partition('.')[0]}")
        (directory / name).write_text(value)


def of(container: Container) -> Cgroup:
    """The cgroup of the container process; for a sandbox, it is that of the process which is told as the container's."""
    text = Path(f"/proc/{container.pid_in_file()}/cgroup").read_text(encoding="utf-8", errors="surrogateescape")
    lines = [line.split(":", 2)[1:] for line in text.splitlines()]
    # The line of cgroup v2 has no controllers.
    paths = {frozenset(name.removeprefix("name=") for name in names.split(",") if name): path for names, path in lines}
    places = []
    for hierarchy in cgroups.hierarchies(mounts()):
        if hierarchy.version == 2:
            found = paths.get(frozenset())
        else:
            found = next((path for names, path in paths.items() if names and names <= hierarchy.controllers), None)
        if found is not None:
            places.append((hierarchy, hierarchy.directory(found)))
    return Cgroup(places)


def make(name: str) -> Cgroup:
    """Make a cgroup at the top of every hierarchy, as `cgroupsPath` would have it, that can take processes."""
    places = []
    for hierarchy in cgroups.hierarchies(mounts()):
        directory = hierarchy.mount_point / name
        directory.mkdir()
        if hierarchy.version == 1 and "cpuset" in hierarchy.controllers:
            for file in ("cpuset.cpus", "cpuset.mems"):
                (directory / file).write_text((hierarchy.mount_point / file).read_text())
        places.append((hierarchy, directory))
    return Cgroup(places)


def remove(cgroup: Cgroup) -> None:
    """Remove what `make` has made, as far as a runtime has not."""
    for directory in {*cgroup.directories.values(), *([cgroup.unified] if cgroup.unified else [])}:
        with contextlib.suppress(FileNotFoundError):
            for below, _, _ in os.walk(directory, topdown=False):
                os.rmdir(below)


def _read(path: Path) -> str | None:
    try:
        return path.read_text(encoding="ascii").strip()
    except OSError:
        return None
