"""The files of the controllers of cgroup v1 (the kernel's Documentation/admin-guide/cgroup-v1)."""

from __future__ import annotations

import errno

from reference_runtime import kernel_files
from reference_runtime.cgroups.setting import Setting, given
from reference_runtime.errors import SyscallFailed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from reference_runtime.context import Context

_LIMIT, _LIMIT_WITH_SWAP = "memory.limit_in_bytes", "memory.memsw.limit_in_bytes"


def memory(resources: dict[str, Any]) -> Iterator[Setting]:
    """memory.rst."""
    values = resources["memory"]
    # What the kernel's own check of a new limit does is what `checkBeforeUpdate` asks for.
    limits = {_LIMIT: values.get("limit"), _LIMIT_WITH_SWAP: values.get("swap")}
    files = {name: str(limit) for name, limit in limits.items() if limit is not None}
    if files:
        name = "limit" if _LIMIT in files else "swap"
        yield Setting(f"memory.{name}", f"memory.{name}", files, "cgroups.v1_limits.limit_memory")
    if "kernel" in values:
        files = {"memory.kmem.limit_in_bytes": str(values["kernel"])}
        yield Setting("memory.kernel", "memory.kernel", files, "cgroups.v1_limits.limit_kernel_memory")
    yield from given(
        values,
        "memory",
        {
            "reservation": ("memory.reservation", "memory.soft_limit_in_bytes"),
            "kernelTCP": ("memory.kernel_tcp", "memory.kmem.tcp.limit_in_bytes"),
            "swappiness": ("memory.swappiness", "memory.swappiness"),
            "disableOOMKiller": ("memory.oom_killer.disabled", "memory.oom_control"),
            "useHierarchy": ("memory.use_hierarchy", "memory.use_hierarchy"),
        },
    )


def cpu(resources: dict[str, Any]) -> Iterator[Setting]:
    """sched-bwc.rst, sched-rt-group.rst. A quota is judged by its period, and a burst by its quota: so is the order."""
    yield from given(
        resources["cpu"],
        "cpu",
        {
            "shares": ("cpu.shares", "cpu.shares"),
            "period": ("cpu.period", "cpu.cfs_period_us"),
            "quota": ("cpu.quota", "cpu.cfs_quota_us"),
            "burst": ("cpu.burst", "cpu.cfs_burst_us"),
            "realtimePeriod": ("cpu.realtime_period", "cpu.rt_period_us"),
            "realtimeRuntime": ("cpu.realtime_runtime", "cpu.rt_runtime_us"),
            "idle": ("cpu.idle", "cpu.idle"),
        },
    )


def cpuset(resources: dict[str, Any]) -> Iterator[Setting]:
    """cpusets.rst."""
    files = {"cpus": ("cpu.cpus", "cpuset.cpus"), "mems": ("cpu.mems", "cpuset.mems")}
    yield from given(resources["cpu"], "cpu", files)


def pids(resources: dict[str, Any]) -> Iterator[Setting]:
    """pids.rst."""
    limit = resources["pids"].get("limit")
    if limit is not None:
        yield Setting("pids.limit", "pids.limit", {"pids.max": "max" if limit == -1 else str(limit)})


def block_io(resources: dict[str, Any]) -> Iterator[Setting]:
    """blkio-controller.rst. Weights are those of the I/O scheduler: CFQ, which had leaves, and BFQ after it."""
    values = resources["blockIO"]
    if "weight" in values:
        weight = str(values["weight"])
        files = {"blkio.weight": weight, "blkio.bfq.weight": weight}
        yield Setting("blockIO.weight", "block_io.weight", files)
    yield from given(values, "blockIO", {"leafWeight": ("block_io.leaf_weight", "blkio.leaf_weight")})
    for place, device, entry in devices(values, "weightDevice"):
        if "weight" in entry:
            line = f"{device} {entry['weight']}"
            files = {"blkio.weight_device": line, "blkio.bfq.weight_device": line}
            yield Setting(f"{place}.weight", "block_io.weight_device.weight", files)
        if "leafWeight" in entry:
            files = {"blkio.leaf_weight_device": f"{device} {entry['leafWeight']}"}
            yield Setting(f"{place}.leafWeight", "block_io.weight_device.leaf_weight", files)
    for name, (why, file) in _THROTTLES.items():
        for place, device, entry in devices(values, name):
            yield Setting(place, why, {file: f"{device} {entry['rate']}"})


