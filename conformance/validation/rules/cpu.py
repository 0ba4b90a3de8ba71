"""CPU time, CPUs and memory nodes of a container."""

from __future__ import annotations

from conformance.validation import cpu_lists
from conformance.validation.fault import NOTE, Fault
from conformance.validation.resources import integers
from conformance.validation.rule import each, rule
from reference_runtime.validation import shown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

_SHORTEST, _LONGEST = 1_000, 1_000_000
"""Microseconds of a quota or a period at the least, and of a period at the most: the kernel's sched-bwc."""

_LEAST_SHARES, _MOST_SHARES = 2, 262_144


@rule("cpu.burst", "config_linux.resources.cpu.burst.within_quota")
def burst_is_within_the_quota(config: Any) -> Iterator[Fault]:
    """What may be saved up is not more than the quota, if there is one."""
    for path, (burst, quota) in integers(config, "cpu", "burst", "quota"):
        if 0 < quota < burst:
            yield Fault(f"{path}.burst", f"{shown(burst)} is more than quota, {shown(quota)}")


@rule("cpu.cpus", "config_linux.resources.cpu.cpus.list")
def cpus_are_a_list(config: Any) -> Iterator[Fault]:
    """CPUs are numbers and ranges, with commas between them."""
    yield from _no_lists(config, "cpus", "CPUs")


@rule("cpu.mems", "config_linux.resources.cpu.mems.list")
def memory_nodes_are_a_list(config: Any) -> Iterator[Fault]:
    """Memory nodes are numbers and ranges, with commas between them."""
    yield from _no_lists(config, "mems", "memory nodes")


@rule("cpu.bandwidth", severity=NOTE)
def bandwidth_is_what_the_kernel_takes(config: Any) -> Iterator[Fault]:
    """A quota is a millisecond at the least, and a period is, too, and a second at the most."""
    for name in ("quota", "period"):
        for path, (time,) in integers(config, "cpu", name):
            # Runtimes take 0 for none.
            if 0 < time < _SHORTEST:
                yield Fault(f"{path}.{name}", f"{time} is less than a millisecond, and Linux refuses that")
            elif name == "period" and time > _LONGEST:
                yield Fault(f"{path}.{name}", f"{shown(time)} is more than a second, and Linux refuses that")


@rule("cpu.realtime", severity=NOTE)
def realtime_is_within_its_period(config: Any) -> Iterator[Fault]:
    """The time in a period of the realtime scheduler is not more than the period."""
    for path, (runtime, period) in integers(config, "cpu", "realtimeRuntime", "realtimePeriod"):
        if 0 < period < runtime:
            problem = f"{shown(runtime)} is more than realtimePeriod, {period}, and Linux refuses that"
            yield Fault(f"{path}.realtimeRuntime", problem)


@rule("cpu.shares", severity=NOTE)
def shares_are_what_the_kernel_has(config: Any) -> Iterator[Fault]:
    """Shares are in the range of Linux, or 0 for none."""
    for path, (shares,) in integers(config, "cpu", "shares"):
        if 0 < shares < _LEAST_SHARES:
            yield Fault(f"{path}.shares", f"{shares} is taken for {_LEAST_SHARES}, which is the least that Linux has")
        elif shares > _MOST_SHARES:
            problem = f"{shown(shares)} is taken for {_MOST_SHARES}, which is the most that Linux has"
            yield Fault(f"{path}.shares", problem)


@rule("cpu.idle_shares", severity=NOTE)
def idle_container_has_no_shares(config: Any) -> Iterator[Fault]:
    """A container that gets only what others leave has no shares."""
    for path, (idle, shares) in integers(config, "cpu", "idle", "shares"):
        if idle == 1 and shares > 0:
            yield Fault(f"{path}.shares", "is of no use, for idle is 1")


def _no_lists(config: Any, name: str, called: str) -> Iterator[Fault]:
    for path, text in each(config, "linux", "resources", "cpu", name, of=str):
        # Runtimes take an empty text for none.
        if text and not cpu_lists.is_list(text):
            yield Fault(path, f"{shown(text)} is no list of {called}", allowed=["numbers and ranges, such as 0-3,7"])
