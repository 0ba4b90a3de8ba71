"""The devices that a container may use (config-linux.md, Devices and Allowed Device list).

cgroup v1 has a controller for it, which keeps no order: one policy for all devices, and exceptions from it. With
cgroup v2, it is a program in the kernel that is asked for each access.
"""

from __future__ import annotations

import errno
import os

from reference_runtime import kernel_files
from reference_runtime.cgroups import groups
from reference_runtime.devices import DEFAULT_DEVICES
from reference_runtime.errors import SyscallFailed, UnsupportedConfig, call
from reference_runtime.steps import RUNTIME, Step

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Any

    from reference_runtime.config import Config
    from reference_runtime.context import Context
    from reference_runtime.host import Hierarchy, Host

    Rule = dict[str, Any]
    # Type, major and minor; None is any.
    Devices = tuple[str, int | None, int | None]

ALL = "rwm"
"""Every access: to read, to write, to make a device node."""

# pts(4): what is opened through /dev/ptmx, and the other ends.
_PSEUDOTERMINALS: tuple[tuple[int, int | None], ...] = ((5, 2), (136, None))

_WHY = "config_linux.resources.devices.order"
_PLACE = "$.linux.resources.devices"


def plan(config: Config, host: Host) -> Iterator[Step]:
    """Restrict the container to its devices. Raises `UnsupportedConfig`.

    It comes when the device nodes are made, for that is an access as well.
    """
    asked = bool(configured(config))
    hierarchy = _hierarchy(groups.hierarchies(config, host))
    if hierarchy is None:
        if asked:
            raise UnsupportedConfig(_PLACE, "needs a cgroup hierarchy that controls devices, and this host has none")
        return
    path = groups.directory(config, hierarchy)
    if host.exists(path) and not asked:
        # Whoever made the cgroup has said what it allows.
        return
    if hierarchy.type == "cgroup":
        settings = list(settings_v1(rules(config)))
        yield Step("cgroups.devices.set_v1", _WHY, _PLACE, where=RUNTIME, path=path, settings=settings)
    else:
        yield Step("cgroups.devices.set_v2", _WHY, _PLACE, where=RUNTIME, path=path, rules=rules(config), asked=asked)


def configured(config: Config) -> list[dict[str, Any]]:
    """The entries of the allowed device list."""
    return list((config.linux.get("resources") or {}).get("devices") or ())


def rules(config: Config) -> list[Rule]:
    """All that is said about devices; of two rules about the same access, the later holds.

    First the devices that the container is given, then what the config says, and at last the default devices, which
    every container has.
    """
    listed = [device for device in config.linux.get("devices") or () if device["type"] != "p"]
    return [
        _rule(allow=False),
        *(_rule(type_="b" if d["type"] == "b" else "c", major=d["major"], minor=d["minor"]) for d in listed),
        *(_of_entry(entry) for entry in configured(config)),
        *(_rule(type_="c", major=major, minor=minor) for _, major, minor in DEFAULT_DEVICES),
        *(_rule(type_="c", major=major, minor=minor) for major, minor in _PSEUDOTERMINALS),
    ]


def _rule(
    *, allow: bool = True, type_: str = "a", major: int | None = None, minor: int | None = None, access: str = ALL
) -> Rule:
    return {"allow": allow, "type": type_, "major": major, "minor": minor, "access": access}


def _of_entry(entry: dict[str, Any]) -> Rule:
    # Not given is any; Docker writes -1 for that. What is meant without an access is not said: all of them.
    numbers = {name: None if entry.get(name, -1) == -1 else entry[name] for name in ("major", "minor")}
    return _rule(allow=entry["allow"], type_=entry.get("type") or "a", **numbers, access=entry.get("access") or ALL)


def settings_v1(rules: Iterable[Rule]) -> Iterator[list[str]]:
    """The files of the controller, and what is written to them, in order. Raises `UnsupportedConfig` for rules that
    neither of the two policies can express, such as all devices of a major but for one.
    """
    rules = list(rules)
    for policy in (False, True):
        exceptions = _exceptions(rules, policy)
        if exceptions is not None:
            break
    else:
        raise UnsupportedConfig(_PLACE, "is more than cgroup v1 can express, which has no order")
    yield [_file(policy), "a"]
    for (type_, major, minor), access in exceptions.items():
        numbers = ":".join("*" if number is None else str(number) for number in (major, minor))
        yield [_file(not policy), f"{type_} {numbers} {''.join(letter for letter in ALL if letter in access)}"]


def _file(allow: bool) -> str:
    return "devices.allow" if allow else "devices.deny"


def _exceptions(rules: list[Rule], policy: bool) -> dict[Devices, set[str]] | None:
    """What is not as the policy says, if all devices are allowed, or none; None where that cannot be expressed."""
    # What no rule is about is denied.
    exceptions: dict[Devices, set[str]] = {(type_, None, None): set(ALL) for type_ in "cb" if policy}
    for rule in rules:
        for type_ in "cb" if rule["type"] == "a" else rule["type"]:
            devices = (type_, rule["major"], rule["minor"])
            access = set(rule["access"])
            if rule["allow"] != policy:
                exceptions.setdefault(devices, set()).update(access)
                continue
            for other in [found for found in exceptions if _overlap(found, devices) and exceptions[found] & access]:
                if not _includes(devices, other):
                    return None
                exceptions[other] -= access
                if not exceptions[other]:
                    del exceptions[other]
    # To read and write at once, the kernel wants one exception that has both.
    return {
        devices: set().union(*(exceptions[other] for other in exceptions if _includes(other, devices)))
        for devices in exceptions
    }


def _overlap(one: Devices, other: Devices) -> bool:
    return one[0] == other[0] and all(a is None or b is None or a == b for a, b in zip(one[1:], other[1:], strict=True))


def _includes(one: Devices, other: Devices) -> bool:
    return one[0] == other[0] and all(a in (None, b) for a, b in zip(one[1:], other[1:], strict=True))


def _hierarchy(hierarchies: list[Hierarchy]) -> Hierarchy | None:
    of_v1 = next((found for found in hierarchies if "devices" in found.controllers), None)
    return of_v1 or next((found for found in hierarchies if found.type == "cgroup2"), None)


def set_v1(context: Context, path: str, settings: list[list[str]]) -> None:
    """Set the policy, and then the exceptions."""
    for name, value in settings:
        kernel_files.write(os.path.join(path, name), value)


def set_v2(context: Context, path: str, rules: list[Rule], asked: bool) -> None:
    """Have the kernel ask a program of ours for each access of the cgroup's processes."""
    from reference_runtime.cgroups import device_program

    try:
        program = device_program.load(device_program.assembled(rules))
    except SyscallFailed as error:
        # Who may not load programs may not make device nodes either: there is nothing to be kept from.
        if error.errno == errno.EPERM and not asked:
            return
        raise
    try:
        cgroup = call(os.open, path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            device_program.attach(program, cgroup)
        finally:
            os.close(cgroup)
    finally:
        # It is the cgroup that keeps it.
        os.close(program)
