"""The features structure (features.md): what this runtime has, whatever the host offers."""

from __future__ import annotations

from reference_runtime import seccomp
from reference_runtime.capabilities import NAMES
from reference_runtime.config import HOOKS, NEWEST_VERSION, OLDEST_VERSION
from reference_runtime.memory_policy import FLAGS as MEMORY_POLICY_FLAGS
from reference_runtime.memory_policy import MODES
from reference_runtime.mount_options import names
from reference_runtime.namespaces import FLAGS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def document() -> dict[str, Any]:
    """The features structure."""
    return {
        "ociVersionMin": OLDEST_VERSION,
        "ociVersionMax": NEWEST_VERSION,
        "hooks": list(HOOKS),
        "mountOptions": names(),
        "linux": {
            "namespaces": sorted(FLAGS),
            "capabilities": list(NAMES),
            "cgroup": {"v1": True, "v2": True, "systemd": False, "systemdUser": False, "rdma": True},
            "seccomp": _seccomp(),
            "apparmor": {"enabled": True},
            "selinux": {"enabled": True},
            "memoryPolicy": {"modes": sorted(MODES), "flags": sorted(MEMORY_POLICY_FLAGS)},
            "intelRdt": {"enabled": True, "schemata": True, "monitoring": True},
            "mountExtensions": {"idmap": {"enabled": True}},
            "netDevices": {"enabled": True},
        },
        "potentiallyUnsafeConfigAnnotations": [],
    }


def _seccomp() -> dict[str, Any]:
    # The library is a part of the runtime that may be missing; of flags, those count that the kernel supports, too.
    architectures = seccomp.supported_architectures()
    if not architectures:
        return {"enabled": False}
    return {
        "enabled": True,
        "actions": list(seccomp.ACTIONS),
        "operators": list(seccomp.OPERATORS),
        "archs": architectures,
        "knownFlags": list(seccomp.FLAGS),
        "supportedFlags": seccomp.supported_flags(),
    }
