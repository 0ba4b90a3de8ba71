"""The NUMA memory policy (config-linux.md, Memory policy)."""

from __future__ import annotations

import errno

from reference_runtime import older_syscalls
from reference_runtime.errors import SyscallFailed
from reference_runtime.steps import Step

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from reference_runtime.config import Config
    from reference_runtime.context import Context

# set_mempolicy(2), by its numbers.
MODES = {
    "MPOL_DEFAULT": 0,
    "MPOL_PREFERRED": 1,
    "MPOL_BIND": 2,
    "MPOL_INTERLEAVE": 3,
    "MPOL_LOCAL": 4,
    "MPOL_PREFERRED_MANY": 5,
    "MPOL_WEIGHTED_INTERLEAVE": 6,
}

FLAGS = {
    "MPOL_F_NUMA_BALANCING": 1 << 13,
    "MPOL_F_RELATIVE_NODES": 1 << 14,
    "MPOL_F_STATIC_NODES": 1 << 15,
}

_MOST_NODES = 1 << 15
"""As many as fit into the largest mask that the kernel takes, a page of bits."""


def plan(config: Config) -> Iterator[Step]:
    """Set the memory policy of the process, which its children inherit."""
    policy = config.linux.get("memoryPolicy")
    if policy:
        yield Step(
            "memory_policy.set_policy",
            "config_linux.memory_policy.mode",
            "$.linux.memoryPolicy",
            mode=policy["mode"],
            nodes=policy.get("nodes", ""),
            flags=policy.get("flags", []),
        )


def set_policy(context: Context, mode: str, nodes: str, flags: list[str]) -> None:
    """set_mempolicy(2)."""
    value = MODES[mode]
    for flag in flags:
        value |= FLAGS[flag]
    older_syscalls.set_mempolicy(value, mask(nodes))


def mask(nodes: str) -> int:
    """The nodes of a list such as ``0-3,7``, as bits. Raises `SyscallFailed` for more than the kernel has room for."""
    bits = 0
    for part in filter(None, nodes.split(",")):
        first, _, last = part.partition("-")
        if max(int(first), int(last or first)) >= _MOST_NODES:
            raise SyscallFailed("set_mempolicy", errno.EINVAL, f"nodes {part}")
        for node in range(int(first), int(last or first) + 1):
            bits |= 1 << node
    return bits
