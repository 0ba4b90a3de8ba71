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
    the preflight. `special` says that it takes a machine of a special kind, by its hardware, the age of its kernel, or a
    policy for the whole of it, so that no lane can meet it elsewhere.
    """

    lack: str
    met: Callable[[Host], bool] | None = None
    special: bool = False


def _ability(name: str, lack: str, *, special: bool = False) -> Need:
    return Need(lack, lambda host: name in host.abilities, special)


NEEDS: Mapping[str, Need] = {
    "apparmor": _ability("apparmor", "AppArmor is not on, or there is no apparmor_parser to load a profile with"),
    "capability.sys_nice": _ability("capability.sys_nice", "the suite may not use real-time policies (CAP_SYS_NICE)"),
    "cgroup": Need("no cgroup hierarchy can be written to", lambda host: host.cgroup_writable),
    "cgroup.blkio": _ability("cgroup.blkio", "no cgroup hierarchy has the controller of block devices"),
    "cgroup.blkio.throttle": _ability("cgroup.blkio.throttle", "there is no block device that a cgroup could throttle"),
    "cgroup.blkio.weight": _ability("cgroup.blkio.weight", "no I/O scheduler has weights of cgroups"),
    "cgroup.blkio.weight_device": _ability(
        "cgroup.blkio.weight_device", "no block device has an I/O scheduler with weights of cgroups", special=True
    ),
    "cgroup.cpu": _ability("cgroup.cpu", "no cgroup hierarchy has the cpu controller"),
    "cgroup.cpu.burst": _ability("cgroup.cpu.burst", "the cpu controller has no bursts"),
    "cgroup.cpu.idle": _ability("cgroup.cpu.idle", "the cpu controller has no idle groups"),
    "cgroup.cpu.realtime": _ability(
        "cgroup.cpu.realtime", "the cpu controller has no limits for the realtime scheduler"
    ),
    "cgroup.cpuset": _ability("cgroup.cpuset", "no cgroup hierarchy has the cpuset controller"),
    "cgroup.devices": _ability(
        "cgroup.devices",
        "no cgroup can restrict devices: there is neither the controller of cgroup v1 nor, with cgroup v2, leave to "
        "load the programs that do it",
    ),
    "cgroup.hugetlb": _ability("cgroup.hugetlb", "no cgroup hierarchy has the hugetlb controller"),
    "cgroup.hugetlb.faults": _ability(
        "cgroup.hugetlb.faults", "the hugetlb controller counts reservations, not only faults", special=True
    ),
    "cgroup.hugetlb.reservations": _ability(
        "cgroup.hugetlb.reservations", "the hugetlb controller does not count reservations"
    ),
    "cgroup.managed": Need("the runtime makes no cgroup for a container here, perhaps because it was told not to"),
    "cgroup.memory": _ability("cgroup.memory", "no cgroup hierarchy has the memory controller"),
    "cgroup.memory.kernel": _ability(
        "cgroup.memory.kernel", "the kernel takes a limit of kernel memory, and forgets it", special=True
    ),
    "cgroup.memory.swap": _ability("cgroup.memory.swap", "the memory controller does not count swap"),
    "cgroup.net_cls": _ability("cgroup.net_cls", "no cgroup hierarchy has the net_cls controller"),
    "cgroup.net_prio": _ability("cgroup.net_prio", "no cgroup hierarchy has the net_prio controller"),
    "cgroup.pids": _ability("cgroup.pids", "no cgroup hierarchy has the pids controller"),
    "cgroup.rdma": _ability(
        "cgroup.rdma.device", "no cgroup hierarchy has the rdma controller, or there is no RDMA device", special=True
    ),
    "cgroup.v1": _ability("cgroup.v1", "no hierarchy of cgroup v1 is mounted"),
    "cgroup.v1.memory": _ability("cgroup.v1.memory", "no hierarchy of cgroup v1 has the memory controller"),
    "cgroup.v2": _ability("cgroup.v2", "no hierarchy of cgroup v2 is mounted"),
    "cgroup.v2.controllers": _ability("cgroup.v2.controllers", "cgroup v2 has no controller with limits"),
    "cgroup.v2.cpu": _ability("cgroup.v2.cpu", "cgroup v2 does not have the cpu controller"),
    "cgroup.v2.io": _ability("cgroup.v2.io", "cgroup v2 does not have the io controller"),
    "cgroup.v2.memory": _ability("cgroup.v2.memory", "cgroup v2 does not have the memory controller"),
    "cgroup.v2.no_list": _ability(
        "cgroup.v2.no_list", "the kernel has a list of the files that are safe to delegate", special=True
    ),
    "cgroup.v2.only": _ability("cgroup.v2.only", "cgroup v2 is not all that there is"),
    "cpus.several": _ability("cpus.several", "the suite may run on one CPU only, so no other can be told from it"),
    "features": Need("the runtime tells no features, as it may, because it has no `features` command that does"),
    "features.said": Need("the features of the runtime do not say this, as they need not", lambda _: True),
    "kernel.idmapped_mounts": _ability(
        "kernel.idmapped_mounts",
        "the kernel, or the filesystem of the temporary directory, has no mounts whose IDs are mapped",
    ),
    "kernel.x86_32": _ability("kernel.x86_32", "the kernel has no system calls of 32-bit x86"),
    "memory_policy": _ability("memory_policy", "the kernel has no NUMA memory policies"),
    "namespace.cgroup": Need("the kernel has no cgroup namespaces", lambda host: "cgroup" in host.namespaces),
    "namespace.time": Need("the kernel has no time namespaces", lambda host: "time" in host.namespaces),
    "namespace.user": Need("the kernel has no user namespaces", lambda host: "user" in host.namespaces),
    "network.veth": _ability("network.veth", "no network devices of the kind veth can be made"),
    "resctrl": _ability("resctrl", "no resctrl file system is mounted that the suite can write to", special=True),
    "resctrl.l3": _ability("resctrl.l3", "no resctrl is mounted, or it does not allocate L3 caches", special=True),
    "resctrl.mb": _ability(
        "resctrl.mb", "no resctrl is mounted, or it does not allocate memory bandwidth", special=True
    ),
    "resctrl.monitoring": _ability(
        "resctrl.monitoring", "no resctrl is mounted, or it has no monitoring groups", special=True
    ),
    "root": Need("the suite runs as an ordinary user", lambda host: host.uid == 0),
    "seccomp": _ability("seccomp", "the kernel has no filters of system calls"),
    "seccomp.notify": _ability("seccomp.notify", "the kernel cannot notify a listener of system calls"),
    "selinux": _ability("selinux", "SELinux is not on, or its labels have no levels", special=True),
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
