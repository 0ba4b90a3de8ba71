"""What this machine can show. Looking changes nothing."""

from __future__ import annotations

import dataclasses
import os
import platform
import re
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from conformance.facts import mountinfo
from conformance.facts.reports import CAPABILITIES
from conformance.host import cgroups as hierarchies
from conformance.host import idmapping, resctrl, rights, security_modules, trials

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclasses.dataclass(frozen=True)
class Host:
    """The host as the checks see it. `cgroup_mode` is v1, hybrid, v2 or none; `namespaces` are the types that the
    kernel has, by their names in /proc/PID/ns; `abilities` are needs that are met, by their names.
    """

    kernel: str
    machine: str
    uid: int
    capabilities: frozenset[str]
    cgroup_mode: str
    cgroup_writable: bool
    namespaces: frozenset[str]
    abilities: frozenset[str] = frozenset()

    @property
    def missing_capabilities(self) -> list[str]:
        """What a fully privileged root would have besides."""
        return [name for name in CAPABILITIES if name not in self.capabilities]


def detect() -> Host:
    """The host that this process runs on."""
    mounts = mountinfo.parse(Path("/proc/self/mountinfo").read_text(encoding="utf-8", errors="surrogateescape"))
    cgroups = [mount for mount in mounts if mount.type in ("cgroup", "cgroup2")]
    return Host(
        kernel=platform.release(),
        machine=platform.machine(),
        uid=os.geteuid(),
        capabilities=_effective_capabilities(),
        cgroup_mode=_cgroup_mode(cgroups),
        cgroup_writable=bool(cgroups) and all(os.access(mount.mount_point, os.W_OK) for mount in cgroups),
        namespaces=frozenset(os.listdir("/proc/self/ns")),
        abilities=frozenset(_abilities(cgroups)),
    )


def _abilities(cgroups: list[mountinfo.Mount]) -> Iterator[str]:
    actions = _seccomp_actions()
    found = {
        "apparmor": security_modules.has_apparmor(),
        "capability.sys_nice": rights.may_raise_priorities(),
        "cgroup.devices": trials.cgroup_devices(cgroups),
        "cpus.several": len(os.sched_getaffinity(0)) > 1,
        "kernel.idmapped_mounts": idmapping.is_possible(Path(tempfile.gettempdir())),
        "kernel.x86_32": platform.machine() == "x86_64" and os.path.exists("/proc/sys/abi/vsyscall32"),
        "memory_policy": os.path.exists("/proc/self/numa_maps"),
        "network.veth": trials.veth(),
        "seccomp": bool(actions),
        "seccomp.notify": "user_notif" in actions,
        "selinux": security_modules.has_selinux(),
    }
    yield from (name for name, met in found.items() if met)
    for feature in hierarchies.features(hierarchies.hierarchies(cgroups), _kernel_version()):
        yield f"cgroup.{feature}"
    yield from resctrl.abilities()


def _seccomp_actions() -> frozenset[str]:
    try:
        return frozenset(Path("/proc/sys/kernel/seccomp/actions_avail").read_text(encoding="ascii").split())
    except OSError:
        return frozenset()


def _effective_capabilities() -> frozenset[str]:
    for line in Path("/proc/self/status").read_text(encoding="ascii", errors="replace").splitlines():
        if line.startswith("CapEff:"):
            mask = int(line.split()[1], 16)
            return frozenset(name for number, name in enumerate(CAPABILITIES) if mask & 1 << number)
    return frozenset()


def _kernel_version() -> tuple[int, int]:
    major, minor = re.findall(r"\d+", platform.release())[:2]
    return int(major), int(minor)


def _cgroup_mode(cgroups: list[mountinfo.Mount]) -> str:
    types = {mount.type for mount in cgroups}
    if types == {"cgroup2"}:
        return "v2"
    if types == {"cgroup"}:
        return "v1"
    return "hybrid" if types else "none"
