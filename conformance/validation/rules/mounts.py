"""Mounts: where they are, and what has to be there together. Their options have a module of their own."""

from __future__ import annotations

import itertools

from conformance.validation import namespaces, platforms
from conformance.validation.fault import NOTE, WARNING, Fault
from conformance.validation.mount_options import BIND, MAPPED, PROPAGATION
from conformance.validation.rule import each, rule
from reference_runtime.validation import shown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

_LOOKED_AT = 500
"""Mounts that are compared with each other at the most."""


@rule("mounts.destination", "config.mounts.destination.absolute")
def destination_is_absolute(config: Any) -> Iterator[Fault]:
    """A destination is absolute on the platforms that have no other rule."""
    if platforms.is_other(config):
        yield from _relative(config)


@rule("mounts.destination_before", "config.mounts.destination.linux.must_be_absolute")
def destination_was_absolute(config: Any) -> Iterator[Fault]:
    """A destination was absolute on Linux, too, before version 1.2.0 of the specification."""
    if not platforms.is_windows(config) and not platforms.is_other(config):
        yield from _relative(config)


@rule("mounts.relative", "config.mounts.destination.linux.absolute", severity=WARNING)
def destination_should_be_absolute(config: Any) -> Iterator[Fault]:
    """A destination is absolute on Linux, unless an old program needs it otherwise."""
    if not platforms.is_windows(config) and not platforms.is_other(config):
        for fault in _relative(config):
            yield Fault(fault.path, f"{fault.problem}: it is relative to /, and that is deprecated")


def _relative(config: Any) -> Iterator[Fault]:
    for path, destination in each(config, "mounts", ..., "destination", of=str):
        if destination and not destination.startswith("/"):
            yield Fault(path, f"{shown(destination)} is no absolute path")


@rule("mounts.windows_destination", "config.mounts.destination.windows.absolute")
def windows_destination_is_absolute(config: Any) -> Iterator[Fault]:
    """A destination is absolute on Windows."""
    if platforms.is_windows(config):
        for path, destination in each(config, "mounts", ..., "destination", of=str):
            if destination and not platforms.is_absolute_on_windows(destination):
                yield Fault(path, f"{shown(destination)} is no absolute path on Windows, such as C:\\data")


@rule("mounts.nested", "config.mounts.destination.windows.nested")
def windows_destinations_are_apart(config: Any) -> Iterator[Fault]:
    """No destination lies in another one on Windows."""
    if not platforms.is_windows(config):
        return
    found = list(each(config, "mounts", ..., "destination", of=str))
    # In this order, what lies in a directory comes right after it, or after something else that does.
    ordered = sorted(
        (destination.replace("/", "\\").lower().rstrip("\\"), i) for i, (_, destination) in enumerate(found)
    )
    for (outer, one), (inner, other) in itertools.pairwise(ordered):
        if inner.startswith(f"{outer}\\"):
            (path, destination), (other_path, other_destination) = found[max(one, other)], found[min(one, other)]
            problem = f"{destination} and {other_destination} must not be nested"
            yield Fault(path, problem, related=[("the other one", other_path)])


@rule("mounts.windows_source", "config.mounts.source.windows")
def windows_source_is_local(config: Any) -> Iterator[Fault]:
    """A source is on the host itself on Windows."""
    if platforms.is_windows(config):
        for path, source in each(config, "mounts", ..., "source", of=str):
            start = source.replace("/", "\\")
            # \\.\ and \\?\ are pipes, devices and volumes of the host.
            if start.startswith("\\\\") and start[2:4] not in (".\\", "?\\"):
                yield Fault(path, f"{shown(source)} is a UNC path, and a local directory is needed")


@rule(
    "mounts.idmap",
    "config.mounts.options.idmap.no_namespace",
    "config.mounts.options.ridmap.no_namespace",
)
def mapped_mount_has_mappings(config: Any) -> Iterator[Fault]:
    """A mount that is to be mapped has mappings, or the container has a user namespace that has some."""
    if not namespaces.is_inherited(config, "user"):
        return
    for path, mount in each(config, "mounts", ..., of=dict):
        if mount.get("uidMappings") or mount.get("gidMappings"):
            continue
        for index, option in enumerate(_options(mount)):
            if option in MAPPED:
                yield Fault(
                    f"{path}.options[{index}]",
                    f"{option} needs uidMappings and gidMappings, for the container has no user namespace",
                    requirements=[f"config.mounts.options.{option}.no_namespace"],
                )
                break


@rule(
    "mounts.mapped",
    "config.mounts.uid_mappings.option",
    "config.mounts.gid_mappings.option",
    severity=WARNING,
)
def mappings_have_an_option(config: Any) -> Iterator[Fault]:
    """A mount with mappings says in its options that it is to be mapped, so that no runtime overlooks it."""
    for path, mount in each(config, "mounts", ..., of=dict):
        names = [name for name in ("uidMappings", "gidMappings") if mount.get(name)]
        if names and not any(option in MAPPED for option in _options(mount)):
            yield Fault(
                path,
                f"has {' and '.join(names)}, and should have idmap or ridmap among its options",
                requirements=[f"config.mounts.{name[:3]}_mappings.option" for name in names],
            )


@rule("mounts.bind", severity=WARNING)
def bind_is_an_option(config: Any) -> Iterator[Fault]:
    """A mount is made a bind mount by its options, and no filesystem is called bind."""
    for path, mount in each(config, "mounts", ..., of=dict):
        if mount.get("type") in BIND and not _has(mount, *BIND):
            yield Fault(
                f"{path}.type", f"{mount['type']} makes no bind mount: one of its options has to be bind or rbind"
            )


@rule("mounts.bind_source", severity=WARNING)
def bind_has_a_source(config: Any) -> Iterator[Fault]:
    """There is something to bind."""
    for path, mount in each(config, "mounts", ..., of=dict):
        if _has(mount, *BIND) and mount.get("source", "") == "":
            yield Fault(f"{path}.source", "is needed for a bind mount")


@rule("mounts.type", severity=NOTE)
def mount_has_a_type(config: Any) -> Iterator[Fault]:
    """What is no bind mount, and does not change a mount, is a filesystem of some type."""
    for path, mount in each(config, "mounts", ..., of=dict):
        if (
            platforms.is_linux(config)
            and mount.get("type", "") == ""
            and not _has(mount, *BIND, *PROPAGATION, "remount")
        ):
            yield Fault(f"{path}.type", "is needed by mount(2), for this is no bind mount")


@rule("mounts.hidden", severity=NOTE)
def mount_can_be_seen(config: Any) -> Iterator[Fault]:
    """No later mount hides an earlier one."""
    seen: dict[str, str] = {}
    mounts = [] if platforms.is_windows(config) else each(config, "mounts", ..., of=dict)
    for _, (path, mount) in zip(range(_LOOKED_AT), mounts, strict=False):
        destination = mount.get("destination")
        if not isinstance(destination, str) or _has(mount, *PROPAGATION, "remount"):
            continue
        own = "/".join(part for part in destination.split("/") if part not in ("", "."))
        below = [place for name, place in seen.items() if own in ("", name) or name.startswith(f"{own}/")]
        if below:
            related = [("what is hidden", place) for place in below]
            yield Fault(f"{path}.destination", "hides an earlier mount, which is at it or below it", related=related)
        seen[own] = path


def _options(mount: dict[str, Any]) -> list[Any]:
    options = mount.get("options")
    return options if isinstance(options, list) else []


def _has(mount: dict[str, Any], *wanted: str) -> bool:
    return any(option in wanted for option in _options(mount))
