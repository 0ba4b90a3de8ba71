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
    "cgroup": Need("no cgroup hierarchy can be written to", lambda host: host.cgroup_writable),
    "cgroup.managed": Need("the runtime makes no cgroup for a container here, perhaps because it was told not to"),
    "apparmor": _ability("apparmor", "AppArmor is not on"),
    "cgroup.rdma": _ability("cgroup.rdma", "no cgroup hierarchy has the rdma controller, or there is no RDMA device"),
    "cgroup.v1": Need("no hierarchy of cgroup v1 is mounted", lambda host: host.cgroup_mode in ("v1", "hybrid")),
    "cgroup.v2.only": Need("cgroup v2 is not all that there is", lambda host: host.cgroup_mode == "v2"),
    "features": Need("the runtime tells no features, as it may, because it has no `features` command that does"),
    "features.said": Need("the features of the runtime do not say this, as they need not", lambda _: True),
    "kernel.idmapped_mounts": _ability("kernel.idmapped_mounts", "the kernel has no mounts whose IDs are mapped"),
    "memory_policy": _ability("memory_policy", "the kernel has no NUMA memory policies"),
    "namespace.cgroup": Need("the kernel has no cgroup namespaces", lambda host: "cgroup" in host.namespaces),
    "namespace.time": Need("the kernel has no time namespaces", lambda host: "time" in host.namespaces),
    "namespace.user": Need("the kernel has no user namespaces", lambda host: "user" in host.namespaces),
    "resctrl": _ability("resctrl", "no resctrl file system is mounted"),
    "selinux": _ability("selinux", "SELinux is not on"),
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
