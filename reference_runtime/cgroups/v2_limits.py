"""The files of the controllers of cgroup v2 (the kernel's Documentation/admin-guide/cgroup-v2.rst).

Most of `linux.resources` is in terms of cgroup v1, and is converted; what cannot be converted is an error
(config-linux.md, Unified).
"""

from __future__ import annotations

import errno
import os

from reference_runtime import kernel_files
from reference_runtime.cgroups import v1_limits
from reference_runtime.cgroups.setting import Setting, given
from reference_runtime.errors import SyscallFailed, UnsupportedConfig
from reference_runtime.steps import RUNTIME, Step

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from reference_runtime.context import Context
    from reference_runtime.host import Hierarchy

cpuset, pids, rdma = v1_limits.cpuset, v1_limits.pids, v1_limits.rdma


def plan_controllers(hierarchy: Hierarchy, path: str, controllers: list[str], place: str) -> Iterator[Step]:
    """Enable controllers for a cgroup: in each of those above it, from the top down."""
    above = hierarchy.mount_point
    for name in os.path.relpath(path, above).split("/"):
        why = "config_linux.resources.unified.controllers.enabled"
        yield Step("cgroups.v2_limits.enable", why, place, where=RUNTIME, path=above, controllers=controllers)
        above = os.path.join(above, name)


def memory(resources: dict[str, Any]) -> Iterator[Setting]:
    """Of swap, there is a limit of its own, which is the rest of the one of both."""
    values = resources["memory"]
    for name in ("kernel", "kernelTCP"):
        _refuse(f"memory.{name}", values.get(name, -1) != -1)
    _refuse("memory.swappiness", "swappiness" in values)
    _refuse("memory.disableOOMKiller", bool(values.get("disableOOMKiller")))
    _refuse("memory.useHierarchy", values.get("useHierarchy") is False)
    limit, swap = values.get("limit"), values.get("swap")
    if limit is not None:
        files = {"memory.max": _limit(limit)}
        if values.get("checkBeforeUpdate"):
            why = "memory.check_before_update.rejected"
            yield Setting("memory.checkBeforeUpdate", why, files, "cgroups.v2_limits.check_usage")
        yield Setting("memory.limit", "memory.limit", files)
    if "reservation" in values:
        files = {"memory.low": _limit(values["reservation"])}
        yield Setting("memory.reservation", "memory.reservation", files)
    if swap is not None:
        _refuse("memory.swap", swap != -1 and (limit is None or not 0 <= limit <= swap))
        files = {"memory.swap.max": "max" if swap == -1 else str(swap - limit)}
        yield Setting("memory.swap", "memory.swap", files)


def cpu(resources: dict[str, Any]) -> Iterator[Setting]:
    """Quota and period are in one file, of which the first may stand alone."""
    values = resources["cpu"]
    for name in ("realtimeRuntime", "realtimePeriod"):
        _refuse(f"cpu.{name}", name in values)
    if "shares" in values:
        yield Setting("cpu.shares", "cpu.shares", {"cpu.weight": str(weight_of_shares(values["shares"]))})
    if "quota" in values or "period" in values:
        quota = values.get("quota", -1)
        period = f" {values['period']}" if "period" in values else ""
        name = "quota" if "quota" in values else "period"
        files = {"cpu.max": f"{'max' if quota < 0 else quota}{period}"}
        yield Setting(f"cpu.{name}", f"cpu.{name}", files)
    yield from given(values, "cpu", {"burst": ("cpu.burst", "cpu.max.burst"), "idle": ("cpu.idle", "cpu.idle")})


def block_io(resources: dict[str, Any]) -> Iterator[Setting]:
    """A weight is the one of BFQ where that is, whose range is the same, and else one of the cost model."""
    values = resources["blockIO"]
    _refuse("blockIO.leafWeight", "leafWeight" in values)
    if "weight" in values:
        weight = values["weight"]
        files = {"io.bfq.weight": str(weight), "io.weight": f"default {weight_of_block_io(weight)}"}
        yield Setting("blockIO.weight", "block_io.weight", files)
    for place, device, entry in v1_limits.devices(values, "weightDevice"):
        _refuse(f"{place}.leafWeight", "leafWeight" in entry)
        weight = entry["weight"]
        files = {"io.bfq.weight": f"{device} {weight}", "io.weight": f"{device} {weight_of_block_io(weight)}"}
        yield Setting(f"{place}.weight", "block_io.weight_device.weight", files)
    for name, (why, key) in _THROTTLES.items():
        for place, device, entry in v1_limits.devices(values, name):
            yield Setting(place, why, {"io.max": f"{device} {key}={entry['rate']}"})


_THROTTLES = {
    "throttleReadBpsDevice": ("block_io.throttle_read_bps", "rbps"),
    "throttleWriteBpsDevice": ("block_io.throttle_write_bps", "wbps"),
    "throttleReadIOPSDevice": ("block_io.throttle_read_iops", "riops"),
    "throttleWriteIOPSDevice": ("block_io.throttle_write_iops", "wiops"),
}


def huge_pages(resources: dict[str, Any]) -> Iterator[Setting]:
    """Reservations are limited where the kernel can do that, and page faults where it cannot."""
    for index, entry in enumerate(resources["hugepageLimits"]):
        file, limit = f"hugetlb.{entry['pageSize']}", str(entry["limit"])
        files = {f"{file}.rsvd.max": limit, f"{file}.max": limit}
        yield Setting(f"hugepageLimits[{index}]", "huge_page_limits.reservation", files)


def network_class(resources: dict[str, Any]) -> Iterator[Setting]:
    """There is no such controller."""
    _refuse("network.classID", "classID" in resources["network"])
    yield from ()


def network_priorities(resources: dict[str, Any]) -> Iterator[Setting]:
    """There is no such controller."""
    _refuse("network.priorities", bool(resources["network"].get("priorities")))
    yield from ()


def weight_of_shares(shares: int) -> int:
    """From 2 to 262144, with 1024 in the middle, to 1 to 10000; what is out of range goes to its end, as in v1."""
    return 1 + (min(max(shares, 2), 262144) - 2) * 9999 // 262142


def weight_of_block_io(weight: int) -> int:
    """From 10 to 1000 to 1 to 10000."""
    return 1 + (max(weight, 10) - 10) * 9999 // 990


def enable(context: Context, path: str, controllers: list[str]) -> None:
    """Enable controllers for the cgroups below one. They stay enabled, for others may need them by now."""
    kernel_files.write(f"{path}/cgroup.subtree_control", " ".join(f"+{name}" for name in controllers))


def check_usage(context: Context, directory: str, files: dict[str, str]) -> None:
    """Refuse a limit that is lower than the usage, as the kernel does in cgroup v1."""
    (limit,) = files.values()
    path = f"{directory}/memory.current"
    if limit != "max" and int(kernel_files.read(path)) > int(limit):
        raise SyscallFailed("check", errno.EBUSY, path)


def _limit(value: int) -> str:
    return "max" if value == -1 else str(value)


def _refuse(place: str, impossible: bool) -> None:
    if impossible:
        raise UnsupportedConfig(f"$.linux.resources.{place}", "cannot be converted to cgroup v2")
