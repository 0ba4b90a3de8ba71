"""The cgroup hierarchies of the host, and what their controllers can do. Looking changes nothing.

Some files are in no root cgroup, and others are in none because the kernel does not have them. So in the root of cgroup
v2, what the kernel has follows from its version and from what it shows elsewhere.
"""

from __future__ import annotations

import dataclasses
import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from conformance.host.traces import mounts

if TYPE_CHECKING:
    from collections.abc import Iterable

    from conformance.facts.mountinfo import Mount


@dataclasses.dataclass(frozen=True)
class Hierarchy:
    """A mounted hierarchy: `root` is the cgroup at its mount point, `controllers` are what it has, or its name."""

    mount_point: Path
    root: str
    version: int
    controllers: frozenset[str]

    def directory(self, path: str) -> Path:
        """Where a cgroup is, by its path in /proc/PID/cgroup."""
        below = os.path.relpath(path, self.root) if self.root != "/" else path.lstrip("/")
        return self.mount_point / below


def hierarchies(among: Iterable[Mount]) -> list[Hierarchy]:
    """The hierarchies among mounts."""
    found = []
    for mount in among:
        place = Path(mount.mount_point)
        if mount.type == "cgroup":
            options = frozenset(option.removeprefix("name=") for option in mount.super_options)
            found.append(Hierarchy(place, mount.root, 1, options - {"rw", "ro"}))
        elif mount.type == "cgroup2":
            found.append(Hierarchy(place, mount.root, 2, frozenset(_read(place / "cgroup.controllers").split())))
    return found


def features(found: Iterable[Hierarchy], kernel: tuple[int, int]) -> frozenset[str]:
    """What checks can need of the hierarchies, by the names of the needs without `cgroup.`."""
    v1, v2 = ({name: one for one in found if one.version == version for name in one.controllers} for version in (1, 2))
    versions = {one.version for one in found}
    met = {f"v{version}" for version in versions} | ({"v2.only"} if versions == {2} else set())
    if not v2.keys().isdisjoint({"memory", "pids", "cpu", "hugetlb"}):
        met.add("v2.controllers")
    if not Path("/sys/kernel/cgroup/delegate").exists():
        met.add("v2.no_list")
    met.update(f"v1.{name}" for name in v1)
    met.update(f"v2.{name}" for name in v2 if {"io": "blkio"}.get(name, name) not in v1)
    for name, feature in _FEATURES.items():
        if feature.of_v1 in v1:
            has = _has_v1(v1[feature.of_v1], feature)
        else:
            has = feature.of_v2 in v2 and _has_v2(v2[feature.of_v2], feature, kernel)
        if has:
            met.add(name)
    if "hugetlb" in met and "hugetlb.reservations" not in met:
        met.add("hugetlb.faults")
    # A later kernel takes such a limit and forgets it, so that a runtime which sets it is like one which ignores it.
    if "v1.memory" in met and kernel < (6, 6):
        met.add("memory.kernel")
    # Some values are about devices, of which there has to be one.
    for name, controller, device in (
        ("blkio.throttle", "blkio", block_device()),
        ("blkio.weight_device", "blkio.weight", weighted_device()),
        ("rdma.device", "rdma", rdma_device()),
    ):
        if controller in met and device is not None:
            met.add(name)
    return frozenset(met)


def _has_v1(hierarchy: Hierarchy, feature: _Feature) -> bool:
    return not feature.files_v1 or any(any(hierarchy.mount_point.glob(name)) for name in feature.files_v1)


def _has_v2(hierarchy: Hierarchy, feature: _Feature, kernel: tuple[int, int]) -> bool:
    place = hierarchy.mount_point
    if not feature.file_v2 or (place / feature.file_v2).exists():
        return True
    # Every cgroup but the root has a type.
    if (place / "cgroup.type").exists():
        return False
    return kernel >= feature.since and (not feature.shown_by or (place / feature.shown_by).exists())


def unified_controllers() -> frozenset[str]:
    """The controllers that cgroup v2 has."""
    return frozenset().union(*(one.controllers for one in hierarchies(mounts()) if one.version == 2))


def block_device() -> str | None:
    """The numbers of a whole block device, as the kernel's files have them; one that is little used if there is any."""
    found = {path.parent.name: _read(path).strip() for path in Path("/sys/block").glob("*/dev")}
    return next((found[name] for name in sorted(found, key=lambda name: (not name.startswith("loop"), name))), None)


def weighted_device() -> str | None:
    """The numbers of a block device whose I/O scheduler has weights."""
    for path in sorted(Path("/sys/block").glob("*/queue/scheduler")):
        if re.search(r"\[(bfq|cfq)\]", _read(path)):
            return _read(path.parent.parent / "dev").strip()
    return None


def rdma_device() -> str | None:
    """The name of an RDMA device."""
    return next((path.name for path in sorted(Path("/sys/class/infiniband").glob("*"))), None)


def page_sizes() -> list[str]:
    """The sizes of huge pages, as config.json and the files of the controller have them: 2MB, 1GB."""
    sizes = [int(path.name.split("-")[1].removesuffix("kB")) for path in Path("/sys/kernel/mm").glob("hugepages/*-*")]
    return [_page_size(size) for size in sorted(sizes)]


def _page_size(kibibytes: int) -> str:
    for power, unit in ((20, "GB"), (10, "MB")):
        if kibibytes >= 1 << power:
            return f"{kibibytes >> power}{unit}"
    return f"{kibibytes}KB"


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="surrogateescape")
    except OSError:
        return ""


class _Feature(NamedTuple):
    """A controller in both versions, and a file of it that not every kernel has: in cgroup v1 one of those that the root
    then shows, in cgroup v2 `since` a version, if the root has `shown_by`.
    """

    of_v1: str
    of_v2: str = ""
    files_v1: tuple[str, ...] = ()
    file_v2: str = ""
    since: tuple[int, int] = (0, 0)
    shown_by: str = ""


_FEATURES = {
    "memory": _Feature("memory", "memory"),
    "memory.swap": _Feature(
        "memory", "memory", ("memory.memsw.limit_in_bytes",), "memory.swap.max", shown_by="/proc/swaps"
    ),
    "cpu": _Feature("cpu", "cpu"),
    "cpu.burst": _Feature("cpu", "cpu", ("cpu.cfs_burst_us",), "cpu.max.burst", (5, 14)),
    "cpu.idle": _Feature("cpu", "cpu", ("cpu.idle",), "cpu.idle", (5, 15)),
    "cpu.realtime": _Feature("cpu", files_v1=("cpu.rt_runtime_us",)),
    "cpuset": _Feature("cpuset", "cpuset"),
    "pids": _Feature("pids", "pids"),
    "blkio": _Feature("blkio", "io"),
    "blkio.weight": _Feature(
        "blkio", "io", ("blkio.weight", "blkio.bfq.*"), "io.weight", since=(5, 4), shown_by="io.cost.qos"
    ),
    "hugetlb": _Feature("hugetlb", "hugetlb"),
    "hugetlb.reservations": _Feature("hugetlb", "hugetlb", ("hugetlb.*.rsvd.*",), "hugetlb.2MB.rsvd.max", since=(5, 7)),
    "net_cls": _Feature("net_cls"),
    "net_prio": _Feature("net_prio"),
    "rdma": _Feature("rdma", "rdma"),
}
