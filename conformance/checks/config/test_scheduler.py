"""Linux Process: scheduler, and execCPUAffinity."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from conformance import needs, requirement
from conformance.host.traces import mounts
from conformance.runtime.caller import with_scheduling

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conformance.facts.reports import Facts
    from conformance.fixtures import MakeContainer
    from conformance.session import Session

DEADLINE: dict[str, Any] = {
    "policy": "SCHED_DEADLINE",
    "runtime": 10_000_000,
    "deadline": 20_000_000,
    "period": 30_000_000,
}

RESET_ON_FORK, RECLAIM, DL_OVERRUN = 1, 2, 4


@pytest.fixture
def cgroup(conformance_session: Session) -> Iterator[str]:
    """A value for `cgroupsPath`: with cgroup v1, a new cgroup may have no time for real-time processes; this one has."""
    name = f"{conformance_session.name}-{conformance_session.worker}-scheduler"
    made = []
    for mount in mounts():
        if mount.type == "cgroup" and "cpu" in mount.super_options:
            time = Path(mount.mount_point, name, "cpu.rt_runtime_us")
            time.parent.mkdir()
            made.append(time.parent)
            if time.exists():
                time.write_text("1000", encoding="ascii")
    yield f"/{name}"
    for directory in made:
        # The runtime may have removed it with the container.
        with contextlib.suppress(FileNotFoundError):
            directory.rmdir()


def facts_of(container: MakeContainer, *, cgroup: str | None = None, **scheduler: Any) -> Facts:
    """What a program sees that runs with this scheduler."""
    linux = {} if cgroup is None else {"cgroupsPath": cgroup}
    one = container(process={"scheduler": scheduler}, linux=linux)
    return one.create_supporting(f"the scheduler {scheduler}").start().facts()


@requirement("config.process.scheduler.policy.applied")
@needs("capability.sys_nice")
@pytest.mark.parametrize(
    ("policy", "settings", "number"),
    [
        ("SCHED_BATCH", {}, os.SCHED_BATCH),
        ("SCHED_IDLE", {}, os.SCHED_IDLE),
        ("SCHED_DEADLINE", DEADLINE, 6),
    ],
)
def test_policy_is_in_force(container: MakeContainer, policy: str, settings: dict[str, Any], number: int) -> None:
    assert facts_of(container, **{"policy": policy, **settings}).scheduling["policy"] == number


@requirement("config.process.scheduler.policy.applied", "config.process.scheduler.priority.applied")
@needs("capability.sys_nice", "cgroup")
@pytest.mark.parametrize(("policy", "number"), [("SCHED_FIFO", os.SCHED_FIFO), ("SCHED_RR", os.SCHED_RR)])
@pytest.mark.parametrize("priority", [1, 99])
def test_real_time_policy_is_in_force(
    cgroup: str, container: MakeContainer, policy: str, number: int, priority: int
) -> None:
    found = facts_of(container, cgroup=cgroup, policy=policy, priority=priority).scheduling
    assert (found["policy"], found["priority"]) == (number, priority)


@requirement("config.process.scheduler.policy.applied")
@needs("capability.sys_nice")
def test_policy_other_is_in_force_when_the_caller_has_another(container: MakeContainer) -> None:
    with with_scheduling(os.SCHED_BATCH, 0):
        facts = facts_of(container, policy="SCHED_OTHER")
    assert facts.scheduling["policy"] == os.SCHED_OTHER


@requirement("config.process.scheduler.nice.applied")
@needs("capability.sys_nice")
@pytest.mark.parametrize("nice", [7, -3])
@pytest.mark.parametrize("policy", ["SCHED_OTHER", "SCHED_BATCH"])
def test_nice_value_is_in_force(container: MakeContainer, policy: str, nice: int) -> None:
    assert facts_of(container, policy=policy, nice=nice).scheduling["nice"] == nice


@requirement("config.process.scheduler.nice.applied")
@needs("capability.sys_nice")
def test_nice_value_is_0_if_it_is_not_set(container: MakeContainer) -> None:
    with with_scheduling(os.SCHED_OTHER, 4):
        facts = facts_of(container, policy="SCHED_OTHER")
    assert facts.scheduling["nice"] == 0


@requirement("config.process.scheduler.flags.applied")
@needs("capability.sys_nice")
@pytest.mark.parametrize(
    ("scheduler", "flag", "bit"),
    [
        ({"policy": "SCHED_OTHER"}, "SCHED_FLAG_RESET_ON_FORK", RESET_ON_FORK),
        (DEADLINE, "SCHED_FLAG_RESET_ON_FORK", RESET_ON_FORK),
        (DEADLINE, "SCHED_FLAG_RECLAIM", RECLAIM),
        (DEADLINE, "SCHED_FLAG_DL_OVERRUN", DL_OVERRUN),
    ],
    ids=["RESET_ON_FORK", "RESET_ON_FORK-DEADLINE", "RECLAIM", "DL_OVERRUN"],
)
def test_flag_is_set(container: MakeContainer, scheduler: dict[str, Any], flag: str, bit: int) -> None:
    facts = facts_of(container, **scheduler, flags=[flag])
    assert facts.scheduling.get("flags") == bit


@requirement("config.process.scheduler.flags.applied")
@needs("capability.sys_nice")
@pytest.mark.parametrize(
    ("flag", "kept"),
    [("SCHED_FLAG_KEEP_POLICY", ("policy", os.SCHED_BATCH)), ("SCHED_FLAG_KEEP_PARAMS", ("nice", 4))],
    ids=["KEEP_POLICY", "KEEP_PARAMS"],
)
def test_flag_keeps_what_the_caller_has(container: MakeContainer, flag: str, kept: tuple[str, int]) -> None:
    with with_scheduling(os.SCHED_BATCH, 4):
        facts = facts_of(container, policy="SCHED_OTHER", nice=9, flags=[flag])
    name, value = kept
    assert facts.scheduling[name] == value


@requirement("config.process.scheduler.deadline.applied")
@needs("capability.sys_nice")
@pytest.mark.parametrize("period", [DEADLINE["period"], 0], ids=["all", "no period"])
def test_times_of_the_deadline_scheduler_are_in_force(container: MakeContainer, period: int) -> None:
    times = {"runtime": DEADLINE["runtime"], "deadline": DEADLINE["deadline"], **({"period": period} if period else {})}
    found = facts_of(container, policy="SCHED_DEADLINE", **times).scheduling
    # To the kernel, a period of 0 is the deadline (sched_setattr(2)).
    expected = {**times, "period": period or times["deadline"]}
    assert {name: found.get(name) for name in expected} == expected


@requirement("config.process.exec_cpu_affinity.not_init")
@needs("cpus.several")
def test_affinity_for_later_processes_is_not_the_init_process_s(container: MakeContainer) -> None:
    cpu = str(min(os.sched_getaffinity(0)))
    one = container(process={"execCPUAffinity": {"initial": cpu, "final": cpu}})
    facts = one.create_supporting("execCPUAffinity").start().facts()
    assert facts.scheduling["cpus"] == container().facts().scheduling["cpus"]
