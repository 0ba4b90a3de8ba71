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


def _ability(name: str, lack: str) -> Need:
    return Need(lack, lambda host: name in host.abilities)


NEEDS: Mapping[str, Need] = {
    "apparmor": _ability("apparmor", "AppArmor is not on, or there is no apparmor_parser to load a profile with"),
    "capability.sys_nice": _ability("capability.sys_nice", "the suite may not use real-time policies (CAP_SYS_NICE)"),
    "cgroup": Need("no cgroup hierarchy can be written to", lambda host: host.cgroup_writable),
    "cgroup.managed": Need("the runtime makes no cgroup for a container here, perhaps because it was told not to"),
    "cpus.several": _ability("cpus.several", "the suite may run on one CPU only, so no other can be told from it"),
    "memory_policy": _ability("memory_policy", "the kernel has no NUMA memory policies"),
    "namespace.cgroup": Need("the kernel has no cgroup namespaces", lambda host: "cgroup" in host.namespaces),
    "namespace.time": Need("the kernel has no time namespaces", lambda host: "time" in host.namespaces),
    "namespace.user": Need("the kernel has no user namespaces", lambda host: "user" in host.namespaces),
    "resctrl": _ability("resctrl", "no resctrl file system is mounted that the suite can write to"),
    "resctrl.l3": _ability("resctrl.l3", "no resctrl is mounted, or it does not allocate L3 caches"),
    "resctrl.mb": _ability("resctrl.mb", "no resctrl is mounted, or it does not allocate memory bandwidth"),
    "resctrl.monitoring": _ability("resctrl.monitoring", "no resctrl is mounted, or it has no monitoring groups"),
    "selinux": _ability("selinux", "SELinux is not on, or its labels have no levels"),
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
