"""What is particular to cgroup v1."""

from __future__ import annotations

import os

from reference_runtime import kernel_files
from reference_runtime.steps import RUNTIME, Step

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from reference_runtime.context import Context
    from reference_runtime.host import Hierarchy


def plan_new(hierarchy: Hierarchy, path: str) -> Iterator[Step]:
    """A new cpuset has no CPUs and no memory nodes, and takes no process until it has (cpuset(7))."""
    if hierarchy.type == "cgroup" and "cpuset" in hierarchy.controllers:
        why = "config_linux.cgroups_path.attached"
        yield Step("cgroups.v1.inherit_cpuset", why, "$.linux.cgroupsPath", where=RUNTIME, path=path)


def inherit_cpuset(context: Context, path: str) -> None:
    """Give a new cpuset what its parent has."""
    for name in ("cpuset.cpus", "cpuset.mems"):
        value = kernel_files.read(os.path.join(os.path.dirname(path), name)).strip()
        kernel_files.write(os.path.join(path, name), value)
