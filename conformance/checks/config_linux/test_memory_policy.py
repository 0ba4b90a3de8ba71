"""Memory policy."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from conformance import needs, requirement

if TYPE_CHECKING:
    from conformance.facts.reports import Facts
    from conformance.fixtures import MakeContainer

# set_mempolicy(2).
MODES = {
    "MPOL_DEFAULT": 0,
    "MPOL_PREFERRED": 1,
    "MPOL_BIND": 2,
    "MPOL_INTERLEAVE": 3,
    "MPOL_LOCAL": 4,
    "MPOL_PREFERRED_MANY": 5,
    "MPOL_WEIGHTED_INTERLEAVE": 6,
}
FLAGS = {"MPOL_F_NUMA_BALANCING": 1 << 13, "MPOL_F_RELATIVE_NODES": 1 << 14, "MPOL_F_STATIC_NODES": 1 << 15}
WITHOUT_NODES = ("MPOL_DEFAULT", "MPOL_LOCAL")


def facts_of(container: MakeContainer, **policy: Any) -> Facts:
    """What a program sees that has this memory policy."""
    one = container(linux={"memoryPolicy": policy})
    return one.create_supporting(f"the memory policy {policy}").start().facts()


def allowed_node() -> str:
    """A memory node that the suite may use, and so the container."""
    status = Path("/proc/self/status").read_text(encoding="ascii", errors="replace")
    listed = next(line.split()[1] for line in status.splitlines() if line.startswith("Mems_allowed_list:"))
    return listed.replace(",", "-").split("-")[0]


@requirement("config_linux.memory_policy.mode")
@needs("memory_policy")
@pytest.mark.parametrize("mode", MODES)
def test_mode_is_in_force(container: MakeContainer, mode: str) -> None:
    nodes = {} if mode in WITHOUT_NODES else {"nodes": allowed_node()}
    assert facts_of(container, mode=mode, **nodes).scheduling["memory_policy"] == MODES[mode]


@requirement("config_linux.memory_policy.nodes")
@needs("memory_policy")
@pytest.mark.parametrize(
    ("nodes", "numbers"), [("0", [0]), ("0,2-4", [0, 2, 3, 4]), ("0-1,3", [0, 1, 3])], ids=["one", "list", "range"]
)
def test_nodes_are_those_of_the_policy(container: MakeContainer, nodes: str, numbers: list[int]) -> None:
    """With static nodes, the kernel keeps those that the machine has not got, too."""
    facts = facts_of(container, mode="MPOL_INTERLEAVE", nodes=nodes, flags=["MPOL_F_STATIC_NODES"])
    assert facts.scheduling["memory_nodes"] == numbers


@requirement("config_linux.memory_policy.flags")
@needs("memory_policy")
@pytest.mark.parametrize("flag", FLAGS)
def test_flag_is_set(container: MakeContainer, flag: str) -> None:
    mode = "MPOL_BIND"
    facts = facts_of(container, mode=mode, nodes=allowed_node(), flags=[flag])
    assert facts.scheduling["memory_policy"] == MODES[mode] | FLAGS[flag]
