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
    the preflight. `hardware` says that it takes a machine of a special kind, so that no lane can meet it elsewhere.
    """

    lack: str
    met: Callable[[Host], bool] | None = None
    hardware: bool = False


NEEDS: Mapping[str, Need] = {
    "cgroup": Need("no cgroup hierarchy can be written to", lambda host: host.cgroup_writable),
    "cgroup.managed": Need("the runtime makes no cgroup for a container here, perhaps because it was told not to"),
    "namespace.cgroup": Need("the kernel has no cgroup namespaces", lambda host: "cgroup" in host.namespaces),
    "namespace.time": Need("the kernel has no time namespaces", lambda host: "time" in host.namespaces),
    "namespace.user": Need("the kernel has no user namespaces", lambda host: "user" in host.namespaces),
    "value.supported": Need(
        "the runtime refuses a valid value that it need not support (config.md, Valid values)", lambda _: True
    ),
    "root": Need("the suite runs as an ordinary user", lambda host: host.uid == 0),
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
