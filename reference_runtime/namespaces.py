"""Namespaces: joined, created, inherited (config-linux.md, Namespaces), and their settings."""

from __future__ import annotations

import os

from reference_runtime import kernel_files, process, syscalls
from reference_runtime.errors import call
from reference_runtime.steps import RUNTIME, Step

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from reference_runtime.config import Config
    from reference_runtime.context import Context

# The order is the one in which they are joined and created: the user namespace comes first, for it owns the others.
FLAGS = {
    "user": 0x10000000,
    "cgroup": 0x02000000,
    "ipc": 0x08000000,
    "uts": 0x04000000,
    "network": 0x40000000,
    "pid": 0x20000000,
    "time": 0x00000080,
    "mount": 0x00020000,
}


def plan(config: Config) -> Iterator[Step]:
    """Join what has a path, create what has none, inherit what is not listed."""
    # Of a process that hides, the files in /proc are root's, and an ordinary user could not map IDs.
    if not config.creates("user"):
        yield from process.plan_hiding()
    entries = {entry["type"]: (index, entry) for index, entry in enumerate(config.linux.get("namespaces", ()))}
    for type_ in FLAGS:
        if type_ not in entries or "path" not in entries[type_][1]:
            continue
        index, entry = entries[type_]
        place = f"$.linux.namespaces[{index}].path"
        yield Step("namespaces.join", "config_linux.namespaces.path.joined", place, type_=type_, path=entry["path"])
    if config.creates("user"):
        yield from _user(config)
        yield from process.plan_hiding()
    created = [type_ for type_ in FLAGS if type_ != "user" and config.creates(type_)]
    if created:
        why = "config_linux.namespaces.created"
        yield Step("namespaces.create", why, "$.linux.namespaces", types=created)
    for clock, offset in config.linux.get("timeOffsets", {}).items():
        yield Step(
            "namespaces.offset_clock",
            "config_linux.time_offsets.applied",
            f"$.linux.timeOffsets.{clock}",
            where=RUNTIME,
            clock=clock,
            seconds=offset.get("secs", 0),
            nanoseconds=offset.get("nanosecs", 0),
        )


def names(config: Config) -> Iterator[Step]:
    """Set the host name and the domain name."""
    for name in ("hostname", "domainname"):
        if name in config.document:
            yield Step(f"namespaces.set_{name}", f"config.{name}.set", f"$.{name}", name=config.document[name])


def sysctls(config: Config) -> Iterator[Step]:
    """Set kernel parameters of the namespaces."""
    for name, value in config.linux.get("sysctl", {}).items():
        place = f"$.linux.sysctl['{name}']"
        yield Step("namespaces.set_sysctl", "config_linux.sysctl.applied", place, name=name, value=value)


def _user(config: Config) -> Iterator[Step]:
    yield Step("namespaces.create", "config_linux.namespaces.created", "$.linux.namespaces", types=["user"])
    for kind in ("uid", "gid"):
        yield Step(
            "namespaces.map_ids",
            "config_linux.id_mappings.applied",
            f"$.linux.{kind}Mappings",
            where=RUNTIME,
            kind=kind,
            mappings=config.linux[f"{kind}Mappings"],
        )
    if all(any(entry["containerID"] == 0 for entry in config.linux[f"{kind}Mappings"]) for kind in ("uid", "gid")):
        yield Step("namespaces.become_root", "config_linux.id_mappings.applied", "$.linux.uidMappings")


def join(context: Context, type_: str, path: str) -> None:
    """Enter an existing namespace; the kernel refuses a file that is not of this type."""
    descriptor = call(os.open, path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    try:
        syscalls.setns(descriptor, FLAGS[type_])
    finally:
        os.close(descriptor)


def create(context: Context, types: list[str]) -> None:
    """Move into new namespaces."""
    flags = 0
    for type_ in types:
        flags |= FLAGS[type_]
    syscalls.unshare(flags)


def map_ids(context: Context, kind: str, mappings: list[dict[str, Any]]) -> None:
    """Write uid_map or gid_map of the container's process."""
    write_mappings(context.pid, kind, mappings)


def write_mappings(pid: int, kind: str, mappings: list[dict[str, Any]]) -> None:
    """Write uid_map or gid_map of the user namespace of a process (user_namespaces(7))."""
    lines = [f"{entry['containerID']} {entry['hostID']} {entry['size']}\n" for entry in mappings]
    if os.geteuid() != 0:
        from reference_runtime import rootless

        rootless.map_ids(pid, kind, lines)
    else:
        kernel_files.write(f"/proc/{pid}/{kind}_map", "".join(lines))


def become_root(context: Context) -> None:
    """Become user and group 0 of the user namespace, which own what is made from here on."""
    call(os.setresgid, 0, 0, 0)
    process.set_groups([])
    call(os.setresuid, 0, 0, 0)


def offset_clock(context: Context, clock: str, seconds: int, nanoseconds: int) -> None:
    """Set a clock of the new time namespace, before it has its first process (time_namespaces(7))."""
    kernel_files.write(f"/proc/{context.pid}/timens_offsets", f"{clock} {seconds} {nanoseconds}\n")


def set_sysctl(context: Context, name: str, value: str) -> None:
    """Write a kernel parameter; the runtime's own /proc shows a process those of its own namespaces."""
    kernel_files.write(f"/proc/sys/{name.replace('.', '/')}", value)


def set_hostname(context: Context, name: str) -> None:
    """Set the host name of the uts namespace."""
    syscalls.sethostname(name)


def set_domainname(context: Context, name: str) -> None:
    """Set the NIS domain name of the uts namespace."""
    syscalls.setdomainname(name)
