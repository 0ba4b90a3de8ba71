"""Files of a cgroup of version 2."""

from __future__ import annotations

from conformance.validation.fault import NOTE, Fault
from conformance.validation.rule import each, rule
from reference_runtime.validation import member, shown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

_FILES = (
    *(f"cgroup.{name}" for name in ("freeze", "kill", "max.depth", "max.descendants", "pressure", "type")),
    *(f"cpu.{name}" for name in ("idle", "max", "max.burst", "uclamp.max", "uclamp.min", "weight", "weight.nice")),
    *(f"cpuset.{name}" for name in ("cpus", "cpus.exclusive", "cpus.partition", "mems")),
    *(f"io.{name}" for name in ("bfq.weight", "latency", "max", "prio.class", "weight")),
    *(
        f"memory.{name}"
        for name in ("high", "low", "max", "min", "oom.group", "reclaim", "zswap.max", "zswap.writeback")
    ),
    *("memory.swap.high", "memory.swap.max", "misc.max", "pids.max", "rdma.max", "dmem.low", "dmem.max", "dmem.min"),
)
"""What can be written to, in the kernel's text on version 2; those of huge pages have sizes in their names."""

_OF_VERSION_1 = {
    "blkio.bfq.weight": "io.bfq.weight",
    "blkio.weight": "io.weight",
    "cpu.cfs_burst_us": "cpu.max.burst",
    "cpu.cfs_period_us": "cpu.max",
    "cpu.cfs_quota_us": "cpu.max",
    "cpu.shares": "cpu.weight",
    "freezer.state": "cgroup.freeze",
    "memory.limit_in_bytes": "memory.max",
    "memory.memsw.limit_in_bytes": "memory.swap.max",
    "memory.soft_limit_in_bytes": "memory.low",
    **{f"blkio.throttle.{way}_{unit}_device": "io.max" for way in ("read", "write") for unit in ("bps", "iops")},
}
"""Files of version 1, and what there is of them in version 2."""

_LOOKED_AT = 1000
"""Names whose spelling is looked at, at the most."""


@rule("unified.file", "config_linux.resources.unified.files")
def names_are_those_of_files(config: Any) -> Iterator[Fault]:
    """A name is that of a file in a cgroup, which begins with a controller and a dot, and has no slash."""
    for path, files in each(config, "linux", "resources", "unified", of=dict):
        for name in files:
            if "/" in name or "\0" in name:
                problem = f"{shown(name)} is no name of a file, for it has a {'slash' if '/' in name else 'NUL'} in it"
                yield Fault(member(path, name), problem, at_name=True)
            elif not _is_file(name):
                problem = (
                    f"{shown(name)} is no file of a cgroup: it has no controller and dot in front, as memory.max has"
                )
                yield Fault(member(path, name), problem, at_name=True)


@rule("unified.version1", severity=NOTE)
def files_are_those_of_version_2(config: Any) -> Iterator[Fault]:
    """No name is that of a file of version 1."""
    for path, files in each(config, "linux", "resources", "unified", of=dict):
        for name in files:
            if name in _OF_VERSION_1:
                problem = "is of cgroup v1, and unified is for cgroup v2"
                yield Fault(member(path, name), problem, at_name=True, suggestion=_OF_VERSION_1[name])


@rule("unified.spelling", severity=NOTE)
def names_are_spelt_well(config: Any) -> Iterator[Fault]:
    """No name is that of a file of the kernel but for a slip; other kernels may have others."""
    for path, files in each(config, "linux", "resources", "unified", of=dict):
        from conformance.validation.spelling import typo_of

        unknown = (name for name in files if _is_file(name) and name not in _FILES and name not in _OF_VERSION_1)
        for _, name in zip(range(_LOOKED_AT), unknown, strict=False):
            meant = typo_of(name, _FILES)
            if meant is not None:
                problem = "is no file that Linux is known to have"
                yield Fault(member(path, name), problem, at_name=True, suggestion=meant)


def _is_file(name: str) -> bool:
    controller, _, rest = name.partition(".")
    return bool(controller and rest)
