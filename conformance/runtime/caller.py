"""The caller of the runtime is the suite, and a process inherits much of its caller: to be another caller for a while."""

from __future__ import annotations

import contextlib
import ctypes
import dataclasses
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conformance.runtime.driver import Runtime

_libc = ctypes.CDLL(None, use_errno=True)

_PR_CAPBSET_DROP = 24

# A user who is root gets what is permitted from the bounding set with each program (capabilities(7)).
_DROPPING = f"""
import ctypes, os, sys
if ctypes.CDLL(None).prctl({_PR_CAPBSET_DROP}, int(sys.argv[1]), 0, 0, 0) != 0:
    sys.exit("the suite cannot drop the capability")
os.execv(sys.argv[2], sys.argv[2:])
"""

_DETACHING = """
import ctypes, os, sys
libc = ctypes.CDLL(None)
CLONE_NEWNS, MS_REC, MS_PRIVATE, MNT_DETACH = 0x20000, 0x4000, 0x40000, 2
if libc.unshare(CLONE_NEWNS) or libc.mount(None, b"/", None, MS_REC | MS_PRIVATE, None):
    sys.exit("the suite cannot make a mount namespace")
if libc.umount2(sys.argv[1].encode(), MNT_DETACH):
    sys.exit("the suite cannot unmount")
os.execv(sys.argv[2], sys.argv[2:])
"""


@contextlib.contextmanager
def with_oom_score(score: int) -> Iterator[None]:
    """Be a caller with an oom_score_adj, which is not lower than the own one."""
    file = Path("/proc/self/oom_score_adj")
    before = file.read_text(encoding="ascii")
    file.write_text(str(score), encoding="ascii")
    try:
        yield
    finally:
        file.write_text(before, encoding="ascii")


@contextlib.contextmanager
def with_scheduling(policy: int, nice: int) -> Iterator[None]:
    """Be a caller with a scheduling policy that has no priorities, and a nice value."""
    before = os.sched_getscheduler(0), os.sched_getparam(0), os.getpriority(os.PRIO_PROCESS, 0)
    os.sched_setscheduler(0, policy, os.sched_param(0))
    os.setpriority(os.PRIO_PROCESS, 0, nice)
    try:
        yield
    finally:
        os.setpriority(os.PRIO_PROCESS, 0, before[2])
        os.sched_setscheduler(0, before[0], before[1])


@contextlib.contextmanager
def with_personality(persona: int) -> Iterator[None]:
    """Be a caller with an execution domain (personality(2))."""
    before = _libc.personality(ctypes.c_ulong(persona))
    try:
        yield
    finally:
        _libc.personality(ctypes.c_ulong(before))


def without_capability(runtime: Runtime, number: int) -> Runtime:
    """The runtime, called without a capability."""
    return _through(runtime, _DROPPING, str(number))


def without_mount(runtime: Runtime, mount_point: str) -> Runtime:
    """The runtime, called in a mount namespace that has not one of the mounts."""
    return _through(runtime, _DETACHING, mount_point)


def _through(runtime: Runtime, program: str, *words: str) -> Runtime:
    return dataclasses.replace(runtime, argv=(sys.executable, "-IS", "-c", program, *words, *runtime.argv))
