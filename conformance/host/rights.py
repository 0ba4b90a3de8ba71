"""What the suite may do for the scheduling of a process, and so what it can ask of a runtime. Looking leaves no change."""

from __future__ import annotations

import os


def may_raise_priorities() -> bool:
    """Whether the suite may use a real-time policy, which is what CAP_SYS_NICE of this host allows."""
    before = os.sched_getscheduler(0), os.sched_getparam(0)
    try:
        os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1))
    except OSError:
        return False
    os.sched_setscheduler(0, *before)
    return True
