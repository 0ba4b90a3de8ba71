"""The memory policy: what set_mempolicy(2) says of the nodes and flags of each mode."""

from __future__ import annotations

from conformance.validation.cpu_lists import is_range
from conformance.validation.fault import Fault
from conformance.validation.rule import each, rule
from reference_runtime.validation import shown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

_WITH_NODES = ("MPOL_BIND", "MPOL_INTERLEAVE", "MPOL_WEIGHTED_INTERLEAVE", "MPOL_PREFERRED_MANY")
_WITHOUT_NODES = ("MPOL_DEFAULT", "MPOL_LOCAL")

_NOT_BALANCED = ("MPOL_INTERLEAVE", "MPOL_WEIGHTED_INTERLEAVE", "MPOL_PREFERRED", *_WITHOUT_NODES)
"""Modes that do not take MPOL_F_NUMA_BALANCING. In set_mempolicy(2), only MPOL_BIND does; newer kernels take one more."""

_STATIC, _RELATIVE, _BALANCING = "MPOL_F_STATIC_NODES", "MPOL_F_RELATIVE_NODES", "MPOL_F_NUMA_BALANCING"


@rule("memory_policy.nodes", "config_linux.memory_policy.nodes.form")
def nodes_are_a_list(config: Any) -> Iterator[Fault]:
    """The nodes are numbers and ranges of numbers, with commas between them."""
    for path, policy in each(config, "linux", "memoryPolicy", of=dict):
        nodes = policy.get("nodes")
        if not isinstance(nodes, str) or nodes == "" or policy.get("mode") in _WITHOUT_NODES:
            continue
        if not all(map(is_range, nodes.split(","))):
            allowed = ["numbers and ranges, such as 0-3,7"]
            yield Fault(f"{path}.nodes", f"{shown(nodes)} is no list of nodes", allowed=allowed)


@rule("memory_policy.nodes_of_mode", "config_linux.memory_policy.nodes.of_mode")
def mode_has_its_nodes(config: Any) -> Iterator[Fault]:
    """There are nodes if the mode needs them, and none if it takes none."""
    for path, policy in each(config, "linux", "memoryPolicy", of=dict):
        mode, nodes = policy.get("mode"), policy.get("nodes", "")
        if mode in _WITH_NODES and nodes == "":
            yield Fault(f"{path}.nodes", f"is required by the mode {mode}: at least one node")
        elif mode in _WITHOUT_NODES and isinstance(nodes, str) and nodes:
            yield Fault(f"{path}.nodes", f"must be left out, for the mode {mode} takes no nodes")


@rule("memory_policy.flags", "config_linux.memory_policy.flags.of_mode")
def flags_go_together(config: Any) -> Iterator[Fault]:
    """The flags do not exclude each other, and suit the mode."""
    for path, policy in each(config, "linux", "memoryPolicy", of=dict):
        flags = policy.get("flags")
        if not isinstance(flags, list):
            continue
        if _STATIC in flags and _RELATIVE in flags:
            later = max(flags.index(_STATIC), flags.index(_RELATIVE))
            yield Fault(f"{path}.flags[{later}]", f"{_STATIC} and {_RELATIVE} exclude each other")
        mode = policy.get("mode")
        if _BALANCING in flags and mode in _NOT_BALANCED:
            problem = f"{_BALANCING} is for the modes MPOL_BIND and MPOL_PREFERRED_MANY, and not for {mode}"
            yield Fault(f"{path}.flags[{flags.index(_BALANCING)}]", problem)
