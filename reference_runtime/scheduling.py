"""How the process is scheduled, and its input and output (config.md, Linux Process): scheduler, ioPriority.

The runtime sets both for the process, which has not the rights any more.
"""

from __future__ import annotations

from reference_runtime import older_syscalls
from reference_runtime.steps import RUNTIME, Step

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from reference_runtime.config import Config
    from reference_runtime.context import Context

# sched(7), in the order of their numbers; 4 is reserved for one that was never made.
POLICIES = (
    "SCHED_OTHER",
    "SCHED_FIFO",
    "SCHED_RR",
    "SCHED_BATCH",
    "SCHED_ISO",
    "SCHED_IDLE",
    "SCHED_DEADLINE",
)

# sched_setattr(2), in the order of their bits.
FLAGS = (
    "SCHED_FLAG_RESET_ON_FORK",
    "SCHED_FLAG_RECLAIM",
    "SCHED_FLAG_DL_OVERRUN",
    "SCHED_FLAG_KEEP_POLICY",
    "SCHED_FLAG_KEEP_PARAMS",
    "SCHED_FLAG_UTIL_CLAMP_MIN",
    "SCHED_FLAG_UTIL_CLAMP_MAX",
)

# ioprio_set(2), in the order of their numbers, from 0.
IO_CLASSES = ("IOPRIO_CLASS_NONE", "IOPRIO_CLASS_RT", "IOPRIO_CLASS_BE", "IOPRIO_CLASS_IDLE")

_IO_CLASS_SHIFT = 13


def plan(config: Config) -> Iterator[Step]:
    """Set the scheduling of the process, and of its input and output."""
    scheduler = config.process.get("scheduler")
    if scheduler:
        yield Step(
            "scheduling.set_scheduler",
            "config.process.scheduler.policy.applied",
            "$.process.scheduler",
            where=RUNTIME,
            policy=scheduler["policy"],
            flags=scheduler.get("flags", []),
            **{name: scheduler.get(name, 0) for name in ("nice", "priority", "runtime", "deadline", "period")},
        )
    io_priority = config.process.get("ioPriority")
    if io_priority:
        yield Step(
            "scheduling.set_io_priority",
            "config.process.io_priority.process_group",
            "$.process.ioPriority",
            where=RUNTIME,
            class_=io_priority["class"],
            priority=io_priority["priority"],
        )


def set_scheduler(
    context: Context,
    policy: str,
    flags: list[str],
    nice: int,
    priority: int,
    runtime: int,
    deadline: int,
    period: int,
) -> None:
    """sched_setattr(2)."""
    mask = 0
    for flag in flags:
        mask |= 1 << FLAGS.index(flag)
    number = POLICIES.index(policy)
    older_syscalls.sched_setattr(context.pid, number, mask, nice, priority, runtime, deadline, period)


def set_io_priority(context: Context, class_: str, priority: int) -> None:
    """ioprio_set(2) of the process group, which the process leads."""
    value = IO_CLASSES.index(class_) << _IO_CLASS_SHIFT | priority
    older_syscalls.ioprio_set(older_syscalls.IOPRIO_WHO_PGRP, context.pid, value)
