"""Resource limits."""

from __future__ import annotations

from conformance.validation import platforms
from conformance.validation.fault import Fault
from conformance.validation.kernel_names import RESOURCES
from conformance.validation.rule import each, rule
from reference_runtime.validation import shown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any


@rule("rlimits.type", "config.process.rlimits.type.known")
def type_is_known(config: Any) -> Iterator[Fault]:
    """On Linux the type is one of getrlimit(2)."""
    if platforms.is_linux(config):
        for path, type_ in each(config, "process", "rlimits", ..., "type", of=str):
            if type_ not in RESOURCES:
                from conformance.validation.spelling import nearest

                problem = f"{shown(type_)} is no resource of getrlimit(2)"
                yield Fault(path, problem, allowed=RESOURCES, suggestion=nearest(type_, RESOURCES))


@rule("rlimits.ceiling", "config.process.rlimits.soft.ceiling")
def soft_limit_is_below_the_hard_one(config: Any) -> Iterator[Fault]:
    """The soft limit is not above the hard one, or setrlimit(2) fails."""
    for path, limit in each(config, "process", "rlimits", ..., of=dict):
        for _, soft in each(limit, "soft", of=int):
            for _, hard in each(limit, "hard", of=int):
                if 0 <= hard < soft:
                    yield Fault(f"{path}.soft", f"{soft} is above the hard limit, which is {hard}")
