"""How the process is scheduled: what sched(7) and sched_setattr(2) ask of it."""

from __future__ import annotations

from conformance.validation.cpu_lists import is_list
from conformance.validation.fault import NOTE, Fault
from conformance.validation.rule import each, rule
from reference_runtime.validation import shown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

_REAL_TIME = ("SCHED_FIFO", "SCHED_RR")
_NICE = ("SCHED_OTHER", "SCHED_BATCH")
_DEADLINE = "SCHED_DEADLINE"
_POLICIES = (*_REAL_TIME, *_NICE, _DEADLINE, "SCHED_IDLE", "SCHED_ISO")

_TIMES = ("runtime", "deadline", "period")

_SHORTEST, _LONGEST = 1024, 2**63 - 1
"""Nanoseconds of the deadline scheduler."""


@rule("scheduler.priority", "config.process.scheduler.priority.range")
def priority_is_of_the_policy(config: Any) -> Iterator[Fault]:
    """Real-time policies have priorities, and others have none."""
    for path, scheduler in each(config, "process", "scheduler", of=dict):
        policy, priority = scheduler.get("policy"), scheduler.get("priority", 0)
        if not isinstance(priority, int) or policy not in _POLICIES:
            continue
        if policy in _REAL_TIME and not 1 <= priority <= 99:
            missing = "is required: " if "priority" not in scheduler else f"{priority} is out of range: "
            yield Fault(f"{path}.priority", f"{missing}{policy} has the priorities 1 to 99", allowed=["1 to 99"])
        elif policy not in _REAL_TIME and priority != 0:
            yield Fault(f"{path}.priority", f"must be 0, or left out, for {policy} has no priorities")


@rule("scheduler.deadline", "config.process.scheduler.deadline.order")
def deadline_can_be_met(config: Any) -> Iterator[Fault]:
    """The times of the deadline scheduler are long enough, and each fits into the next."""
    for path, scheduler in each(config, "process", "scheduler", of=dict):
        times = [scheduler.get(name, 0) for name in _TIMES]
        if scheduler.get("policy") != _DEADLINE or not all(isinstance(time, int) for time in times):
            continue
        runtime, deadline, period = times
        if not _SHORTEST <= runtime <= _LONGEST:
            missing = "is required: " if "runtime" not in scheduler else ""
            yield Fault(f"{path}.runtime", f"{missing}{_DEADLINE} needs {_SHORTEST} nanoseconds or more, below 2^63")
        elif not runtime <= deadline <= _LONGEST:
            missing = "is required: " if "deadline" not in scheduler else ""
            yield Fault(f"{path}.deadline", f"{missing}{_DEADLINE} needs one of at least the runtime, below 2^63")
        elif period and not deadline <= period <= _LONGEST:
            yield Fault(f"{path}.period", f"{period} is less than the deadline, or not below 2^63")


@rule("scheduler.unused", severity=NOTE)
def scheduler_has_what_it_uses(config: Any) -> Iterator[Fault]:
    """What a policy does not use is not set."""
    for path, scheduler in each(config, "process", "scheduler", of=dict):
        policy = scheduler.get("policy")
        if policy not in _POLICIES:
            continue
        unused = [*(() if policy in _NICE else ("nice",)), *(() if policy == _DEADLINE else _TIMES)]
        for name in unused:
            if scheduler.get(name):
                yield Fault(f"{path}.{name}", f"is for other policies than {policy}", at_name=True)


@rule("scheduler.iso", severity=NOTE)
def policy_is_implemented(config: Any) -> Iterator[Fault]:
    """The policy is one that Linux has."""
    for path, policy in each(config, "process", "scheduler", "policy", of=str):
        if policy == "SCHED_ISO":
            yield Fault(path, "is SCHED_ISO, which Linux has reserved and not implemented")


@rule("scheduler.nice", severity=NOTE)
def nice_value_exists(config: Any) -> Iterator[Fault]:
    """A nice value is one of -20 to 19."""
    for path, nice in each(config, "process", "scheduler", "nice", of=int):
        if not -20 <= nice <= 19:
            yield Fault(path, f"{nice} is no nice value: the kernel takes {max(-20, min(nice, 19))} for it")


@rule("exec_cpu_affinity.list", "config.process.exec_cpu_affinity.list")
def cpus_are_a_list(config: Any) -> Iterator[Fault]:
    """CPUs are numbers and ranges of numbers, with commas between them."""
    for name in ("initial", "final"):
        for path, cpus in each(config, "process", "execCPUAffinity", name, of=str):
            if cpus and not is_list(cpus):
                problem = f"{shown(cpus)} is no list of CPUs"
                yield Fault(path, problem, allowed=["numbers and ranges, such as 0-3,7"])