_THROTTLES = {
    "throttleReadBpsDevice": ("block_io.throttle_read_bps", "blkio.throttle.read_bps_device"),
    "throttleWriteBpsDevice": ("block_io.throttle_write_bps", "blkio.throttle.write_bps_device"),
    "throttleReadIOPSDevice": ("block_io.throttle_read_iops", "blkio.throttle.read_iops_device"),
    "throttleWriteIOPSDevice": ("block_io.throttle_write_iops", "blkio.throttle.write_iops_device"),
}


def devices(values: dict[str, Any], name: str) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """The entries of a list of block devices, each with its JSON path and its numbers as the kernel has them."""
    for index, entry in enumerate(values.get(name, ())):
        yield f"blockIO.{name}[{index}]", f"{entry['major']}:{entry['minor']}", entry


def huge_pages(resources: dict[str, Any]) -> Iterator[Setting]:
    """hugetlb.rst. Reservations are limited where the kernel can do that, and page faults where it cannot."""
    for index, entry in enumerate(resources["hugepageLimits"]):
        file, limit = f"hugetlb.{entry['pageSize']}", str(entry["limit"])
        files = {f"{file}.rsvd.limit_in_bytes": limit, f"{file}.limit_in_bytes": limit}
        yield Setting(f"hugepageLimits[{index}]", "huge_page_limits.reservation", files)


def network_class(resources: dict[str, Any]) -> Iterator[Setting]:
    """net_cls.rst."""
    yield from given(resources["network"], "network", {"classID": ("network.class_id", "net_cls.classid")})


def network_priorities(resources: dict[str, Any]) -> Iterator[Setting]:
    """net_prio.rst."""
    for index, entry in enumerate(resources["network"].get("priorities", ())):
        files = {"net_prio.ifpriomap": f"{entry['name']} {entry['priority']}"}
        yield Setting(f"network.priorities[{index}]", "network.priorities", files)


def rdma(resources: dict[str, Any]) -> Iterator[Setting]:
    """rdma.rst; the file is the same in both versions."""
    for device, entry in resources["rdma"].items():
        names = {"hcaHandles": "hca_handle", "hcaObjects": "hca_object"}
        limits = " ".join(f"{names[name]}={entry[name]}" for name in names if name in entry)
        why = "rdma.hca_handles" if "hcaHandles" in entry else "rdma.hca_objects"
        yield Setting(f"rdma['{device}']", why, {"rdma.max": f"{device} {limits}"})


def limit_memory(context: Context, directory: str, files: dict[str, str]) -> None:
    """Limit memory, and memory with swap. The kernel never lets the second be lower than the first, so that the order
    depends on which way they go.
    """
    names = [name for name in (_LIMIT, _LIMIT_WITH_SWAP) if name in files]
    if len(names) == 2:
        swap, present = int(files[_LIMIT_WITH_SWAP]), int(kernel_files.read(f"{directory}/{_LIMIT}"))
        if swap == -1 or swap >= present:
            names.reverse()
    for name in names:
        kernel_files.write(f"{directory}/{name}", files[name])


def limit_kernel_memory(context: Context, directory: str, files: dict[str, str]) -> None:
    """Limit kernel memory, which the kernel does no more; some versions of it accept a limit and forget it."""
    for name, limit in files.items():
        path = f"{directory}/{name}"
        kernel_files.write(path, limit)
        if int(limit) >= 0 and int(kernel_files.read(path)) > int(limit):
            raise SyscallFailed("write", errno.EOPNOTSUPP, path)
