"""Control groups, CPU."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from conformance import needs, requirement
from conformance.facts import cgroup
from conformance.verdict.findings import Finding

if TYPE_CHECKING:
    from conformance.facts.cgroup import Cgroup
    from conformance.fixtures import MakeContainer

pytestmark = needs("cgroup.managed")


def limited(container: MakeContainer, **cpu: Any) -> Cgroup:
    """The cgroup of a new container with these values of `cpu`."""
    return cgroup.of(container(linux={"resources": {"cpu": cpu}}).create_supporting(f"cpu with {cpu}"))


def last_cpu() -> str:
    """The last CPU that a container may have here."""
    return str(max(os.sched_getaffinity(0)))


def memory_nodes() -> list[int]:
    """The memory nodes of the host."""
    names = (path.name.removeprefix("node") for path in Path("/sys/devices/system/node").glob("node[0-9]*"))
    return sorted(int(name) for name in names) or [0]


@requirement("config_linux.resources.cpu.applied", "config_linux.resources.cpu.shares")
@needs("cgroup.cpu")
def test_shares_are_set(container: MakeContainer) -> None:
    found = limited(container, shares=512)
    # Runtimes have two formulas that make a weight of cgroup v2 of the shares of cgroup v1: a straight line between the
    # ends, and a later one that has the defaults meet as well.
    assert found.number(v1="cpu.shares", v2="cpu.weight") in ({512} if "cpu" in found.v1 else {20, 59})


@requirement("config_linux.resources.cpu.quota")
@needs("cgroup.cpu")
def test_quota_is_set(container: MakeContainer) -> None:
    found = limited(container, quota=70000, period=200000)
    assert (found.text(v1="cpu.cfs_quota_us", v2="cpu.max") or "").split(" ")[0] == "70000"


@requirement("config_linux.resources.cpu.period")
@needs("cgroup.cpu")
@pytest.mark.parametrize("quota", [{"quota": 70000}, {}], ids=["with a quota", "alone"])
def test_period_is_set(container: MakeContainer, quota: dict[str, int]) -> None:
    found = limited(container, period=200000, **quota)
    assert (found.text(v1="cpu.cfs_period_us", v2="cpu.max") or "").split(" ")[-1] == "200000"


@requirement("config_linux.resources.cpu.burst")
@needs("cgroup.cpu.burst")
def test_burst_is_set(container: MakeContainer) -> None:
    found = limited(container, quota=70000, period=200000, burst=30000)
    assert found.number(v1="cpu.cfs_burst_us", v2="cpu.max.burst") == 30000


@requirement("config_linux.resources.cpu.realtime_runtime")
@needs("cgroup.cpu.realtime")
def test_time_of_the_realtime_scheduler_is_set(container: MakeContainer) -> None:
    assert limited(container, realtimeRuntime=7000, realtimePeriod=700000).number(v1="cpu.rt_runtime_us") == 7000


@requirement("config_linux.resources.cpu.realtime_period")
@needs("cgroup.cpu.realtime")
def test_period_of_the_realtime_scheduler_is_set(container: MakeContainer) -> None:
    assert limited(container, realtimeRuntime=7000, realtimePeriod=700000).number(v1="cpu.rt_period_us") == 700000


@requirement("config_linux.resources.cpu.idle")
@needs("cgroup.cpu.idle")
def test_group_can_be_idle(container: MakeContainer) -> None:
    assert limited(container, idle=1).number(v1="cpu.idle", v2="cpu.idle") == 1


@requirement("config_linux.resources.cpu.applied", "config_linux.resources.cpu.cpus")
@needs("cgroup.cpuset")
def test_cpus_are_set(container: MakeContainer) -> None:
    assert limited(container, cpus=last_cpu()).text(v1="cpuset.cpus", v2="cpuset.cpus") == last_cpu()


@requirement("config_linux.resources.cpu.cpus")
@needs("cgroup.cpuset", "process.visible")
def test_program_runs_on_these_cpus(container: MakeContainer) -> None:
    one = container(linux={"resources": {"cpu": {"cpus": last_cpu()}}})
    facts = one.create_supporting("a list of CPUs").start().facts()
    assert facts.scheduling["cpus"] == [int(last_cpu())]


@requirement("config_linux.resources.cpu.mems")
@needs("cgroup.cpuset")
def test_memory_nodes_are_set(container: MakeContainer) -> None:
    node = str(memory_nodes()[-1])
    assert limited(container, mems=node).text(v1="cpuset.mems", v2="cpuset.mems") == node


@requirement("config_linux.resources.cpu.mems")
@needs("cgroup.cpuset")
def test_memory_nodes_that_do_not_exist_are_not_ignored(container: MakeContainer) -> None:
    """With a single node, it makes no difference whether that is set."""
    node = str(memory_nodes()[-1] + 1)
    one = container(linux={"resources": {"cpu": {"mems": node}}})
    if one.attempt_create().ok and (found := cgroup.of(one).text(v1="cpuset.mems", v2="cpuset.mems")) != node:
        raise Finding(f"the memory node {node} is set, or refused", f"`create` succeeded; the nodes are {found!r}")
