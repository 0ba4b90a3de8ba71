"""System calls that the C library has no function for, and whose numbers differ between architectures.

All of them raise `SyscallFailed`.
"""

from __future__ import annotations

import ctypes
import errno
import os

from reference_runtime.errors import SyscallFailed
from reference_runtime.syscalls import _checked, _syscall

_X86_64 = {"ioprio_set": 251, "set_mempolicy": 238, "sched_setattr": 314}
_GENERIC = {"ioprio_set": 30, "set_mempolicy": 237, "sched_setattr": 274}
_POWERPC = {"ioprio_set": 273, "set_mempolicy": 261, "sched_setattr": 355}
_S390 = {"ioprio_set": 282, "set_mempolicy": 270, "sched_setattr": 345}

# Each by both its names: uname(2) has the second for a 64-bit process of the execution domain LINUX32.
_NUMBERS = {
    **dict.fromkeys(("x86_64", "i686"), _X86_64),
    **dict.fromkeys(("aarch64", "armv8l", "riscv64", "riscv32", "loongarch64"), _GENERIC),
    **dict.fromkeys(("ppc64le", "ppcle"), _POWERPC),
    **dict.fromkeys(("s390x", "s390"), _S390),
}

IOPRIO_WHO_PGRP = 2


def _number(name: str) -> int:
    numbers = _NUMBERS.get(os.uname().machine)
    if numbers is None or ctypes.sizeof(ctypes.c_void_p) != 8:
        raise SyscallFailed(name, errno.ENOSYS)
    return numbers[name]


class _SchedulingAttributes(ctypes.Structure):
    _fields_ = (
        ("size", ctypes.c_uint32),
        ("policy", ctypes.c_uint32),
        ("flags", ctypes.c_uint64),
        ("nice", ctypes.c_int32),
        ("priority", ctypes.c_uint32),
        ("runtime", ctypes.c_uint64),
        ("deadline", ctypes.c_uint64),
        ("period", ctypes.c_uint64),
    )


def sched_setattr(
    pid: int, policy: int, flags: int, nice: int, priority: int, runtime: int, deadline: int, period: int
) -> None:
    """sched_setattr(2); the times are nanoseconds."""
    size = ctypes.sizeof(_SchedulingAttributes)
    attributes = _SchedulingAttributes(size, policy, flags, nice, priority, runtime, deadline, period)
    _checked("sched_setattr", _syscall(_number("sched_setattr"), pid, ctypes.byref(attributes), 0))


def ioprio_set(which: int, who: int, priority: int) -> None:
    """ioprio_set(2)."""
    _checked("ioprio_set", _syscall(_number("ioprio_set"), which, who, priority))


def set_mempolicy(mode: int, nodes: int) -> None:
    """set_mempolicy(2) of this thread; `nodes` is a mask, 0 for none."""
    bits = ctypes.sizeof(ctypes.c_ulong) * 8
    count = -(-nodes.bit_length() // bits)
    words = [nodes >> bits * index & (1 << bits) - 1 for index in range(count)]
    mask = (ctypes.c_ulong * count)(*words) if count else None
    # The kernel takes one bit less than it is told of.
    _checked("set_mempolicy", _syscall(_number("set_mempolicy"), mode, mask, count * bits + 1 if count else 0))
