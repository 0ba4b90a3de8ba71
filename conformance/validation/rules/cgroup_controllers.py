"""The controllers of networks, of tasks and of RDMA."""

from __future__ import annotations

from conformance.validation import network_names
from conformance.validation.fault import NOTE, Fault
from conformance.validation.resources import integers
from conformance.validation.rule import each, rule
from reference_runtime.validation import member, shown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

_PRIORITIES = ("linux", "resources", "network", "priorities", ...)


@rule("network.name", "config_linux.resources.network.priorities.name")
def interfaces_can_exist(config: Any) -> Iterator[Fault]:
    """A priority is on an interface that Linux can have."""
    for path, name in each(config, *_PRIORITIES, "name", of=str):
        problem = network_names.problem(name)
        if problem:
            yield Fault(path, problem)


@rule("network.duplicate", severity=NOTE)
def interfaces_are_listed_once(config: Any) -> Iterator[Fault]:
    """An interface has one priority."""
    first: dict[str, str] = {}
    for path, name in each(config, *_PRIORITIES, "name", of=str):
        earlier = first.setdefault(name, path)
        if earlier != path:
            yield Fault(path, f"{shown(name)} is there twice", related=[("the first one", earlier)])


# Required until 1.2.1.
@rule("pids.limit", "config_linux.resources.pids.limit.required")
def tasks_have_a_limit(config: Any) -> Iterator[Fault]:
    """There is a limit of tasks, if there is an object for it."""
    for path, pids in each(config, "linux", "resources", "pids", of=dict):
        if "limit" not in pids:
            yield Fault(f"{path}.limit", "is required before version 1.3.0 of the specification")


@rule("pids.zero", severity=NOTE)
def there_can_be_tasks(config: Any) -> Iterator[Fault]:
    """The limit of tasks is not 0, which some take for none."""
    for path, (limit,) in integers(config, "pids", "limit"):
        if limit == 0:
            yield Fault(f"{path}.limit", "is 0: no task may be added; without a limit, it would be -1")


@rule("rdma.device", "config_linux.resources.rdma.devices")
def devices_can_exist(config: Any) -> Iterator[Fault]:
    """A device has a name that the kernel can write as one word, and as that of a directory."""
    for path, devices in each(config, "linux", "resources", "rdma", of=dict):
        for name in devices:
            if name in ("", ".", "..") or "/" in name or name.split() != [name]:
                yield Fault(member(path, name), f"{shown(name)} is no name of a device, such as mlx5_1", at_name=True)


@rule("rdma.no_limit", "config_linux.resources.rdma.some_limit")
def devices_have_a_limit(config: Any) -> Iterator[Fault]:
    """A device that is listed has a limit."""
    for path, limits in each(config, "linux", "resources", "rdma", ..., of=dict):
        if "hcaHandles" not in limits and "hcaObjects" not in limits:
            yield Fault(path, "needs hcaHandles or hcaObjects, or both")
