"""The network devices that are moved to a container."""

from __future__ import annotations

from conformance.validation import namespaces, network_names
from conformance.validation.fault import Fault
from conformance.validation.rule import each, rule
from reference_runtime.validation import member, shown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

_LOOPBACK = "lo"


@rule("net_devices.namespace", "config_linux.net_devices.movable")
def devices_have_a_namespace(config: Any) -> Iterator[Fault]:
    """There is a network namespace to which the devices can be moved."""
    for path, devices in each(config, "linux", "netDevices", of=dict):
        if devices and namespaces.is_inherited(config, "network"):
            yield Fault(path, "needs a network namespace, and linux.namespaces has none")


@rule("net_devices.names", "config_linux.net_devices.name.valid")
def names_are_valid(config: Any) -> Iterator[Fault]:
    """The names are such that the kernel takes them."""
    for path, devices in each(config, "linux", "netDevices", of=dict):
        for name in devices:
            problem = network_names.problem(name)
            if problem:
                yield Fault(member(path, name), problem, at_name=True)
    for path, name in each(config, "linux", "netDevices", ..., "name", of=str):
        problem = network_names.problem(name)
        if problem is None and "%" in name and name.replace("%d", "", 1).count("%"):
            problem = f"{shown(name)} is no template: % is allowed as one %d only"
        if problem:
            yield Fault(path, problem)


@rule("net_devices.loopback", "config_linux.net_devices.movable", "config_linux.net_devices.name.taken")
def loopback_stays(config: Any) -> Iterator[Fault]:
    """The loopback device of the host is not moved, and nothing takes the name of that of the container."""
    for path, devices in each(config, "linux", "netDevices", of=dict):
        if _LOOPBACK in devices:
            problem = "is the loopback device, which stays in its network namespace"
            broken = ["config_linux.net_devices.movable"]
            yield Fault(member(path, _LOOPBACK), problem, at_name=True, requirements=broken)
    for path, name in each(config, "linux", "netDevices", ..., "name", of=str):
        if name == _LOOPBACK and not path.endswith(f".{_LOOPBACK}.name"):
            problem = "'lo' is the name of the loopback device that every network namespace has"
            yield Fault(path, problem, requirements=["config_linux.net_devices.name.taken"])


@rule("net_devices.duplicate", "config_linux.net_devices.name.taken")
def names_are_unique(config: Any) -> Iterator[Fault]:
    """No two devices get one name in the container."""
    first: dict[str, str] = {}
    for path, devices in each(config, "linux", "netDevices", of=dict):
        for key, device in devices.items():
            given = isinstance(device, dict) and "name" in device
            name = device["name"] if given else key if isinstance(device, dict) else None
            place = member(path, key) + (".name" if given else "")
            if not isinstance(name, str) or "%" in name or name == _LOOPBACK or network_names.problem(name):
                continue
            if name in first:
                problem = f"{shown(name)} is the name of another device, too"
                yield Fault(place, problem, at_name=not given, related=[("the other one", first[name])])
            first.setdefault(name, place)
