"""What checks can need: the closed list of names that `@needs` takes, each with how it is told whether it is met."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from conformance.host.host import Host


@dataclasses.dataclass(frozen=True)
class Need:
    """A need: what its lack means, and whether the host has it. One without `met` is about the runtime, and is told by
    the preflight.
    """

    lack: str
    met: Callable[[Host], bool] | None = None


def _cgroup(feature: str, lack: str) -> Need:
    return Need(lack, lambda host: feature in host.cgroup_features)


NEEDS: Mapping[str, Need] = {
    "cgroup": Need("no cgroup hierarchy can be written to", lambda host: host.cgroup_writable),
    "cgroup.managed": Need("the runtime makes no cgroup for a container here, perhaps because it was told not to"),
    "cgroup.v1": _cgroup("v1", "no hierarchy of cgroup v1 is mounted"),
    "cgroup.v1.memory": _cgroup("v1.memory", "no hierarchy of cgroup v1 has the memory controller"),
    "cgroup.v2": _cgroup("v2", "no hierarchy of cgroup v2 is mounted"),
    "cgroup.v2.only": _cgroup("v2.only", "cgroup v2 is not all that there is"),
    "cgroup.v2.controllers": _cgroup("v2.controllers", "cgroup v2 has no controller with limits"),
    "cgroup.v2.no_list": _cgroup("v2.no_list", "the kernel has a list of the files that are safe to delegate"),
    "cgroup.v2.memory": _cgroup("v2.memory", "cgroup v2 does not have the memory controller"),
    "cgroup.v2.cpu": _cgroup("v2.cpu", "cgroup v2 does not have the cpu controller"),
    "cgroup.v2.io": _cgroup("v2.io", "cgroup v2 does not have the io controller"),
    "cgroup.memory": _cgroup("memory", "no cgroup hierarchy has the memory controller"),
    "cgroup.memory.swap": _cgroup("memory.swap", "the memory controller does not count swap"),
    "cgroup.memory.kernel": _cgroup(
        "memory.kernel", "the kernel has no limit of kernel memory, though it may take one and forget it"
    ),
    "cgroup.cpu": _cgroup("cpu", "no cgroup hierarchy has the cpu controller"),
    "cgroup.cpu.burst": _cgroup("cpu.burst", "the cpu controller has no bursts"),
    "cgroup.cpu.idle": _cgroup("cpu.idle", "the cpu controller has no idle groups"),
    "cgroup.cpu.realtime": _cgroup("cpu.realtime", "the cpu controller has no limits for the realtime scheduler"),
    "cgroup.cpuset": _cgroup("cpuset", "no cgroup hierarchy has the cpuset controller"),
    "cgroup.pids": _cgroup("pids", "no cgroup hierarchy has the pids controller"),
    "cgroup.blkio": _cgroup("blkio", "no cgroup hierarchy has the controller of block devices"),
    "cgroup.blkio.throttle": _cgroup("blkio.throttle", "there is no block device that a cgroup could throttle"),
    "cgroup.blkio.weight": _cgroup("blkio.weight", "no I/O scheduler has weights of cgroups"),
    "cgroup.blkio.weight_device": _cgroup(
        "blkio.weight_device", "no block device has an I/O scheduler with weights of cgroups"
    ),
    "cgroup.hugetlb": _cgroup("hugetlb", "no cgroup hierarchy has the hugetlb controller"),
    "cgroup.hugetlb.reservations": _cgroup(
        "hugetlb.reservations", "the hugetlb controller does not count reservations"
    ),
    "cgroup.hugetlb.faults": _cgroup("hugetlb.faults", "the hugetlb controller counts reservations, not only faults"),
    "cgroup.net_cls": _cgroup("net_cls", "no cgroup hierarchy has the net_cls controller"),
    "cgroup.net_prio": _cgroup("net_prio", "no cgroup hierarchy has the net_prio controller"),
    "cgroup.rdma": _cgroup("rdma.device", "no cgroup hierarchy has the rdma controller, or there is no RDMA device"),
    "namespace.cgroup": Need("the kernel has no cgroup namespaces", lambda host: "cgroup" in host.namespaces),
    "namespace.time": Need("the kernel has no time namespaces", lambda host: "time" in host.namespaces),
    "namespace.user": Need("the kernel has no user namespaces", lambda host: "user" in host.namespaces),
    "value.supported": Need(
        "the runtime refuses a valid value that it need not support (config.md, Valid values)", lambda _: True
    ),
    "process.visible": Need(
        "the container process is not a process of this host, as with a sandbox or a virtual machine; "
        "what is inside can be seen by the program only"
    ),
}


def unmet(host: Host, of_runtime: Mapping[str, bool]) -> dict[str, str]:
    """The needs that are not met, each with the reason. `of_runtime` tells those that are about the runtime."""
    return {
        name: need.lack
        for name, need in NEEDS.items()
        if not (of_runtime.get(name, False) if need.met is None else need.met(host))
    }
