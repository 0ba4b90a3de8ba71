"""Capabilities, as capabilities(7) has them."""

from __future__ import annotations

from conformance.validation.fault import WARNING, Fault
from conformance.validation.kernel_names import CAPABILITIES
from conformance.validation.rule import each, rule
from reference_runtime.validation import shown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

_NEEDED = (("effective", "permitted"), ("ambient", "permitted"), ("ambient", "inheritable"))
"""What is in the first set has to be in the second one, or the kernel does not grant it."""

_LOOKED_AT = 50
"""Unknown names that are compared with all that are known, at the most."""


# An error until 1.0.2; then, runtimes had to go on with a warning.
@rule("capabilities.mapped", "config.process.capabilities.mapped")
def capability_was_known(config: Any) -> Iterator[Fault]:
    """A capability is one of Linux."""
    yield from _unknown(config)


@rule("capabilities.known", "config.process.capabilities.known", severity=WARNING)
def capability_is_known(config: Any) -> Iterator[Fault]:
    """A capability is one of Linux, for others have no effect."""
    yield from _unknown(config)


def _unknown(config: Any) -> Iterator[Fault]:
    names = each(config, "process", "capabilities", ..., ..., of=str)
    unknown = ((path, name) for path, name in names if name not in CAPABILITIES)
    for number, (path, name) in enumerate(unknown):
        meant = _meant(name) if number < _LOOKED_AT else None
        yield Fault(path, f"{shown(name)} is none of capabilities(7)", suggestion=meant)


def _meant(name: str) -> str | None:
    from conformance.validation.spelling import nearest

    prefixed = f"CAP_{name.upper()}"
    return prefixed if prefixed in CAPABILITIES else nearest(name, CAPABILITIES)


# A warning, for a runtime has to warn of it, and should not fail.
@rule("capabilities.grantable", "config.process.capabilities.grantable", severity=WARNING)
def capabilities_can_be_granted(config: Any) -> Iterator[Fault]:
    """What is effective is permitted; what is ambient is permitted and inheritable."""
    for path, sets in each(config, "process", "capabilities", of=dict):
        for name in ("effective", "ambient"):
            # Most often a whole set was forgotten, so there is one fault for all that is lacking.
            lacking = [
                (index, capability, needed)
                for one, needed in _NEEDED
                if one == name
                for index, capability in _known(sets, name)
                if capability not in {found for _, found in _known(sets, needed)}
            ]
            if lacking:
                index, capability, needed = lacking[0]
                more = f" (and {len(lacking) - 1} more like it)" if len(lacking) > 1 else ""
                problem = f"{capability} is not {needed}, so it cannot be {name}{more}"
                yield Fault(f"{path}.{name}[{index}]", problem)


def _known(sets: dict[str, Any], name: str) -> list[tuple[int, str]]:
    """The capabilities of a set that there are, each with its first index."""
    listed = sets.get(name)
    if not isinstance(listed, list):
        return []
    return [(listed.index(capability), capability) for capability in CAPABILITIES if capability in listed]
