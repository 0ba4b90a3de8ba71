"""Kernel parameters, the personality, and the propagation of the root mount."""

from __future__ import annotations

from conformance.validation.fault import WARNING, Fault
from conformance.validation.rule import each, rule
from reference_runtime.validation import member, shown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any


@rule("sysctl.name", "config_linux.sysctl.name")
def parameters_have_names(config: Any) -> Iterator[Fault]:
    """A kernel parameter is named as for sysctl(8): words, with a dot or a slash between each two."""
    for path, parameters in each(config, "linux", "sysctl", of=dict):
        for name in parameters:
            if "\0" in name or not all(name.replace("/", ".").split(".")):
                problem = f"{shown(name)} is no name of a kernel parameter, such as net.ipv4.ip_forward"
                yield Fault(member(path, name), problem, at_name=True)


@rule("personality.flags", "config_linux.personality.flags")
def personality_has_no_flags(config: Any) -> Iterator[Fault]:
    """There are no flags of the personality so far."""
    for path, flag in each(config, "linux", "personality", "flags", ..., of=str):
        yield Fault(path, f"{shown(flag)} is not supported: the specification has no flags so far")


# Every engine writes them, and every runtime takes them.
@rule("rootfs_propagation.recursive", "config_linux.rootfs_propagation.known", severity=WARNING)
def propagation_is_that_of_the_root_alone(config: Any) -> Iterator[Fault]:
    """The propagation of the root mount is one of the four, and not the recursive form that mounts have."""
    for path, value in each(config, "linux", "rootfsPropagation", of=str):
        if value in ("rshared", "rslave", "rprivate", "runbindable"):
            problem = f"{shown(value)} is an option of mounts, and none of shared, slave, private and unbindable"
            yield Fault(path, problem, suggestion=value.removeprefix("r"))
