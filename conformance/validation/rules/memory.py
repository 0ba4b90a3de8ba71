"""Limits of memory: what they have to do with each other, as the kernel has them."""

from __future__ import annotations

from conformance.validation.fault import NOTE, Fault
from conformance.validation.resources import integers
from conformance.validation.rule import each, rule

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any


# The kernel's text on the memory controller recommends it, and the specification has an example that does otherwise.
@rule("memory.reservation", severity=NOTE)
def reservation_is_below_the_limit(config: Any) -> Iterator[Fault]:
    """The soft limit is not above the hard one, which would take precedence."""
    for path, (limit, reservation) in integers(config, "memory", "limit", "reservation"):
        # Runtimes take 0 for none.
        if 0 < limit < reservation:
            problem = f"{reservation} is more than limit, {limit}, which takes precedence"
            yield Fault(f"{path}.reservation", problem)


@rule("memory.swap", severity=NOTE)
def swap_is_counted_with_memory(config: Any) -> Iterator[Fault]:
    """The limit of memory and swap together is not below that of memory, which Linux refuses."""
    for path, (limit, swap) in integers(config, "memory", "limit", "swap"):
        if 0 < swap < limit:
            problem = f"{swap} is less than limit, {limit}, though it is for memory and swap together"
            yield Fault(f"{path}.swap", problem)


@rule("memory.unlimited_with_swap", severity=NOTE)
def limit_of_swap_has_a_limit_of_memory(config: Any) -> Iterator[Fault]:
    """Memory and swap together have no limit where memory alone has none, which Linux refuses."""
    for path, (swap,) in integers(config, "memory", "swap"):
        for _, memory in each(config, "linux", "resources", "memory", of=dict):
            if swap > 0 and memory.get("limit", -1) == -1:
                yield Fault(f"{path}.swap", "is for memory and swap together, and memory alone has no limit")


@rule("memory.hierarchy", severity=NOTE)
def hierarchy_is_used(config: Any) -> Iterator[Fault]:
    """The cgroups below share the limits, for Linux has nothing else since 5.11."""
    for path, used in each(config, "linux", "resources", "memory", "useHierarchy", of=bool):
        if not used:
            yield Fault(path, "is false, which Linux refuses since 5.11")
